//! The cryptography that use cases share: which parameters are accepted, how untrusted keys are read, what a running
//! kernel gets besides its inputs. Only `fhe`, `use_cases` and `client` name tfhe types.

pub mod circuit;
mod client_keys;
mod context;
mod digits;
mod parameters;
mod results;
mod server_key;
#[cfg(test)]
pub(crate) mod test_keys;

pub use client_keys::ClientKeys;
pub use context::{Context, Interrupted};
pub use digits::{DIGIT_BYTES, DigitStream, EncryptedDigits, SEED_BYTES};
pub(crate) use parameters::large_noise;
pub use parameters::{DIGIT_SHIFT, LARGE_DIMENSION, PARAMETER_SET, PARAMETER_SET_NAME, SMALL_DIMENSION};
pub use results::{FULL_BLOCK_WORDS, SWITCHED_BITS, decrypt_full, decrypt_switched};
pub use server_key::{KeyError, MAX_COMPRESSED_KEY_BYTES, ServerKey, check_compressed_key};
