//! Result blocks: two digits packed into four bits by the server, and how a client reads them.
//!
//! A block is d0 + 4 d1, one value of 0..=15. Packing multiplies the noise variance of d1 by 16: with v the variance in
//! units of one bootstrap output, v0 + 16 v1 must stay at or below 25, which holds for digits fresh from a bootstrap or
//! from the input (v <= 1).

use tfhe::shortint::Ciphertext;

use super::{
    ClientKeys,
    parameters::{DIGIT_SHIFT, LARGE_DIMENSION},
};

/// Words of a full block: the mask, then the body.
pub const FULL_BLOCK_WORDS: usize = LARGE_DIMENSION + 1;
/// Bits of a coefficient of a switched block.
pub const SWITCHED_BITS: u32 = 12;

const HALF_DIGIT: u64 = 1 << (DIGIT_SHIFT - 1);
const SWITCHED_MODULUS: u64 = 1 << SWITCHED_BITS;
/// One unit of a block's value in a switched block: 16 values and the padding bit fill 4,096.
const SWITCHED_STEP_LOG: u32 = SWITCHED_BITS - 5;

/// A number's digits, the least significant first, as full blocks.
pub(crate) fn pack_digits(digits: &[Ciphertext]) -> Vec<Vec<u64>> {
    digits.chunks(2).filter_map(|pair| Some(pack_pair(pair.first()?, pair.get(1)))).collect()
}

/// d0 + 4 d1 as the words of a full block; a missing d1 is 0.
fn pack_pair(d0: &Ciphertext, d1: Option<&Ciphertext>) -> Vec<u64> {
    let low = d0.ct.as_ref();
    match d1 {
        None => low.to_vec(),
        Some(d1) => {
            let words = low.iter().zip(d1.ct.as_ref());
            words.map(|(low, high)| low.wrapping_add(high.wrapping_mul(4))).collect()
        }
    }
}

/// The value of a full block, 0..=15; none if the padding bit is set, as in 31 of 32 results for another key.
pub fn decrypt_full(keys: &ClientKeys, words: &[u64]) -> Option<u8> {
    let (body, mask) = words.split_last()?;
    let secret = keys.large_secret_key();
    if mask.len() != secret.len() {
        return None;
    }
    let product = mask.iter().zip(secret).fold(0_u64, |sum, (a, s)| sum.wrapping_add(a.wrapping_mul(*s)));
    let phase = body.wrapping_sub(product);
    in_four_bits(phase.wrapping_add(HALF_DIGIT) >> DIGIT_SHIFT)
}

/// The value of a switched block, 0..=15; none if the padding bit is set.
pub fn decrypt_switched(keys: &ClientKeys, coefficients: &[u32]) -> Option<u8> {
    let (body, mask) = coefficients.split_last()?;
    let secret = keys.small_secret_key();
    if mask.len() != secret.len() {
        return None;
    }
    let product: u64 = mask.iter().zip(secret).map(|(a, s)| u64::from(*a) * u64::from(*s)).sum();
    let half = 1 << (SWITCHED_STEP_LOG - 1);
    let phase = u64::from(*body).wrapping_sub(product).wrapping_add(half) % SWITCHED_MODULUS;
    in_four_bits(phase >> SWITCHED_STEP_LOG)
}

fn in_four_bits(value: u64) -> Option<u8> {
    u8::try_from(value).ok().filter(|value| *value < 16)
}
