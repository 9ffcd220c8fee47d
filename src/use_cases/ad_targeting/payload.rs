//! What the client encrypts and what comes back, byte by byte.
//!
//! - Input: header | catalogue version (32 bytes) | u8 p | 3 zero bytes | 16 bytes of seed | 2,048 u32. One seeded GLWE
//!   ciphertext under the client's own key (N = 2,048, k = 1): the seed (an AES key, counter 0) stands for the mask, the
//!   u32 are the top halves of the body. Feature j is coefficient j at 2^(64-p), the others are 0.
//! - Result: header of kind [`ResultKind::Rows`] | catalogue version | u8 p | u8 q | u32 rows | groups. A group is the
//!   2,048 mask coefficients of its product and one body coefficient per row, each rounded to q bits (see
//!   [`rounding`](super::rounding)), packed, padded to 8 bytes.

use tfhe::{
    Seed,
    core_crypto::prelude::{CiphertextModulus, GlweSize, SeededGlweCiphertext},
};

use super::{
    bits::Bits,
    layout::{POLYNOMIAL, group_sizes},
    public::Facts,
};
use crate::use_cases::{
    InputError,
    wire::{
        INPUT_HEADER_BYTES, PayloadError, RESULT_HEADER_BYTES, Reader, ResultKind, UseCaseId, pack, packed_bytes,
        read_input_header, read_result_header, unpack, write_input_header, write_result_header,
    },
};

/// Every input has this length.
pub(crate) const INPUT_BYTES: usize = INPUT_HEADER_BYTES + VERSION_BYTES + 4 + SEED_BYTES + 4 * POLYNOMIAL;

const VERSION_BYTES: usize = 32;
const SEED_BYTES: usize = 16;
/// Groups of a result begin and end at multiples of this many bytes, counted from the first.
const GROUP_ALIGN: usize = 8;

/// An encrypted profile.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// What the mask is drawn from.
    pub(crate) seed: u128,
    /// Top halves of the body.
    pub(crate) body: Box<[u32; POLYNOMIAL]>,
}

/// The coefficients of one group of a result, q bits each.
pub(crate) struct GroupCoefficients {
    /// Mask of the product, then one body coefficient per row.
    values: Vec<u32>,
}

impl GroupCoefficients {
    /// The mask and the bodies.
    pub(crate) fn split(&self) -> Option<(&[u32; POLYNOMIAL], &[u32])> {
        self.values.split_first_chunk()
    }
}

impl Request {
    /// The document that carries this request.
    pub(crate) fn to_bytes(&self, facts: &Facts) -> Vec<u8> {
        let mut document = Vec::with_capacity(INPUT_BYTES);
        write_input_header(&mut document, UseCaseId::AdTargeting);
        document.extend_from_slice(&facts.version);
        document.extend_from_slice(&[facts.bits.plaintext, 0, 0, 0]);
        document.extend_from_slice(&self.seed.to_le_bytes());
        document.extend(self.body.iter().flat_map(|coefficient| coefficient.to_le_bytes()));
        document
    }

    /// Reads and checks an input for the catalogue with these facts.
    pub(crate) fn read(input: &[u8], facts: &Facts) -> Result<Self, InputError> {
        let mut reader = Reader::new(input);
        read_input_header(&mut reader, UseCaseId::AdTargeting)?;
        reader.expect_remaining(INPUT_BYTES - INPUT_HEADER_BYTES, "one encrypted profile")?;
        if reader.array("the catalogue version")? != facts.version {
            return Err(InputError::CatalogueChanged(
                "the profile is encrypted for another version of the ad catalogue: fetch /get_ads and encrypt it again"
                    .to_owned(),
            ));
        }
        let plaintext = reader.u8("the number of plaintext bits")?;
        if plaintext != facts.bits.plaintext {
            let expected = facts.bits.plaintext;
            let problem = format!("the profile has {plaintext} plaintext bits, the catalogue takes {expected}");
            return Err(InputError::Invalid(problem));
        }
        if reader.array("three zero bytes")? != [0; 3] {
            return Err(InputError::Invalid("the three bytes after the plaintext bits must be zero".to_owned()));
        }
        let seed = u128::from_le_bytes(reader.array("the seed")?);
        let coefficients = reader.bytes(4 * POLYNOMIAL, "the body")?.as_chunks().0;
        let mut body = Box::new([0; POLYNOMIAL]);
        body.iter_mut().zip(coefficients).for_each(|(to, from)| *to = u32::from_le_bytes(*from));
        Ok(Self { seed, body })
    }

    /// The mask, in full precision.
    pub(crate) fn mask(&self) -> Vec<u64> {
        let seeded = SeededGlweCiphertext::from_container(
            vec![0_u64; POLYNOMIAL],
            GlweSize(2),
            Seed(self.seed).into(),
            CiphertextModulus::new_native(),
        );
        seeded.decompress_into_glwe_ciphertext().get_mask().as_ref().to_vec()
    }
}

/// Packs the rounded coefficients of a group: the mask of a product, then one per row.
pub(crate) fn pack_group(rounded: &[u32], bits: Bits) -> Vec<u8> {
    let q = u32::from(bits.result);
    let mut packed = Vec::with_capacity(packed_bytes(rounded.len(), q, GROUP_ALIGN).unwrap_or(0));
    pack(&mut packed, rounded.iter().copied(), q, GROUP_ALIGN);
    packed
}

/// The document of all packed groups.
pub(crate) fn result(facts: &Facts, groups: &[Vec<u8>]) -> Vec<u8> {
    let length: usize = groups.iter().map(Vec::len).sum();
    let mut document = Vec::with_capacity(RESULT_HEADER_BYTES + VERSION_BYTES + 6 + length);
    write_result_header(&mut document, UseCaseId::AdTargeting, ResultKind::Rows);
    document.extend_from_slice(&facts.version);
    document.extend_from_slice(&[facts.bits.plaintext, facts.bits.result]);
    document.extend_from_slice(&(facts.rows as u32).to_le_bytes());
    document.extend(groups.iter().flatten());
    document
}

/// Reads a result for the catalogue with these facts; the document itself is believed nothing.
pub(crate) fn read_result(document: &[u8], facts: &Facts) -> Result<Vec<GroupCoefficients>, PayloadError> {
    let mut reader = Reader::new(document);
    if read_result_header(&mut reader, UseCaseId::AdTargeting)? != ResultKind::Rows {
        return Err(PayloadError("the result is not of kind 3, the rows of a catalogue".to_owned()));
    }
    if reader.array("the catalogue version")? != facts.version {
        return Err(PayloadError("the result is for another version of the ad catalogue: ask again".to_owned()));
    }
    let (Bits { plaintext, result: q }, rows) = (facts.bits, facts.rows);
    let found = (reader.u8("the plaintext bits")?, reader.u8("the result bits")?, reader.u32("the rows")?);
    if (found.0, found.1) != (plaintext, q) || found.2 as usize != rows {
        return Err(PayloadError(format!(
            "the result has {} rows of {} and {} bits, expected {rows} rows of {plaintext} and {q} bits",
            found.2, found.0, found.1
        )));
    }
    let bytes = |size| packed_bytes(POLYNOMIAL + size, u32::from(q), GROUP_ALIGN).unwrap_or(usize::MAX);
    reader.expect_remaining(group_sizes(rows).map(bytes).sum(), "the scores")?;
    group_sizes(rows)
        .map(|size| {
            let packed = reader.bytes(bytes(size), "a group of scores")?;
            let values = unpack(packed, POLYNOMIAL + size, u32::from(q), GROUP_ALIGN)?;
            Ok(GroupCoefficients { values })
        })
        .collect()
}
