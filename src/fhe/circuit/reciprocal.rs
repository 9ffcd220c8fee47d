//! Division by a public number as multiplication by its reciprocal in base 4.
//!
//! q = floor(t / n) = floor((t m + b) / 4^k) with m near 4^k / n. Multiplying digit by digit is linear: coefficient i of
//! m times digit j of t belongs in column i + j, and no table is needed, only the sum of the columns. Those below a
//! cut are left out. The bias b outweighs what is missing then; the result is exact as long as
//!
//! ```text
//! 0 <= b - (largest sum left out) - (t n / 4^k lacking in m)
//! t (n m - 4^k) + n (b - (smallest sum left out)) < 4^k        for the largest t
//! ```
//!
//! because the fraction of t / n is at most (n - 1) / n.

/// One product of a digit and a coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Product {
    /// Position of the digit.
    pub(super) digit: usize,
    /// Column, counted from the cut.
    pub(super) column: usize,
    /// -2..=2, not 0.
    pub(super) coefficient: i32,
}

/// How to divide numbers up to some bound by one divisor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reciprocal {
    /// Columns to sum, modulo 4^width. The quotient is in the last ones.
    pub(super) width: usize,
    /// What to sum. A product with a negative coefficient is added as `3 |m| - |m| t`.
    pub(super) terms: Vec<Product>,
    /// What to add in all.
    pub(super) constant: u128,
}

/// Coefficients of m, least significant first.
fn recode(mut m: i128) -> Vec<i32> {
    let mut coefficients = Vec::new();
    while m != 0 {
        let coefficient = match m.rem_euclid(4) {
            3 => -1,
            // A carry costs nothing where the next coefficient is 2 or 3 already.
            2 if (m >> 2).rem_euclid(4) >= 2 => -2,
            other => other as i32,
        };
        m = (m - i128::from(coefficient)) >> 2;
        coefficients.push(coefficient);
    }
    coefficients
}

impl Reciprocal {
    /// For numbers up to `most` whose quotient has at most `digits` digits: the cheapest of several.
    pub(super) fn new(divisor: u64, most: u64, digits: usize) -> Self {
        let (n, most) = (i128::from(divisor.max(1)), i128::from(most));
        let least = (128 - (n * (most + 1)).leading_zeros() as usize).div_ceil(2);
        let candidates = (least.saturating_sub(1)..least + 5).flat_map(|power| {
            let near = (1_i128 << (2 * power)) / n;
            (near - 3..=near + 4).filter_map(move |m| Self::with(n, most, digits, power, m))
        });
        let best = candidates.min_by_key(|(cost, _)| *cost);
        // With m = near + 1 and nothing cut, power = least + 4 always satisfies the inequality.
        best.map_or(Self { width: digits, terms: Vec::new(), constant: 0 }, |(_, reciprocal)| reciprocal)
    }

    /// With a given m and power of 4, at the highest cut that is exact.
    fn with(n: i128, most: i128, digits: usize, power: usize, m: i128) -> Option<(i32, Self)> {
        let coefficients = recode(m);
        let places = (128 - most.leading_zeros() as usize).div_ceil(2);
        let products: Vec<(usize, usize, i32)> = coefficients
            .iter()
            .enumerate()
            .filter(|(_, coefficient)| **coefficient != 0)
            .flat_map(|(i, coefficient)| (0..places).map(move |j| (j, i + j, *coefficient)))
            .collect();
        let excess = n * m - (1 << (2 * power));
        let lacking = (most * (-excess).max(0) + n - 1) / n;
        (0..=power).rev().find_map(|cut| {
            let (mut smallest, mut largest) = (0_i128, 0_i128);
            for (_, column, coefficient) in products.iter().filter(|(_, column, _)| *column < cut) {
                let worth = i128::from(3 * coefficient) << (2 * column);
                smallest += worth.min(0);
                largest += worth.max(0);
            }
            let unit = 1_i128 << (2 * cut);
            let bias = (largest + lacking + unit - 1) / unit * unit;
            let exact = most * excess.max(0) + n * (bias - smallest) < 1 << (2 * power);
            exact.then(|| Self::cut_at(cut, power - cut + digits, bias / unit, &products))
        })
    }

    fn cut_at(cut: usize, width: usize, bias: i128, products: &[(usize, usize, i32)]) -> (i32, Self) {
        let mut worth = vec![3; width];
        let mut terms = Vec::new();
        let mut constant = bias;
        for (digit, column, coefficient) in products.iter().filter(|(_, column, _)| *column >= cut) {
            let column = column - cut;
            let Some(worth) = worth.get_mut(column) else { continue };
            *worth += 3 * coefficient.abs();
            constant += i128::from(3 * (*coefficient).min(0)) << (2 * column);
            terms.push(Product { digit: *digit, column, coefficient: *coefficient });
        }
        // A carry for each column, and two bootstraps for each 20 that a column is worth beyond 15.
        let cost = worth.iter().map(|worth| 10 + (worth - 15).max(0)).sum();
        let constant = constant.rem_euclid(1 << (2 * width)) as u128;
        (cost, Self { width, terms, constant })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same sum in integers.
    fn apply(reciprocal: &Reciprocal, t: u64, digits: usize) -> u64 {
        let sum: u128 = reciprocal.terms.iter().fold(reciprocal.constant, |sum, product| {
            let digit = (t >> (2 * product.digit)) as i32 & 3;
            let shifted = 3 * (-product.coefficient).max(0) + product.coefficient * digit;
            sum + ((shifted as u128) << (2 * product.column))
        });
        let wrapped = sum & ((1 << (2 * reciprocal.width)) - 1);
        (wrapped >> (2 * (reciprocal.width - digits))) as u64
    }

    #[test]
    fn every_divisor_divides_exactly_at_both_ends_of_every_quotient() {
        for n in 1..=1_000_u64 {
            let most = n * 16_383 + n / 2;
            let reciprocal = Reciprocal::new(n, most, 7);
            assert!(!reciprocal.terms.is_empty(), "{n}");
            for quotient in (0..16_384).step_by(if n % 50 == 7 { 1 } else { 97 }).chain([1, 2, 16_382, 16_383]) {
                let (first, last) = (quotient * n, (quotient * n + n - 1).min(most));
                assert_eq!(apply(&reciprocal, first, 7), quotient, "{first} / {n}");
                assert_eq!(apply(&reciprocal, last, 7), quotient, "{last} / {n}");
            }
        }
    }
}
