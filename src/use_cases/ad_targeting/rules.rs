//! The function in the clear: the specification of ad targeting, and what the encrypted scores are tested against.

use super::{Catalogue, FEATURES};

/// The relevance of every ad, in catalogue order: the sum of the weights of the features that the profile has.
pub fn scores(catalogue: &Catalogue, profile: &[bool; FEATURES]) -> Vec<u16> {
    catalogue.weights().iter().map(|weights| score(weights, profile)).collect()
}

/// The relevance of one ad. At most 62 weights of at most 255: no overflow.
pub fn score(weights: &[u8; FEATURES], profile: &[bool; FEATURES]) -> u16 {
    weights.iter().zip(profile).map(|(&weight, &has)| u16::from(weight) * u16::from(has)).sum()
}

/// The positions of the `count` highest scores, best first; of equal scores the earlier ad comes first.
pub fn best(scores: &[u16], count: usize) -> Vec<usize> {
    let mut order: Vec<(u16, usize)> = scores.iter().copied().zip(0..).collect();
    order.sort_by_key(|&(score, position)| (std::cmp::Reverse(score), position));
    order.into_iter().take(count).map(|(_, position)| position).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_the_sum_of_the_weights_that_the_profile_has() {
        let (mut weights, mut profile) = ([0; FEATURES], [false; FEATURES]);
        (weights[0], weights[20], weights[61]) = (10, 10, 4);
        assert_eq!(score(&weights, &profile), 0);
        (profile[0], profile[1], profile[61]) = (true, true, true);
        assert_eq!(score(&weights, &profile), 14);
        assert_eq!(score(&[255; FEATURES], &[true; FEATURES]), 15_810);
    }

    #[test]
    fn the_best_come_first_and_equal_ones_in_catalogue_order() {
        assert_eq!(best(&[3, 9, 0, 9, 4], 4), [1, 3, 4, 0]);
        assert_eq!(best(&[1, 2], 9), [1, 0]);
        assert!(best(&[], 3).is_empty());
    }
}
