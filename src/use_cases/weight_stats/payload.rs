//! What travels.
//!
//! Input: `header (8 bytes) | u32 n | 16 bytes of seed | n x 7 digits of 2 bits`, each digit one u64, the least
//! significant of a weight first. Result: one `CDR1` document for each of `avg`, `min` and `max`, one output of 4 blocks
//! (see [`blocks`](crate::use_cases::blocks)), the last of which is at most 3.

use super::rules::{MAX_WEIGHT, MAX_WEIGHTS};
use crate::{
    fhe::{ClientKeys, DIGIT_BYTES, EncryptedDigits, SEED_BYTES},
    use_cases::{
        InputError, blocks,
        wire::{INPUT_HEADER_BYTES, PayloadError, Reader, UseCaseId, read_input_header, write_input_header},
    },
};

/// Digits of a weight.
pub(super) const DIGITS: usize = 7;
/// Blocks of a result.
pub(super) const BLOCKS: usize = 4;
/// Bytes of the largest input.
pub(super) const MAX_INPUT_BYTES: usize = INPUT_HEADER_BYTES + 4 + SEED_BYTES + MAX_WEIGHTS * DIGITS * DIGIT_BYTES;

/// Encrypts weights (0.1 kg, at most 16,383 each, 1..=1000 of them) into a `CDK1` document.
///
/// # Errors
/// [`PayloadError`].
pub fn encrypt(keys: &ClientKeys, weights: &[u16]) -> Result<Vec<u8>, PayloadError> {
    if weights.is_empty() || weights.len() > MAX_WEIGHTS {
        return Err(PayloadError(format!("{} weights: give 1 to {MAX_WEIGHTS}", weights.len())));
    }
    if let Some((index, weight)) = weights.iter().enumerate().find(|(_, weight)| **weight > MAX_WEIGHT) {
        let (number, kg, grams) = (index + 1, weight / 10, weight % 10);
        return Err(PayloadError(format!("weight {number} is {kg}.{grams} kg: the largest possible is 1638.3 kg")));
    }
    let digits: Vec<u8> =
        weights.iter().flat_map(|weight| (0..DIGITS).map(move |place| (weight >> (2 * place) & 3) as u8)).collect();
    let mut document = Vec::with_capacity(MAX_INPUT_BYTES);
    write_input_header(&mut document, UseCaseId::WeightStats);
    document.extend_from_slice(&(weights.len() as u32).to_le_bytes());
    EncryptedDigits::encrypt(keys, &digits).write(&mut document);
    Ok(document)
}

/// Decrypts one `CDR1` document of the answer (`avg`, `min` or `max`), kind 1 or 2.
///
/// # Errors
/// [`PayloadError`].
pub fn decrypt(keys: &ClientKeys, document: &[u8]) -> Result<u16, PayloadError> {
    let outputs = blocks::decrypt(keys, document, UseCaseId::WeightStats, BLOCKS)?;
    let [output] = outputs.as_slice() else {
        return Err(PayloadError(format!("the result has {} outputs, expected 1", outputs.len())));
    };
    let weight = output.iter().rev().fold(0_u16, |weight, block| weight << 4 | u16::from(*block));
    if weight > MAX_WEIGHT { Err(blocks::not_for_this_key()) } else { Ok(weight) }
}

/// An input whose shape is right.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Input {
    /// Number of weights, 1..=1000.
    pub(super) weights: usize,
    /// Of the masks.
    pub(super) seed: [u8; SEED_BYTES],
    /// Seven digits a weight.
    pub(super) bodies: Vec<u64>,
}

/// Header and count; leaves `reader` where the seed must begin, with exactly as much left as the count needs.
pub(super) fn check(document: &[u8]) -> Result<(usize, Reader<'_>), InputError> {
    let mut reader = Reader::new(document);
    read_input_header(&mut reader, UseCaseId::WeightStats)?;
    let weights = reader.u32("the number of weights")? as usize;
    if weights == 0 || weights > MAX_WEIGHTS {
        return Err(InputError::Invalid(format!("the input claims {weights} weights: 1 to {MAX_WEIGHTS} are allowed")));
    }
    reader.expect_remaining(SEED_BYTES + weights * DIGITS * DIGIT_BYTES, &format!("{weights} weights"))?;
    Ok((weights, reader))
}

/// Reads a whole input.
pub(super) fn read(document: &[u8]) -> Result<Input, InputError> {
    let (weights, mut reader) = check(document)?;
    let seed = reader.array("the seed")?;
    let bodies = reader.last_u64s(weights * DIGITS, "the digits")?;
    Ok(Input { weights, seed, bodies })
}
