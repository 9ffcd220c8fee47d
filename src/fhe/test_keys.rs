//! One pair of keys for all unit tests of a process: making one takes seconds.

use std::sync::{Arc, LazyLock};

use tfhe::shortint::Ciphertext;

use super::{ClientKeys, Context, ServerKey, decrypt_full};

/// The client's side.
pub(crate) static CLIENT: LazyLock<ClientKeys> = LazyLock::new(ClientKeys::generate);

/// What the client uploads.
pub(crate) static COMPRESSED: LazyLock<Vec<u8>> = LazyLock::new(|| CLIENT.compressed_server_key());

/// The server's side.
pub(crate) static SERVER: LazyLock<ServerKey> = LazyLock::new(|| ServerKey::from_compressed(&COMPRESSED).unwrap());

/// A context over two threads.
pub(crate) fn context() -> Context {
    Context::new(Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap()))
}

/// Digits in the clear that kernels take for encrypted ones: tfhe computes on them without bootstraps, so that a kernel's
/// logic can be tested on many shapes.
pub(crate) fn trivial(digits: &[u8]) -> Vec<Ciphertext> {
    digits.iter().map(|digit| SERVER.shortint().unchecked_create_trivial(u64::from(*digit))).collect()
}

/// The value of digits, least significant first.
pub(crate) fn number(digits: &[Ciphertext]) -> u64 {
    digits
        .iter()
        .rev()
        .fold(0, |number, digit| number << 2 | u64::from(decrypt_full(&CLIENT, digit.ct.as_ref()).unwrap()))
}
