//! Whole use cases on real ciphertexts: what a client encrypts, a server computes and the client decrypts.

mod sleep_quality;
mod weight_stats;

use std::sync::{Arc, LazyLock};

use cipherdeck::fhe::Context;

use crate::support::keys::{CLIENT, SERVER};

static POOL: LazyLock<Arc<rayon::ThreadPool>> =
    LazyLock::new(|| Arc::new(rayon::ThreadPoolBuilder::new().build().unwrap()));

fn context() -> Context {
    Context::new(Arc::clone(&POOL))
}
