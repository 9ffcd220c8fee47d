//! One pair of keys for all unit tests of a process: making one takes seconds.

use std::sync::{Arc, LazyLock};

use super::{ClientKeys, Context, ServerKey};

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
