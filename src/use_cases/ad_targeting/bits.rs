//! How many bits a score and a coefficient of a result have.
//!
//! A score of p bits leaves half a box of 2^(63-p) for the error of its phase. Nearly all of that error comes from
//! rounding the mask to q bits: standard deviation sqrt(512 / 12) * 2^(64-q) = 2^(66.7-q) (see
//! [`rounding`](super::rounding)). With q = p + 8 the half box is 19.6 standard deviations wide, which a Gaussian leaves
//! with a probability below 2^-250; with q = p + 7 it would be 9.8 and 2^-70. What 32-bit arithmetic adds (see
//! [`kernel`](super::kernel)) does not count beside it.

/// p and q.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bits {
    /// p: a score lies in 0..2^p.
    pub(crate) plaintext: u8,
    /// q: a coefficient of a result, rounded.
    pub(crate) result: u8,
}

/// For catalogues whose rows sum to at most 255.
const SMALL: Bits = Bits { plaintext: 8, result: 16 };
/// For catalogues whose rows sum to at most 1,023.
const LARGE: Bits = Bits { plaintext: 10, result: 18 };

impl Bits {
    /// The largest row sum of any catalogue.
    pub(crate) const MAX_SCORE: u16 = LARGE.max_score();

    /// The smallest choice that holds every score up to `largest`; none if the catalogue does not fit.
    pub(crate) fn for_scores_up_to(largest: u16) -> Option<Self> {
        [SMALL, LARGE].into_iter().find(|bits| largest <= bits.max_score())
    }

    /// The choice with these p and q, if it is one.
    pub(crate) fn known(plaintext: u8, result: u8) -> Option<Self> {
        [SMALL, LARGE].into_iter().find(|bits| *bits == Self { plaintext, result })
    }

    const fn max_score(self) -> u16 {
        (1 << self.plaintext) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_row_sum_chooses_the_bits() {
        assert_eq!(Bits::for_scores_up_to(0), Some(SMALL));
        assert_eq!(Bits::for_scores_up_to(255), Some(SMALL));
        assert_eq!(Bits::for_scores_up_to(256), Some(LARGE));
        assert_eq!(Bits::for_scores_up_to(1_023), Some(LARGE));
        assert_eq!(Bits::for_scores_up_to(1_024), None);
        assert_eq!(Bits::known(8, 16), Some(SMALL));
        assert_eq!(Bits::known(8, 18), None);
    }
}
