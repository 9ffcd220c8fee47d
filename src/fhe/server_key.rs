//! The client's public evaluation key, as the server sees it: untrusted bytes first, then ready for use.
//!
//! A key is checked for shape only (parameters, dimensions, sub-keys): that is what keeps it from harming the server.
//! A key of another client, or one with flipped bits inside, passes, and garbles nobody's answer but its own client's.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tfhe::{
    CompressedServerKey, Tag,
    conformance::ParameterSetConformant,
    integer,
    safe_serialization::safe_deserialize,
    shortint::{self, atomic_pattern::AtomicPatternServerKey},
};

use super::parameters::{PARAMETER_SET_NAME, config};

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

/// Checks an untrusted compressed key (tfhe's `CompressedServerKey`, written by its `safe_serialize`) without
/// decompressing it. Holds about as much memory as `bytes` meanwhile, never more because of what they claim.
///
/// # Errors
/// [`KeyError`].
pub fn check_compressed_key(bytes: &[u8]) -> Result<(), KeyError> {
    parse(bytes, MAX_COMPRESSED_KEY_BYTES).map(drop)
}

/// A decompressed evaluation key, ready for kernels. Clones share it.
#[derive(Clone)]
pub struct ServerKey {
    key: Arc<integer::ServerKey>,
    memory_bytes: u64,
}

impl ServerKey {
    /// Checks and decompresses (about half a second; on all threads of rayon's pool that calls it).
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_compressed(bytes: &[u8]) -> Result<Self, KeyError> {
        let compressed = parse(bytes, MAX_COMPRESSED_KEY_BYTES)?;
        let key = guarded(|| compressed.decompress())?.into_raw_parts().0;
        let memory_bytes = memory_of(key.as_ref());
        Ok(Self { key: Arc::new(key), memory_bytes })
    }

    /// Memory that it holds: the two keys inside, which are all but a few hundred bytes of it.
    pub fn memory_bytes(&self) -> u64 {
        self.memory_bytes
    }

    /// For bootstraps. Always given explicitly: tfhe's thread-local key is never set, because a task stolen by another
    /// thread could run under another client's key.
    pub(crate) fn shortint(&self) -> &shortint::ServerKey {
        (*self.key).as_ref()
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ServerKey({} bytes)", self.memory_bytes)
    }
}

fn memory_of(key: &shortint::ServerKey) -> u64 {
    match &key.atomic_pattern {
        AtomicPatternServerKey::KeySwitch32(pattern) => {
            let keyswitch = size_of_val(pattern.key_switching_key.as_ref());
            (keyswitch + pattern.bootstrapping_key.bootstrapping_key_size_bytes()) as u64
        }
        // No conformant key has another pattern.
        AtomicPatternServerKey::Standard(_) | AtomicPatternServerKey::Dynamic(_) => 0,
    }
}

/// Reads and checks. The conformance check is made in a step of its own, to tell a key of other parameters from bytes
/// that are no key; together the two are tfhe's `safe_deserialize_conformant`.
fn parse(bytes: &[u8], cap: u64) -> Result<CompressedServerKey, KeyError> {
    let length = bytes.len() as u64;
    if length > cap {
        return Err(wrong_parameters(&format!(
            "the evaluation key has {length} bytes, no accepted one has over {cap}"
        )));
    }
    let mut rest = bytes;
    // The limit bounds what the bytes may claim, so it must not exceed what is there.
    let read = guarded(|| safe_deserialize::<CompressedServerKey>(&mut rest, length))?;
    let key = read.map_err(|error| invalid(&format!("not a key, or cut off ({})", first_line(&error))))?;
    if !rest.is_empty() {
        return Err(invalid(&format!("{} bytes follow the key", rest.len())));
    }
    if !guarded(|| key.is_conformant(&config().into()))? {
        return Err(describe_other(&key));
    }
    // The tag is free for the owner's notes and would be copied into everything computed.
    if !guarded(|| tag_is_empty(&key))? {
        return Err(invalid("the key carries a tag; leave the tag empty"));
    }
    Ok(key)
}

fn tag_is_empty(key: &CompressedServerKey) -> bool {
    use tfhe::prelude::Tagged;
    *key.tag() == Tag::default()
}

/// Hostile bytes have made unchecked tfhe code panic before: a panic in here is a refusal.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, KeyError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| invalid("its parts do not fit together"))
}

fn describe_other(key: &CompressedServerKey) -> KeyError {
    let extra: Vec<&str> = [
        (key.has_cpk_key_switching_key_material(), "a public-key keyswitch key"),
        (key.has_compression_key(), "a compression key"),
        (key.has_decompression_key(), "a decompression key"),
        (key.has_noise_squashing_key(), "a noise squashing key"),
        (key.has_noise_squashing_compression_key(), "a noise squashing compression key"),
        (key.has_re_randomization_key(), "a re-randomisation key"),
        (key.has_oprf_key(), "a dedicated OPRF key"),
        (key.has_transciphering_key(), "a transciphering key"),
    ]
    .into_iter()
    .filter_map(|(present, name)| present.then_some(name))
    .collect();
    if extra.is_empty() {
        wrong_parameters("the evaluation key is of another parameter set")
    } else {
        wrong_parameters(&format!("the evaluation key holds more than is accepted: {}", extra.join(", ")))
    }
}

fn wrong_parameters(problem: &str) -> KeyError {
    KeyError::WrongParameters(format!(
        "{problem}; expected {PARAMETER_SET_NAME} without further keys: make it with `cipherdeck client keygen`, or \
         with tfhe 1.8 from ConfigBuilder::with_custom_parameters({PARAMETER_SET_NAME}).use_dedicated_oprf_key(false)"
    ))
}

fn invalid(problem: &str) -> KeyError {
    KeyError::Invalid(format!(
        "this is not an accepted evaluation key: {problem}; expected a tfhe CompressedServerKey written by safe_serialize"
    ))
}

/// tfhe's own sentence, short and harmless enough for a client.
fn first_line(error: &str) -> String {
    crate::text::sanitise(error.lines().next().unwrap_or_default(), 160)
}

#[cfg(test)]
mod tests;
