//! The client's secret key.
//!
//! It is kept as plain key bits, in memory that is wiped when dropped, and becomes a tfhe key only while an evaluation
//! key is computed. The saved form is our own, so that it is small (393 bytes), strict, and independent of tfhe's
//! serialisation: `"CDSK" | u16 parameter set | 256 bytes of large key | 115 bytes of small key | 16 bytes of BLAKE3 of
//! everything before`, bits LSB first, as everywhere.

use std::fmt;

use tfhe::{
    ClientKey, CompressedServerKey, Tag,
    core_crypto::prelude::{GlweSecretKey, LweSecretKey, PolynomialSize},
    safe_serialization::safe_serialize,
    shortint::{
        self,
        client_key::atomic_pattern::{AtomicPatternClientKey, KS32AtomicPatternClientKey},
    },
};
use zeroize::{Zeroize, Zeroizing};

use super::{
    parameters::{LARGE_DIMENSION, PARAMETER_SET, PARAMETERS, SMALL_DIMENSION},
    server_key::MAX_COMPRESSED_KEY_BYTES,
};

const MAGIC: &[u8; 4] = b"CDSK";
const LARGE_BYTES: usize = LARGE_DIMENSION.div_ceil(8);
const SMALL_BYTES: usize = SMALL_DIMENSION.div_ceil(8);
const BODY_BYTES: usize = MAGIC.len() + 2 + LARGE_BYTES + SMALL_BYTES;
const CHECK_BYTES: usize = 16;
/// Of the last byte of a small key.
const SPARE_BITS: usize = SMALL_BYTES * 8 - SMALL_DIMENSION;

/// The secret key of one client, for all use cases. Wiped from memory when dropped; never shown by `Debug`.
#[derive(Clone)]
pub struct ClientKeys {
    large: Zeroizing<Vec<u64>>,
    small: Zeroizing<Vec<u32>>,
}

impl ClientKeys {
    /// Draws a new secret key (milliseconds).
    pub fn generate() -> Self {
        let (large, small, _) = KS32AtomicPatternClientKey::new(PARAMETERS).into_raw_parts();
        Self { large: Zeroizing::new(large.into_container()), small: Zeroizing::new(small.into_container()) }
    }

    /// For the wallet. Secret: keep it in memory briefly and on disk with mode 0600.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BODY_BYTES + CHECK_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&PARAMETER_SET.to_le_bytes());
        push_bits(&mut bytes, self.large.iter().map(|&bit| bit as u8));
        push_bits(&mut bytes, self.small.iter().map(|&bit| bit as u8));
        let check = blake3::hash(&bytes);
        bytes.extend(check.as_bytes().iter().take(CHECK_BYTES));
        bytes
    }

    /// From the wallet.
    ///
    /// # Errors
    /// A sentence, when the bytes are no client key of the pinned parameter set.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let not_a_key = || "this is not a client key: make a new one, or restore the file from a backup".to_owned();
        let damaged = || "the client key is damaged: restore the file from a backup, or make a new one".to_owned();
        let rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or_else(not_a_key)?;
        let (set, rest) = rest.split_first_chunk::<2>().ok_or_else(not_a_key)?;
        let set = u16::from_le_bytes(*set);
        if set != PARAMETER_SET {
            return Err(format!(
                "the client key is of parameter set {set}, this program uses set {PARAMETER_SET}: make a new key"
            ));
        }
        let (body, check) = bytes.split_at_checked(BODY_BYTES).ok_or_else(damaged)?;
        if blake3::hash(body).as_bytes().get(..CHECK_BYTES) != Some(check) {
            return Err(damaged());
        }
        let (large, rest) = rest.split_at_checked(LARGE_BYTES).ok_or_else(damaged)?;
        let small = rest.get(..SMALL_BYTES).ok_or_else(damaged)?;
        // One key has one form: the bits behind its last are zero.
        if small.last().is_some_and(|last| last >> (8 - SPARE_BITS) != 0) {
            return Err(damaged());
        }
        Ok(Self {
            large: Zeroizing::new(bits(large, LARGE_DIMENSION).map(u64::from).collect()),
            small: Zeroizing::new(bits(small, SMALL_DIMENSION).map(u32::from).collect()),
        })
    }

    /// Computes the compressed evaluation key to upload (seconds; about 30 MB).
    ///
    /// # Panics
    /// Never: the key is smaller than the limit it is written with.
    pub fn compressed_server_key(&self) -> Vec<u8> {
        let secret = self.tfhe_client_key();
        let key = CompressedServerKey::new(&secret);
        wipe(secret);
        let mut bytes = Vec::new();
        #[expect(clippy::expect_used, reason = "writing plain data to memory fails only beyond the limit, set amply")]
        safe_serialize(&key, &mut bytes, MAX_COMPRESSED_KEY_BYTES).expect("a compressed key fits its limit");
        bytes
    }

    /// The large key: 2,048 coefficients 0 or 1, read as an LWE key or as the one polynomial of a GLWE key.
    pub(crate) fn large_secret_key(&self) -> &[u64] {
        &self.large
    }

    /// The small key: 918 coefficients 0 or 1.
    pub(crate) fn small_secret_key(&self) -> &[u32] {
        &self.small
    }

    /// The same secret as a tfhe key. Give it to [`wipe`] after use.
    pub(crate) fn tfhe_client_key(&self) -> ClientKey {
        let key = KS32AtomicPatternClientKey::from_raw_parts(
            GlweSecretKey::from_container(self.large.to_vec(), PolynomialSize(LARGE_DIMENSION)),
            LweSecretKey::from_container(self.small.to_vec()),
            PARAMETERS,
        );
        let key = shortint::ClientKey { atomic_pattern: AtomicPatternClientKey::KeySwitch32(key) };
        ClientKey::from_raw_parts(key.into(), None, None, None, None, None, None, None, Tag::default())
    }
}

impl fmt::Debug for ClientKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClientKeys(secret)")
    }
}

/// Overwrites the secret in a tfhe key, which tfhe itself only frees.
pub(crate) fn wipe(key: ClientKey) {
    let (key, ..) = key.into_raw_parts();
    if let AtomicPatternClientKey::KeySwitch32(key) = key.into_raw_parts().atomic_pattern {
        let (large, small, _) = key.into_raw_parts();
        large.into_container().zeroize();
        small.into_container().zeroize();
    }
}

fn push_bits(bytes: &mut Vec<u8>, bits: impl Iterator<Item = u8>) {
    let mut byte = 0;
    let mut filled = 0;
    for bit in bits {
        byte |= bit << filled;
        filled += 1;
        if filled == 8 {
            bytes.push(byte);
            (byte, filled) = (0, 0);
        }
    }
    if filled > 0 {
        bytes.push(byte);
    }
}

fn bits(bytes: &[u8], count: usize) -> impl Iterator<Item = u8> {
    bytes.iter().flat_map(|byte| (0..8).map(move |position| (byte >> position) & 1)).take(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_key_comes_back_as_it_was() {
        let keys = ClientKeys::generate();
        let bytes = keys.to_bytes();
        assert_eq!(bytes.len(), BODY_BYTES + CHECK_BYTES);
        let again = ClientKeys::from_bytes(&bytes).unwrap();
        assert_eq!(again.large_secret_key(), keys.large_secret_key());
        assert_eq!(again.small_secret_key(), keys.small_secret_key());
        assert_eq!(keys.large_secret_key().len(), LARGE_DIMENSION);
        assert_eq!(keys.small_secret_key().len(), SMALL_DIMENSION);
        assert!(keys.large_secret_key().iter().all(|&bit| bit <= 1));
        assert!(keys.small_secret_key().iter().all(|&bit| bit <= 1));
    }

    #[test]
    fn two_clients_draw_different_secrets() {
        let (one, other) = (ClientKeys::generate(), ClientKeys::generate());
        assert_ne!(one.large_secret_key(), other.large_secret_key());
        assert_ne!(one.small_secret_key(), other.small_secret_key());
    }

    #[test]
    fn every_damaged_or_cut_key_file_is_refused_with_advice() {
        let bytes = ClientKeys::generate().to_bytes();
        for len in 0..bytes.len() {
            assert!(ClientKeys::from_bytes(&bytes[..len]).is_err(), "{len} bytes");
        }
        for position in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[position] ^= 1;
            let sentence = ClientKeys::from_bytes(&damaged).unwrap_err();
            assert!(sentence.contains("make a new"), "{sentence}");
        }
        let mut long = bytes;
        long.push(0);
        assert!(ClientKeys::from_bytes(&long).is_err());
    }

    #[test]
    fn a_key_with_bits_behind_its_last_is_refused_however_right_its_check_is() {
        let mut body = ClientKeys::generate().to_bytes();
        body.truncate(BODY_BYTES);
        for bit in 8 - SPARE_BITS..8 {
            let mut changed = body.clone();
            changed[BODY_BYTES - 1] ^= 1 << bit;
            let check = blake3::hash(&changed);
            changed.extend_from_slice(&check.as_bytes()[..CHECK_BYTES]);
            assert!(ClientKeys::from_bytes(&changed).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        assert_eq!(format!("{:?}", ClientKeys::generate()), "ClientKeys(secret)");
    }
}
