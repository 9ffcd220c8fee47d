//! How rows of weights lie in polynomials.
//!
//! A profile is the polynomial X with feature j at coefficient j. A group of up to 33 rows is the polynomial P with
//! P[62 r + 61 - j] = weight j of its row r. Coefficient 62 r + 61 of X * P mod (X^2048 + 1) is then the score of row
//! r: the degrees of X and P sum to at most 61 + 2,045, so what wraps around lands below coefficient 61.

use super::FEATURES;

/// N: number of coefficients of a polynomial.
pub(crate) const POLYNOMIAL: usize = 2_048;
/// Distance of two rows in a polynomial.
pub(crate) const STRIDE: usize = FEATURES;
/// Rows that share a polynomial.
pub(crate) const ROWS_PER_GROUP: usize = POLYNOMIAL / STRIDE;
/// No catalogue has more rows: a result stays below 15 MB.
pub(crate) const MAX_ROWS: usize = 100_000;

/// The polynomial of a group of rows, as the kernel wants it: equal weights together, so that a product is mostly
/// additions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// Number of rows, 1..=[`ROWS_PER_GROUP`].
    pub(crate) rows: usize,
    /// Its non-zero coefficients.
    pub(crate) terms: Vec<Terms>,
}

/// The coefficients of a polynomial that have one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    /// The value.
    pub(crate) weight: u32,
    /// Where it stands, ascending, each below [`POLYNOMIAL`].
    pub(crate) exponents: Vec<u16>,
}

impl Group {
    /// The group of these rows, of which there are at most [`ROWS_PER_GROUP`].
    fn new(rows: &[[u8; FEATURES]]) -> Self {
        let mut coefficients: Vec<(u8, u16)> = rows
            .iter()
            .enumerate()
            .flat_map(|(r, weights)| {
                let exponent = move |j: usize| (position(r) - j) as u16;
                weights.iter().enumerate().map(move |(j, &weight)| (weight, exponent(j)))
            })
            .filter(|&(weight, _)| weight != 0)
            .collect();
        coefficients.sort_unstable();
        let terms = coefficients
            .chunk_by(|a, b| a.0 == b.0)
            .filter_map(|chunk| {
                let weight = u32::from(chunk.first()?.0);
                Some(Terms { weight, exponents: chunk.iter().map(|&(_, exponent)| exponent).collect() })
            })
            .collect();
        Self { rows: rows.len(), terms }
    }
}

/// The coefficient that is the score of row `r` of a group, r < [`ROWS_PER_GROUP`].
pub(crate) const fn position(r: usize) -> usize {
    STRIDE * r + STRIDE - 1
}

/// All rows, in groups.
pub(crate) fn groups(weights: &[[u8; FEATURES]]) -> Vec<Group> {
    weights.chunks(ROWS_PER_GROUP).map(Group::new).collect()
}

/// Rows of each group of a catalogue of `rows` rows: full ones, then the rest.
pub(crate) fn group_sizes(rows: usize) -> impl Iterator<Item = usize> {
    (0..rows).step_by(ROWS_PER_GROUP).map(move |first| ROWS_PER_GROUP.min(rows - first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_row_of_a_group_ends_inside_the_polynomial() {
        assert_eq!(ROWS_PER_GROUP, 33);
        assert_eq!(position(0), 61);
        assert_eq!(position(ROWS_PER_GROUP - 1), 2_045);
        assert!(position(ROWS_PER_GROUP - 1) + STRIDE - 1 - POLYNOMIAL < position(0));
    }

    #[test]
    fn groups_hold_each_weight_where_it_meets_its_feature() {
        let mut rows = vec![[0; FEATURES]; 34];
        (rows[0][0], rows[0][61], rows[1][5], rows[33][61]) = (10, 3, 10, 1);
        let terms = |weight, exponents: &[u16]| Terms { weight, exponents: exponents.to_vec() };
        assert_eq!(
            groups(&rows),
            [
                Group { rows: 33, terms: vec![terms(3, &[0]), terms(10, &[61, 118])] },
                Group { rows: 1, terms: vec![terms(1, &[0])] },
            ]
        );
    }

    #[test]
    fn group_sizes_are_full_but_for_the_last() {
        assert_eq!(group_sizes(67).collect::<Vec<_>>(), [33, 33, 1]);
        assert_eq!(group_sizes(33).collect::<Vec<_>>(), [33]);
        assert_eq!(group_sizes(0).count(), 0);
    }
}
