//! The encrypted function: the product of an encrypted profile with the weights of every ad.
//!
//! A profile is one GLWE ciphertext (mask A, body B) of polynomials modulo X^2048 + 1. A group of 33 rows is a clear,
//! sparse polynomial P (see [`layout`](super::layout)), so A * P and B * P are an encryption of all its scores: some
//! 330 shifted additions, no bootstrap and no key. Of B * P only the 33 coefficients that are scores are computed; all
//! of A * P is needed to decrypt them.
//!
//! All is done on the top 32 bits of the torus, which doubles the speed. Rounding A and B to them (see
//! [`rounding`](super::rounding)) adds an error of standard deviation sqrt(512 / 12) * 2^32 times the norm of P to
//! phases whose half box is 2^53 or more: 2^42 for the built-in catalogue, below 2^44 for any.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::{
    catalogue::Catalogue,
    layout::{Group, POLYNOMIAL, Terms, position},
    payload::{self, Request},
    rounding::{Polynomial, round_group, round_request},
};
use crate::fhe::{Context, Interrupted};

/// Shifted polynomials that are added in one pass.
const BATCH: usize = 4;

/// Computes the result document for `request`, in parallel over the groups of the catalogue.
pub(crate) fn run(request: &Request, catalogue: &Catalogue, context: &Context) -> Result<Vec<u8>, Interrupted> {
    context.check()?;
    let (facts, groups) = (catalogue.facts(), catalogue.groups());
    let bits = u32::from(facts.bits.result);
    let (mask, body) = factors(request);
    let done = AtomicU64::new(0);
    let packed: Vec<Vec<u8>> = context.install(|| {
        groups
            .par_iter()
            .map(|group| {
                context.check()?;
                let scores = (0..group.rows).map(position).map(|at| (at, body.coefficient(group, at)));
                let packed = payload::pack_group(&round_group(&mask.times(group), scores, bits), facts.bits);
                context.report(done.fetch_add(1, Ordering::Relaxed) + 1, groups.len() as u64);
                Ok(packed)
            })
            .collect::<Result<_, Interrupted>>()
    })?;
    Ok(payload::result(facts, &packed))
}

/// Mask and body of a request.
pub(super) fn factors(request: &Request) -> (Multiples, Multiples) {
    let mut body = request.body.clone();
    let mask = round_request(&request.mask(), &mut body);
    (Multiples::new(&mask), Multiples::new(&body))
}

/// A polynomial, ready to be multiplied by monomials: X^e times it is 2,048 neighbours of `-polynomial | polynomial`.
pub(super) struct Multiples {
    doubled: Vec<u32>,
}

impl Multiples {
    fn new(polynomial: &Polynomial) -> Self {
        let negated = polynomial.iter().map(|coefficient| coefficient.wrapping_neg());
        Self { doubled: negated.chain(polynomial.iter().copied()).collect() }
    }

    /// X^`exponent` times the polynomial, `exponent` < 2,048.
    fn shifted(&self, exponent: u16) -> &Polynomial {
        const ZERO: &Polynomial = &[0; POLYNOMIAL];
        let begin = POLYNOMIAL - usize::from(exponent).min(POLYNOMIAL);
        self.doubled.get(begin..).and_then(|rest| rest.first_chunk()).unwrap_or(ZERO)
    }

    /// The product with the polynomial of `group`.
    pub(super) fn times(&self, group: &Group) -> Box<Polynomial> {
        let mut product: Box<Polynomial> = Box::new([0; POLYNOMIAL]);
        let mut sum: Box<Polynomial> = Box::new([0; POLYNOMIAL]);
        for Terms { weight, exponents } in &group.terms {
            sum.fill(0);
            self.add_shifted(exponents, &mut sum);
            for (total, part) in product.iter_mut().zip(sum.iter()) {
                *total = total.wrapping_add(part.wrapping_mul(*weight));
            }
        }
        product
    }

    /// Adds X^e times the polynomial to `sum` for every e of `exponents`: four at a time, so that the sum is read and
    /// written once for them.
    fn add_shifted(&self, exponents: &[u16], sum: &mut Polynomial) {
        let (batches, rest) = exponents.as_chunks::<BATCH>();
        for batch in batches {
            let [a, b, c, d] = batch.map(|exponent| self.shifted(exponent));
            for ((((total, a), b), c), d) in sum.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                *total = total.wrapping_add(a.wrapping_add(*b)).wrapping_add(c.wrapping_add(*d));
            }
        }
        for exponent in rest {
            for (total, part) in sum.iter_mut().zip(self.shifted(*exponent)) {
                *total = total.wrapping_add(*part);
            }
        }
    }

    /// One coefficient of the product with the polynomial of `group`.
    pub(super) fn coefficient(&self, group: &Group, index: usize) -> u32 {
        let of = |exponent: &u16| self.shifted(*exponent).get(index).copied().unwrap_or(0);
        group.terms.iter().fold(0_u32, |total, Terms { weight, exponents }| {
            let sum = exponents.iter().fold(0_u32, |sum, exponent| sum.wrapping_add(of(exponent)));
            total.wrapping_add(sum.wrapping_mul(*weight))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::use_cases::ad_targeting::{FEATURES, layout};

    /// The product by its definition.
    fn naive(a: &Polynomial, b: &Polynomial) -> Vec<u32> {
        let mut product = vec![0_u32; POLYNOMIAL];
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate().filter(|(_, y)| **y != 0) {
                let term = x.wrapping_mul(*y);
                let slot = &mut product[(i + j) % POLYNOMIAL];
                *slot = if i + j < POLYNOMIAL { slot.wrapping_add(term) } else { slot.wrapping_sub(term) };
            }
        }
        product
    }

    #[test]
    fn the_sparse_product_is_the_negacyclic_product_by_definition() {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8 ^ state << 13
        };
        let polynomial: Polynomial = std::array::from_fn(|_| next());
        let rows: Vec<[u8; FEATURES]> = (0..33)
            .map(|_| std::array::from_fn(|_| if next() % 6 == 0 { (next() % 10) as u8 + 1 } else { 0 }))
            .collect();
        for count in [1, 2, 33] {
            let group = &layout::groups(&rows[..count])[0];
            let mut sparse = [0; POLYNOMIAL];
            for (r, weights) in rows[..count].iter().enumerate() {
                for (j, weight) in weights.iter().enumerate() {
                    sparse[62 * r + 61 - j] = u32::from(*weight);
                }
            }
            let expected = naive(&polynomial, &sparse);
            let multiples = Multiples::new(&polynomial);
            assert_eq!(multiples.times(group).as_slice(), expected);
            for index in [0, 61, 123, 2_045, 2_047] {
                assert_eq!(multiples.coefficient(group, index), expected[index], "coefficient {index}");
            }
        }
    }
}
