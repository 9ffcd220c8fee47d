//! What travels.
//!
//! Input: `header (8 bytes) | u32 nights | u16 records of each night | 16 bytes of seed | the records`, each record 11
//! digits of one u64: 1 of stage (0..=7), then 5 of start and 5 of duration, 2 bits each, the least significant first.
//! Result: one `CDR1` document, one output of one block (the score, 1..=5) for each night in input order (see
//! [`blocks`](crate::use_cases::blocks)).

use super::{
    prepare::{Record, prepare},
    rules::{Entry, MAX_NIGHTS, MAX_RECORDS},
};
use crate::{
    fhe::{ClientKeys, DIGIT_BYTES, EncryptedDigits, SEED_BYTES},
    use_cases::{
        InputError, blocks,
        wire::{INPUT_HEADER_BYTES, PayloadError, Reader, UseCaseId, read_input_header, write_input_header},
    },
};

/// Digits of a start or a duration.
pub(super) const MINUTE_DIGITS: usize = 5;
/// Digits of a record.
pub(super) const RECORD_DIGITS: usize = 1 + 2 * MINUTE_DIGITS;
const RECORD_BYTES: usize = RECORD_DIGITS * DIGIT_BYTES;
/// Bytes of the largest input.
pub(super) const MAX_INPUT_BYTES: usize =
    INPUT_HEADER_BYTES + 4 + 2 * MAX_NIGHTS + SEED_BYTES + MAX_NIGHTS * MAX_RECORDS * RECORD_BYTES;

/// Encrypts nights into a `CDK1` document, after the preparation that clients owe: order, missing in-bed record, limits.
///
/// # Errors
/// [`PayloadError`], which names night and record.
pub fn encrypt(keys: &ClientKeys, nights: &[Vec<Record>]) -> Result<Vec<u8>, PayloadError> {
    if nights.is_empty() || nights.len() > MAX_NIGHTS {
        return Err(PayloadError(format!("{} nights: give 1 to {MAX_NIGHTS}", nights.len())));
    }
    let nights: Vec<Vec<Entry>> =
        nights.iter().enumerate().map(|(index, night)| prepare(index + 1, night)).collect::<Result<_, _>>()?;
    let digits: Vec<u8> = nights.iter().flatten().flat_map(|entry| digits(*entry)).collect();
    let mut document = Vec::new();
    write_input_header(&mut document, UseCaseId::SleepQuality);
    document.extend_from_slice(&(nights.len() as u32).to_le_bytes());
    document.extend(nights.iter().flat_map(|night| (night.len() as u16).to_le_bytes()));
    EncryptedDigits::encrypt(keys, &digits).write(&mut document);
    Ok(document)
}

/// A record's digits in the order of the document.
pub(super) fn digits(entry: Entry) -> impl Iterator<Item = u8> + use<> {
    let minutes = |minutes: u16| (0..MINUTE_DIGITS).map(move |place| (minutes >> (2 * place) & 3) as u8);
    std::iter::once(entry.stage & 7).chain(minutes(entry.start)).chain(minutes(entry.duration))
}

/// Decrypts a `CDR1` document, kind 1 or 2: one score (1..=5) per night.
///
/// # Errors
/// [`PayloadError`].
pub fn decrypt(keys: &ClientKeys, document: &[u8]) -> Result<Vec<u8>, PayloadError> {
    let outputs = blocks::decrypt(keys, document, UseCaseId::SleepQuality, 1)?;
    if outputs.is_empty() || outputs.len() > MAX_NIGHTS {
        return Err(PayloadError(format!("the result has {} nights, expected 1 to {MAX_NIGHTS}", outputs.len())));
    }
    let scores = outputs.into_iter().flatten();
    scores.map(|score| if (1..=5).contains(&score) { Ok(score) } else { Err(blocks::not_for_this_key()) }).collect()
}

/// An input whose shape is right.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Input {
    /// Records of each night, each 1..=128.
    pub(super) nights: Vec<usize>,
    /// Of the masks.
    pub(super) seed: [u8; SEED_BYTES],
    /// Eleven digits a record.
    pub(super) bodies: Vec<u64>,
}

/// Header and counts; leaves `reader` where the seed must begin, with exactly as much left as the counts need.
pub(super) fn check(document: &[u8]) -> Result<(Vec<usize>, Reader<'_>), InputError> {
    let mut reader = Reader::new(document);
    read_input_header(&mut reader, UseCaseId::SleepQuality)?;
    let count = reader.u32("the number of nights")? as usize;
    if count == 0 || count > MAX_NIGHTS {
        return Err(InputError::Invalid(format!("the input claims {count} nights: 1 to {MAX_NIGHTS} are allowed")));
    }
    let mut nights = Vec::with_capacity(count);
    for number in 1..=count {
        let records = usize::from(reader.u16("the records of each night")?);
        if records == 0 || records > MAX_RECORDS {
            return Err(InputError::Invalid(format!(
                "night {number} claims {records} records: 1 to {MAX_RECORDS} are allowed"
            )));
        }
        nights.push(records);
    }
    let records: usize = nights.iter().sum();
    reader.expect_remaining(SEED_BYTES + records * RECORD_BYTES, &format!("{records} records"))?;
    Ok((nights, reader))
}

/// Reads a whole input.
pub(super) fn read(document: &[u8]) -> Result<Input, InputError> {
    let (nights, mut reader) = check(document)?;
    let seed = reader.array("the seed")?;
    let bodies = reader.last_u64s(nights.iter().sum::<usize>() * RECORD_DIGITS, "the digits")?;
    Ok(Input { nights, seed, bodies })
}
