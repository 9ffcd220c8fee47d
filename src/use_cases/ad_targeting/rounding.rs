//! Rounding of ciphertexts to fewer bits, without the part of its error that can be foreseen.
//!
//! When the mask changes by the polynomial d, the phase changes by -(s * d), where s is the secret key and * the product
//! modulo X^2048 + 1. Coefficients of s are 0 or 1, one half on average, and whoever rounds knows d:
//! adding 1/2 * (1 + X + .. + X^2047) * d to the body leaves the error of (s - 1/2) * d. That has the variance of
//! 512 rounding errors whatever the key is, instead of one for each of its about 1,024 ones, and it does not grow when
//! neighbouring coefficients are added up, as the product with positive weights does.

use super::layout::POLYNOMIAL;

/// A polynomial, coefficients as the top 32 bits of torus elements.
pub(crate) type Polynomial = [u32; POLYNOMIAL];

/// A torus element rounded half up to its top 32 bits; the largest ones become 0, as on a circle.
pub(crate) const fn top_half(torus: u64) -> u32 {
    (torus.wrapping_add(1 << 31) >> 32) as u32
}

/// The top `bits` bits (1..=31) of `coefficient`, rounded half up.
pub(crate) const fn top_bits(coefficient: u32, bits: u32) -> u32 {
    coefficient.wrapping_add(1 << (31 - bits)) >> (32 - bits)
}

/// Rounds a mask of full precision to 32 bits, and adds to `body` what that will do to the phases on average.
pub(crate) fn round_request(mask: &[u64], body: &mut Polynomial) -> Box<Polynomial> {
    let mut rounded = Box::new([0; POLYNOMIAL]);
    rounded.iter_mut().zip(mask).for_each(|(to, from)| *to = top_half(*from));
    let errors = rounded.iter().zip(mask).map(|(to, from)| (u64::from(*to) << 32).wrapping_sub(*from).cast_signed());
    for (coefficient, drift) in body.iter_mut().zip(Drift::of(errors).all()) {
        *coefficient = coefficient.wrapping_add(top_half(drift.cast_unsigned()));
    }
    rounded
}

/// Rounds a mask, and the body coefficients at some positions, to `bits` bits: first the mask, then the others.
pub(crate) fn round_group(mask: &Polynomial, bodies: impl Iterator<Item = (usize, u32)>, bits: u32) -> Vec<u32> {
    let mut rounded: Vec<u32> = mask.iter().map(|coefficient| top_bits(*coefficient, bits)).collect();
    let error = |(to, from): (&u32, &u32)| i64::from((to << (32 - bits)).wrapping_sub(*from).cast_signed());
    let drift = Drift::of(rounded.iter().zip(mask).map(error));
    rounded.extend(bodies.map(|(position, body)| top_bits(body.wrapping_add(drift.at(position) as u32), bits)));
    rounded
}

/// (1/2 * (1 + X + .. + X^2047) * d) for the errors d of a mask: the average change of the phase.
struct Drift {
    /// Sum of the errors up to each coefficient.
    sums: Vec<i64>,
    total: i64,
}

impl Drift {
    fn of(errors: impl Iterator<Item = i64>) -> Self {
        let mut total = 0;
        let sums = errors
            .map(|error| {
                total += error;
                total
            })
            .collect();
        Self { sums, total }
    }

    /// At one coefficient: those errors count positively that do not wrap around to it.
    fn at(&self, index: usize) -> i64 {
        self.sums.get(index).map_or(0, |sum| (2 * sum - self.total) >> 1)
    }

    fn all(&self) -> impl Iterator<Item = i64> {
        (0..self.sums.len()).map(|index| self.at(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_half_up_and_wraps_around_the_torus() {
        assert_eq!(top_half(0x0000_0001_7fff_ffff), 1);
        assert_eq!(top_half(0x0000_0001_8000_0000), 2);
        assert_eq!(top_half(u64::MAX), 0);
        for (coefficient, rounded) in [(0x0001_7fff, 1), (0x0001_8000, 2), (0xffff_8000, 0), (0xffff_7fff, 0xffff)] {
            assert_eq!(top_bits(coefficient, 16), rounded, "{coefficient:x}");
        }
    }

    #[test]
    fn the_drift_is_half_the_negacyclic_sum_of_the_errors() {
        let drift = Drift::of([8, -2, 4].into_iter());
        // Coefficient i of (1 + X + X^2) * (8 - 2 X + 4 X^2) mod X^3 + 1, halved: (8 + 2 - 4, 8 - 2 - 4, 8 - 2 + 4) / 2.
        assert_eq!(drift.all().collect::<Vec<_>>(), [3, 1, 5]);
    }

    #[test]
    fn rounding_keeps_what_needs_no_rounding() {
        let mask: Polynomial = std::array::from_fn(|i| (i as u32) << 16);
        let rounded = round_group(&mask, [(61, 7 << 16), (123, (1 << 16) - 1)].into_iter(), 16);
        assert!(rounded[..POLYNOMIAL].iter().copied().eq(0..POLYNOMIAL as u32));
        assert_eq!(rounded[POLYNOMIAL..], [7, 1]);
        let full: Vec<u64> = mask.iter().map(|coefficient| u64::from(*coefficient) << 32).collect();
        let mut body = [5; POLYNOMIAL];
        assert_eq!(*round_request(&full, &mut body), mask);
        assert_eq!(body, [5; POLYNOMIAL]);
    }
}
