//! Results made of blocks of four bits (`CDR1` kinds 1 and 2).
//!
//! ```text
//! header (9 bytes, kind 1 or 2) | u16 outputs | u8 blocks per output | the blocks, output by output
//! ```
//!
//! A block is one value of 0..=15, in both kinds the same: two digits d0 + 4 d1, d0 the less significant; the first block
//! of an output is the least significant. How a block is written:
//!
//! - kind 1, full: the ciphertext under the large key, 2,048 mask words and the body, u64 each (16,392 bytes). Its phase
//!   `body - <mask, key>` is value * 2^59, rounded; the top bit is 0.
//! - kind 2, switched: the ciphertext under the small key, 918 mask coefficients and the body, 12 bits each, packed and
//!   filled up to whole bytes (1,379 bytes). Its phase is value * 2^7 modulo 2^12, rounded; the top bit is 0.

use super::wire::{PayloadError, Reader, ResultKind, UseCaseId, pack, read_result_header, unpack, write_result_header};
use crate::fhe::{
    ClientKeys, FULL_BLOCK_WORDS, SMALL_DIMENSION, SWITCHED_BITS, circuit::SwitchedBlock, decrypt_full,
    decrypt_switched,
};

/// Bytes of a full block.
pub const FULL_BLOCK_BYTES: usize = FULL_BLOCK_WORDS * 8;
/// Bytes of a switched block.
pub const SWITCHED_BLOCK_BYTES: usize = (SWITCHED_COEFFICIENTS * SWITCHED_BITS as usize).div_ceil(8);
const SWITCHED_COEFFICIENTS: usize = SMALL_DIMENSION + 1;

/// Writes a result of kind 2: `outputs` of equally many switched blocks (at most 65,535 outputs of 255).
pub(crate) fn write_switched(use_case: UseCaseId, outputs: &[Vec<SwitchedBlock>]) -> Vec<u8> {
    let per_output = outputs.first().map_or(0, Vec::len);
    let mut document = Vec::with_capacity(16 + outputs.len() * per_output * SWITCHED_BLOCK_BYTES);
    write_result_header(&mut document, use_case, ResultKind::Switched);
    document.extend_from_slice(&(outputs.len() as u16).to_le_bytes());
    document.push(per_output as u8);
    for block in outputs.iter().flatten() {
        pack(&mut document, block.iter().copied(), SWITCHED_BITS, 1);
    }
    document
}

/// Decrypts a result of kind 1 or 2: for each output its block values, each 0..=15.
///
/// # Errors
/// [`PayloadError`] if the document is not one of `use_case` with `per_output` blocks an output, or was not made for
/// this key.
pub(crate) fn decrypt(
    keys: &ClientKeys,
    document: &[u8],
    use_case: UseCaseId,
    per_output: usize,
) -> Result<Vec<Vec<u8>>, PayloadError> {
    let mut reader = Reader::new(document);
    let kind = read_result_header(&mut reader, use_case)?;
    let outputs = usize::from(reader.u16("the number of outputs")?);
    let blocks = usize::from(reader.u8("the number of blocks per output")?);
    if blocks != per_output {
        return Err(PayloadError(format!("the result has {blocks} blocks per output, expected {per_output}")));
    }
    let block_bytes = match kind {
        ResultKind::Full => FULL_BLOCK_BYTES,
        ResultKind::Switched => SWITCHED_BLOCK_BYTES,
        ResultKind::Rows => {
            return Err(PayloadError("the result is made of rows, expected blocks (kinds 1 and 2)".to_owned()));
        }
    };
    reader.expect_remaining(outputs * blocks * block_bytes, &format!("{outputs} outputs of {blocks} blocks"))?;
    (0..outputs)
        .map(|_| (0..blocks).map(|_| decrypt_block(keys, kind, reader.bytes(block_bytes, "a block")?)).collect())
        .collect()
}

fn decrypt_block(keys: &ClientKeys, kind: ResultKind, bytes: &[u8]) -> Result<u8, PayloadError> {
    let value = if kind == ResultKind::Switched {
        decrypt_switched(keys, &unpack(bytes, SWITCHED_COEFFICIENTS, SWITCHED_BITS, 1)?)
    } else {
        let words: Vec<u64> = bytes.as_chunks::<8>().0.iter().map(|chunk| u64::from_le_bytes(*chunk)).collect();
        decrypt_full(keys, &words)
    };
    value.ok_or_else(not_for_this_key)
}

/// The sentence for a result that decrypts to what cannot be.
pub(crate) fn not_for_this_key() -> PayloadError {
    PayloadError(
        "the result decrypts to a value that is not possible: it belongs to another key, or is damaged".to_owned(),
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::fhe::{DigitStream, EncryptedDigits};

    /// Outputs as a server would write them, made by the client itself.
    pub(crate) fn full_document(keys: &ClientKeys, use_case: UseCaseId, outputs: &[Vec<u8>]) -> Vec<u8> {
        let values: Vec<u8> = outputs.iter().flatten().copied().collect();
        let encrypted = EncryptedDigits::encrypt(keys, &values);
        let mut document = Vec::new();
        write_result_header(&mut document, use_case, ResultKind::Full);
        document.extend_from_slice(&(outputs.len() as u16).to_le_bytes());
        document.push(outputs[0].len() as u8);
        for block in DigitStream::new(encrypted.seed, &encrypted.bodies).take(values.len()) {
            document.extend(block.ct.as_ref().iter().flat_map(|word: &u64| word.to_le_bytes()));
        }
        document
    }

    /// The same in kind 2, with an error of at most 40 of the 64 that are allowed.
    pub(crate) fn switched_document(keys: &ClientKeys, use_case: UseCaseId, outputs: &[Vec<u8>]) -> Vec<u8> {
        let mut document = Vec::new();
        write_result_header(&mut document, use_case, ResultKind::Switched);
        document.extend_from_slice(&(outputs.len() as u16).to_le_bytes());
        document.push(outputs[0].len() as u8);
        let mut random = 1_u32;
        let mut draw = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random >> 20
        };
        for value in outputs.iter().flatten() {
            let mut block: Vec<u32> = (0..SMALL_DIMENSION).map(|_| draw()).collect();
            let product: u32 = block.iter().zip(keys.small_secret_key()).map(|(a, s)| a * s).sum();
            let error = draw() % 81;
            block.push(product.wrapping_add(u32::from(*value) << 7).wrapping_add(error).wrapping_sub(40) & 4_095);
            pack(&mut document, block, SWITCHED_BITS, 1);
        }
        document
    }

    #[test]
    fn both_kinds_give_the_same_values() {
        let keys = ClientKeys::generate();
        let outputs = vec![vec![0, 1, 2, 3], vec![15, 14, 7, 8]];
        for document in [
            full_document(&keys, UseCaseId::WeightStats, &outputs),
            switched_document(&keys, UseCaseId::WeightStats, &outputs),
        ] {
            assert_eq!(decrypt(&keys, &document, UseCaseId::WeightStats, 4).unwrap(), outputs);
            assert!(decrypt(&keys, &document, UseCaseId::SleepQuality, 4).is_err());
            assert!(decrypt(&keys, &document, UseCaseId::WeightStats, 1).is_err());
        }
    }

    #[test]
    fn sizes_are_those_of_the_format() {
        assert_eq!((FULL_BLOCK_BYTES, SWITCHED_BLOCK_BYTES), (16_392, 1_379));
    }

    #[test]
    fn every_other_length_is_refused() {
        let keys = ClientKeys::generate();
        let document = switched_document(&keys, UseCaseId::SleepQuality, &[vec![5]]);
        for len in 0..document.len() {
            assert!(decrypt(&keys, &document[..len], UseCaseId::SleepQuality, 1).is_err(), "{len} bytes");
        }
        let mut long = document;
        long.push(0);
        assert!(decrypt(&keys, &long, UseCaseId::SleepQuality, 1).is_err());
    }

    #[test]
    fn another_clients_result_is_noticed() {
        let (owner, other) = (ClientKeys::generate(), ClientKeys::generate());
        let outputs: Vec<Vec<u8>> = vec![vec![1; 4]; 16];
        let document = full_document(&owner, UseCaseId::WeightStats, &outputs);
        assert_eq!(decrypt(&other, &document, UseCaseId::WeightStats, 4), Err(not_for_this_key()));
    }
}
