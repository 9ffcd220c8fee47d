//! Digits: integer combinations of what is encrypted.

use std::ops::{Add, Mul, Neg, RangeInclusive, Sub};

/// The bootstrap, or the fresh encryption, that a ciphertext comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Noise {
    /// Encrypted by the client.
    Fresh,
    /// An output of this bootstrap. All outputs of one bootstrap share their noise.
    Bootstrap(u32),
}

/// One ciphertext times a small integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Number of the ciphertext in its circuit.
    pub source: u32,
    /// The factor.
    pub coefficient: i32,
    pub(super) noise: Noise,
}

/// Sum of coefficients * ciphertexts + constant; the constant in half steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// Ordered by source, each source once, no zero coefficient.
    pub terms: Vec<Term>,
    /// Half steps.
    pub constant: i32,
}

/// An encrypted small number that carries what is known about it: the combination it is, the range it cannot leave, the
/// variance of its noise.
///
/// It is written with `+`, `-` and `*` like any number; none of them costs a bootstrap. Inside, values are counted in
/// half steps, because a sign comes out of a table as +-1/2.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digit {
    pub(super) form: Form,
    pub(super) low: i32,
    pub(super) high: i32,
    pub(super) depth: u32,
}

/// Variance of a fresh encryption's noise in units of a bootstrap output's. It is 2^-66 for the pinned parameters
/// (see [`noise`](super::noise)); rounded up to stay on the safe side.
pub(super) const FRESH_VARIANCE: f64 = 1.0 / (1_u64 << 32) as f64;

impl Form {
    /// Variance of the noise, in units of one bootstrap output's. Bootstraps are independent, the outputs of one are
    /// not: their coefficients add up before they are squared.
    pub fn variance(&self) -> f64 {
        // The outputs of one bootstrap have consecutive numbers, so their terms lie side by side.
        let alike = |one: &Term, other: &Term| one.noise == other.noise && one.noise != Noise::Fresh;
        self.terms
            .chunk_by(alike)
            .map(|same| {
                let weight: i64 = same.iter().map(|term| i64::from(term.coefficient.abs())).sum();
                same.first().map_or(0.0, |term| variance_of(term.noise, weight))
            })
            .sum()
    }
}

fn variance_of(noise: Noise, weight: i64) -> f64 {
    let square = (weight * weight) as f64;
    if noise == Noise::Fresh { square * FRESH_VARIANCE } else { square }
}

impl Digit {
    /// A number that everybody knows.
    pub fn constant(value: i32) -> Self {
        Self { form: Form { terms: Vec::new(), constant: 2 * value }, low: 2 * value, high: 2 * value, depth: 0 }
    }

    pub(super) fn source(source: u32, noise: Noise, low: i32, high: i32, depth: u32) -> Self {
        let term = Term { source, coefficient: 1, noise };
        Self { form: Form { terms: vec![term], constant: 0 }, low, high, depth }
    }

    /// Sum of factors * digits.
    pub fn combine<'a>(parts: impl IntoIterator<Item = (i32, &'a Digit)>) -> Self {
        let mut sum = Self::default();
        for (factor, digit) in parts {
            sum.form
                .terms
                .extend(digit.form.terms.iter().map(|term| Term { coefficient: factor * term.coefficient, ..*term }));
            sum.form.constant += factor * digit.form.constant;
            let (one, other) = (factor * digit.low, factor * digit.high);
            sum.low += one.min(other);
            sum.high += one.max(other);
            sum.depth = sum.depth.max(digit.depth);
        }
        sum.form.terms.sort_unstable_by_key(|term| term.source);
        sum.form.terms.dedup_by(|next, kept| {
            let same = next.source == kept.source;
            if same {
                kept.coefficient += next.coefficient;
            }
            same
        });
        sum.form.terms.retain(|term| term.coefficient != 0);
        sum
    }

    /// Sum of digits.
    pub fn sum<'a>(digits: impl IntoIterator<Item = &'a Digit>) -> Self {
        Self::combine(digits.into_iter().map(|digit| (1, digit)))
    }

    /// The digit plus `halves` / 2: what makes 0 and 1 of a sign -1/2 and 1/2.
    #[must_use]
    pub fn plus_halves(mut self, halves: i32) -> Self {
        self.form.constant += halves;
        self.low += halves;
        self.high += halves;
        self
    }

    /// Smallest value, rounded down to a whole number.
    pub fn low(&self) -> i32 {
        self.low.div_euclid(2)
    }

    /// Largest value, rounded down to a whole number.
    pub fn high(&self) -> i32 {
        self.high.div_euclid(2)
    }

    /// Smallest and largest value.
    pub fn range(&self) -> RangeInclusive<i32> {
        self.low()..=self.high()
    }

    /// Variance of its noise, in units of one bootstrap output's.
    pub fn variance(&self) -> f64 {
        self.form.variance()
    }

    /// Bootstraps on the longest way from the inputs to here.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    pub(super) fn is_whole(&self) -> bool {
        self.low % 2 == 0
    }
}

impl Add for &Digit {
    type Output = Digit;
    fn add(self, other: &Digit) -> Digit {
        Digit::combine([(1, self), (1, other)])
    }
}

impl Sub for &Digit {
    type Output = Digit;
    fn sub(self, other: &Digit) -> Digit {
        Digit::combine([(1, self), (-1, other)])
    }
}

impl Neg for &Digit {
    type Output = Digit;
    fn neg(self) -> Digit {
        Digit::combine([(-1, self)])
    }
}

impl Mul<&Digit> for i32 {
    type Output = Digit;
    fn mul(self, digit: &Digit) -> Digit {
        Digit::combine([(self, digit)])
    }
}

impl Add<i32> for Digit {
    type Output = Digit;
    fn add(self, whole: i32) -> Digit {
        self.plus_halves(whole + whole)
    }
}

impl Add<i32> for &Digit {
    type Output = Digit;
    fn add(self, whole: i32) -> Digit {
        self.clone() + whole
    }
}

impl Add<&Digit> for Digit {
    type Output = Digit;
    fn add(self, other: &Digit) -> Digit {
        &self + other
    }
}

impl Sub<&Digit> for Digit {
    type Output = Digit;
    fn sub(self, other: &Digit) -> Digit {
        &self - other
    }
}

impl Add for Digit {
    type Output = Digit;
    fn add(self, other: Digit) -> Digit {
        &self + &other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bootstrapped(source: u32, number: u32) -> Digit {
        Digit::source(source, Noise::Bootstrap(number), 0, 6, 1)
    }

    #[test]
    fn what_meets_itself_again_adds_up_before_it_is_squared() {
        let (x, y) = (bootstrapped(0, 0), bootstrapped(1, 1));
        assert!(((&x + &y).variance() - 2.0).abs() < 1e-6);
        assert!(((&x + &x).variance() - 4.0).abs() < 1e-6);
        assert!((&x - &x).variance().abs() < 1e-6);
        let sibling = bootstrapped(2, 0);
        assert!(((&x - &sibling).variance() - 4.0).abs() < 1e-6, "two outputs of one bootstrap share their noise");
        assert!(((&(4 * &x) + &y).variance() - 17.0).abs() < 1e-6);
    }

    #[test]
    fn ranges_follow_the_combination() {
        let (x, y) = (bootstrapped(0, 0), bootstrapped(1, 1));
        assert_eq!((4 * &x - &y + 3).range(), 0..=15);
        assert_eq!(Digit::constant(5).range(), 5..=5);
        assert_eq!(Digit::sum([&x, &y, &x]).range(), 0..=9);
    }

    #[test]
    fn fresh_noise_is_small_but_not_nothing() {
        let fresh = Digit::source(0, Noise::Fresh, 0, 6, 0);
        assert!(fresh.variance() > 0.0 && (1000 * &fresh).variance() < 0.1);
    }
}
