//! What is computed on, and the keys and threads for it.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
    thread,
};

use cipherdeck::{
    fhe::{ClientKeys, Context, ServerKey},
    use_cases::sleep_quality::Record,
};

pub(crate) static KEYS: LazyLock<ClientKeys> = LazyLock::new(ClientKeys::generate);
pub(crate) static SERVER: LazyLock<ServerKey> =
    LazyLock::new(|| ServerKey::from_compressed(&KEYS.compressed_server_key()).unwrap());

pub(crate) const WEIGHTS: [u16; 5] = [680, 650, 690, 700, 705];

/// So many weights.
pub(crate) fn weights(n: usize) -> Vec<u16> {
    WEIGHTS.into_iter().cycle().take(n).collect()
}

/// So many records: in bed, then sleep of all stages with pauses.
pub(crate) fn night(records: usize) -> Vec<Record> {
    let stages = [2, 3, 4, 5, 3, 2, 3, 5, 4, 3, 2, 5, 3, 4, 3, 1];
    let part = 480 / records as i64;
    let bed = Record { stage: 0, start: 0, end: 520 };
    let sleep = stages.into_iter().cycle().zip(1..records as i64);
    std::iter::once(bed)
        .chain(sleep.map(|(stage, number)| Record { stage, start: part * number, end: part * (number + 1) }))
        .collect()
}

/// All cores.
pub(crate) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The pool of so many threads.
pub(crate) fn pool(threads: usize) -> Arc<rayon::ThreadPool> {
    static POOLS: LazyLock<Mutex<HashMap<usize, Arc<rayon::ThreadPool>>>> = LazyLock::new(Mutex::default);
    let build = || Arc::new(rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    Arc::clone(POOLS.lock().unwrap().entry(threads).or_insert_with(build))
}

pub(crate) fn context(threads: usize) -> Context {
    Context::new(pool(threads))
}
