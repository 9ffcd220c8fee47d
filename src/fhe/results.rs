//! Result blocks, and how a client reads them. A block is two digits, d0 + 4 d1, one value of 0..=15. The server's side
//! is in [`circuit`](super::circuit).

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
