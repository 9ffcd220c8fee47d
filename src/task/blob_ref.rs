//! References to blobs: the store keeps names, lengths and digests, never bytes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// BLAKE3 digest of a blob. Shape checks accept most single-bit flips, so only a digest shows that bytes are intact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// A finished incremental hash.
    pub fn from_hasher(hasher: &blake3::Hasher) -> Self {
        Self(*hasher.finalize().as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Digest {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        blake3::Hash::from_hex(text).map(|hash| Self(*hash.as_bytes())).map_err(|_| "not 64 hex digits")
    }
}

/// Where a blob lies and what it must contain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRef {
    /// Name in the blob store, made of ids and digests only, e.g. `results/<task>/<token>`.
    pub name: String,
    /// Length in bytes.
    pub len: u64,
    /// Digest, verified on every load.
    pub digest: Digest,
}
