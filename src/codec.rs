//! The one place that writes our own binary records (result blobs): a version byte, then bincode.
//!
//! bincode is pinned to the version that tfhe brings (1.3.3, RUSTSEC-2025-0141: unmaintained, no known flaw), reads are
//! bounded by a size limit and must consume every byte. To replace it, change these two functions and the version.

use bincode::Options;
use serde::{Serialize, de::DeserializeOwned};

const VERSION: u8 = 1;

/// Why bytes are no record.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// Written by a newer program.
    #[error("record version {0}, this program reads version {VERSION}")]
    Version(u8),
    /// Cut off, too long, or not of the expected type.
    #[error("damaged record: {0}")]
    Damaged(String),
}

fn options() -> impl Options {
    bincode::DefaultOptions::new().with_fixint_encoding().reject_trailing_bytes()
}

/// Writes a record.
///
/// # Errors
/// [`CodecError::Damaged`] when a part cannot be serialised; for plain data that does not happen.
pub fn encode<T: Serialize>(record: &T) -> Result<Vec<u8>, CodecError> {
    let mut bytes = vec![VERSION];
    options().serialize_into(&mut bytes, record).map_err(|error| CodecError::Damaged(error.to_string()))?;
    Ok(bytes)
}

/// Reads a record that fills `bytes` exactly. No length inside can claim more than is there.
///
/// # Errors
/// [`CodecError`].
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    match bytes.split_first() {
        Some((&VERSION, record)) => options()
            .with_limit(record.len() as u64)
            .deserialize(record)
            .map_err(|error| CodecError::Damaged(error.to_string())),
        Some((&version, _)) => Err(CodecError::Version(version)),
        None => Err(CodecError::Damaged("empty".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_refuses_every_other_length_and_version() {
        let record = vec![("avg".to_owned(), vec![1_u8, 2, 3]), ("min".to_owned(), vec![])];
        let bytes = encode(&record).unwrap();
        assert_eq!(decode::<Vec<(String, Vec<u8>)>>(&bytes).unwrap(), record);
        for len in 0..bytes.len() {
            assert!(decode::<Vec<(String, Vec<u8>)>>(&bytes[..len]).is_err(), "{len} bytes");
        }
        let mut long = bytes.clone();
        long.push(0);
        assert!(decode::<Vec<(String, Vec<u8>)>>(&long).is_err());
        let mut newer = bytes;
        newer[0] = 9;
        assert!(matches!(decode::<Vec<(String, Vec<u8>)>>(&newer), Err(CodecError::Version(9))));
    }

    #[test]
    fn a_huge_claimed_length_allocates_nothing() {
        let mut bytes = vec![VERSION];
        bytes.extend(u64::MAX.to_le_bytes());
        assert!(matches!(decode::<Vec<u8>>(&bytes), Err(CodecError::Damaged(_))));
    }
}
