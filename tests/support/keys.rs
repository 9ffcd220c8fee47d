//! One client's real keys for the whole binary: generating an evaluation key takes seconds.

use std::sync::LazyLock;

use cipherdeck::fhe::{ClientKeys, ServerKey};

/// A secret key.
pub static CLIENT: LazyLock<ClientKeys> = LazyLock::new(ClientKeys::generate);

/// Its compressed evaluation key, as uploaded.
pub static SERVER_KEY: LazyLock<Vec<u8>> = LazyLock::new(|| CLIENT.compressed_server_key());

/// The same, ready for kernels.
pub static SERVER: LazyLock<ServerKey> = LazyLock::new(|| ServerKey::from_compressed(&SERVER_KEY).unwrap());
