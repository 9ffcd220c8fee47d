//! Why whoever asks `/healthz` is answered: the threads that have much to do give way to those that have little.

use std::{collections::BTreeMap, fs};

use cipherdeck::client::api::{Api, Upload};

use super::place::Place;
use crate::support::keys::SERVER_KEY;

/// The niceness of each thread of a process, by its name without its number.
fn niceness(process: u32) -> BTreeMap<String, Vec<i32>> {
    let mut found: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    for thread in fs::read_dir(format!("/proc/{process}/task")).unwrap().flatten() {
        // A thread may end meanwhile.
        let Ok(stat) = fs::read_to_string(thread.path().join("stat")) else { continue };
        let (name, rest) = stat.split_once('(').unwrap().1.rsplit_once(") ").unwrap();
        let name = name.trim_end_matches(|end: char| end == '-' || end.is_ascii_digit());
        // The 19th field; the third one is the first of the rest.
        found.entry(name.to_owned()).or_default().push(rest.split(' ').nth(16).unwrap().parse().unwrap());
    }
    found
}

#[test]
fn kernels_give_way_to_handlers_and_handlers_to_everything_else() {
    let place = Place::open(&[]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let api = Api::new(&place.server.url).unwrap();
    runtime.block_on(api.add_key(None, None, Some(Upload::new(SERVER_KEY.clone())))).unwrap();
    let found = niceness(place.server.id());
    let usual = *found["cipherdeck"].first().expect("its main thread");
    for kind in ["handler", "key-check", "kernel", "rayon", "tokio-rt-worker", "heartbeat", "store-writer"] {
        let more = match kind {
            "handler" | "key-check" => 5,
            "kernel" | "rayon" => 10,
            _ => 0,
        };
        let threads = found.get(kind).unwrap_or_else(|| panic!("no {kind} in {found:?}"));
        assert!(threads.iter().all(|nice| *nice == (usual + more).min(19)), "{kind}: {threads:?}, of {usual}");
    }
}
