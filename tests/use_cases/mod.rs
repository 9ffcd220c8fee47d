//! Whole use cases on real ciphertexts: what a client encrypts, a server computes and the client decrypts.

mod sleep_quality;
mod weight_stats;

use std::sync::{Arc, LazyLock};

use cipherdeck::fhe::{ClientKeys, Context, ServerKey};

static CLIENT: LazyLock<ClientKeys> = LazyLock::new(ClientKeys::generate);
static SERVER: LazyLock<ServerKey> =
    LazyLock::new(|| ServerKey::from_compressed(&CLIENT.compressed_server_key()).unwrap());
static POOL: LazyLock<Arc<rayon::ThreadPool>> =
    LazyLock::new(|| Arc::new(rayon::ThreadPoolBuilder::new().build().unwrap()));

fn context() -> Context {
    Context::new(Arc::clone(&POOL))
}
