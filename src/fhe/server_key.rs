//! The client's public evaluation key, as the server sees it: untrusted bytes first, then ready for use.

/// No compressed key is longer. Ours are 30.1 MB.
pub const MAX_COMPRESSED_KEY_BYTES: u64 = 32 << 20;

/// Why an evaluation key is refused. The sentence is for the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a key in the format.
    #[error("{0}")]
    Invalid(String),
    /// A key of another parameter set, or with sub-keys that are not accepted.
    #[error("{0}")]
    WrongParameters(String),
}

/// Checks an untrusted compressed key (wire.md, "Evaluation key") without decompressing it.
///
/// # Errors
/// [`KeyError`].
pub fn check_compressed_key(_bytes: &[u8]) -> Result<(), KeyError> {
    todo!()
}

/// A decompressed evaluation key, ready for kernels. Clones share it.
#[derive(Clone)]
pub struct ServerKey {}

impl ServerKey {
    /// Checks and decompresses.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_compressed(_bytes: &[u8]) -> Result<Self, KeyError> {
        todo!()
    }

    /// Memory that it holds.
    pub fn memory_bytes(&self) -> u64 {
        todo!()
    }
}
