//! The statistics in the clear: specification and test oracle.

use super::Statistics;

/// Largest weight, in 0.1 kg: 14 bits.
pub const MAX_WEIGHT: u16 = 16_383;
/// Most weights of one request.
pub const MAX_WEIGHTS: usize = 1_000;

/// Exact minimum and maximum, and the average rounded to the nearest 0.1 kg, half up: (sum + n/2) / n in integers.
/// None of no weights.
pub fn statistics(weights: &[u16]) -> Option<Statistics> {
    let (min, max) = (*weights.iter().min()?, *weights.iter().max()?);
    let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let n = weights.len() as u64;
    let avg = u16::try_from((sum + n / 2) / n).ok()?;
    Some(Statistics { min, max, avg })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_is_rounded_to_the_nearest_half_up() {
        let average = |weights: &[u16]| statistics(weights).unwrap().avg;
        assert_eq!(average(&[1, 2]), 2);
        assert_eq!(average(&[1, 1, 2]), 1);
        assert_eq!(average(&[1, 2, 2]), 2);
        assert_eq!(average(&[0, 0, 0, 1]), 0);
        assert_eq!(average(&[0, 0, 1, 1]), 1);
    }

    #[test]
    fn the_largest_request_does_not_overflow() {
        let all_max = vec![MAX_WEIGHT; MAX_WEIGHTS];
        assert_eq!(statistics(&all_max), Some(Statistics { min: MAX_WEIGHT, max: MAX_WEIGHT, avg: MAX_WEIGHT }));
    }

    #[test]
    fn one_weight_is_its_own_statistics_and_none_has_none() {
        assert_eq!(statistics(&[700]), Some(Statistics { min: 700, max: 700, avg: 700 }));
        assert_eq!(statistics(&[]), None);
    }
}
