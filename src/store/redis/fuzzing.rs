//! Hashes of a Redis that somebody else has written to.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a fuzz target fails by panicking")]

use std::collections::HashMap;

use super::{
    audit, history, lanes,
    layout::FORMAT,
    record::{self, Fields},
};
use crate::{
    fuzzing::Script,
    store::{ListOrder, StoreError, lanes::Lane},
};

const ID: &str = "936da01f-9abd-4d9d-80c7-02af85c822a8";
const DIGEST: &str = "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85";

/// The fields, some of them changed, removed or added: a number and a text each.
fn hash(whole: &[(&str, &str)], script: &mut Script<'_>) -> HashMap<String, String> {
    let mut hash: HashMap<String, String> =
        whole.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    while !script.is_over() {
        let number = usize::from(script.u8());
        match (whole.get(number % (whole.len() + 1)), number / (whole.len() + 1) % 3) {
            (Some((name, _)), 0 | 1) => drop(hash.insert((*name).to_owned(), script.text())),
            (Some((name, _)), _) => drop(hash.remove(*name)),
            (None, _) => drop(hash.insert(script.text(), script.text())),
        }
    }
    hash
}

/// Is it an answer, or does the store say that its record is damaged?
fn told<T>(read: Result<T, StoreError>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(StoreError::Damaged(_)) => None,
        Err(error) => panic!("a damaged record was told as {error}"),
    }
}

/// A task's hash.
pub(crate) fn task(mut script: Script<'_>) {
    let format = FORMAT.to_string();
    let whole = [
        ("v", format.as_str()),
        ("status", "success"),
        ("uid", ID),
        ("client", "client"),
        ("use_case", "weight_stats"),
        ("needs", "weight_stats"),
        ("priority", "-3"),
        ("attempt", "1"),
        ("cancelling", "0"),
        ("input_name", "inputs/a"),
        ("input_len", "3"),
        ("input_digest", DIGEST),
        ("result_name", "results/a"),
        ("result_len", "3"),
        ("result_digest", DIGEST),
        ("failure", "time_limit"),
        ("failure_detail", "late"),
        ("worker", "node/0"),
        ("device", "cpu"),
        ("progress", "0.5"),
        ("token", ID),
        ("created", "1700000000000"),
        ("upload_ms", "12"),
        ("started", "1700000000001"),
        ("finished", "1700000000002"),
        ("fetched", "1700000000003"),
        ("expires", "1700000000004"),
    ];
    let id = ID.parse().unwrap();
    assert!(told(record::task(id, HashMap::new())).is_some_and(|task| task.is_none()), "no hash is no task");
    let hash = hash(&whole, &mut script);
    let status = hash.get("status").cloned();
    let Some(Some(task)) = told(record::task(id, hash)) else { return };
    assert_eq!(Some(task.status.word()), status.as_deref());
    assert!(task.progress.is_none() || !task.status.is_terminal());
}

/// A row of the run history.
pub(crate) fn run(mut script: Script<'_>) {
    let whole = [
        ("task", ID),
        ("origin", "task"),
        ("use_case", "weight_stats"),
        ("device", "cpu"),
        ("finished", "1700000000000"),
        ("upload_ms", "5"),
        ("queue_s", "0.5"),
        ("server_s", "1.5"),
        ("end_to_end_s", "2.5"),
        ("bootstraps", "81"),
    ];
    let end_to_end = script.u8();
    let fields = Fields(hash(&whole, &mut script));
    told(history::read(&fields, (end_to_end > 0).then_some(u64::from(end_to_end))));
}

/// A row of the audit log.
pub(crate) fn audit(mut script: Script<'_>) {
    let number = script.text();
    let whole = [
        ("door", "http"),
        ("name", "ann"),
        ("role", "operator"),
        ("action", "cancel"),
        ("object", "936da01f"),
        ("result", "done"),
        ("at", "1700000000000"),
    ];
    told(audit::read(&number, &Fields(hash(&whole, &mut script))));
}

/// Blobs as scripts list them.
pub(crate) fn blobs(mut script: Script<'_>) {
    let mut flat = Vec::new();
    while !script.is_over() {
        flat.push(match script.u8() % 4 {
            0 => "keys/a".to_owned(),
            1 => "3".to_owned(),
            2 => DIGEST.to_owned(),
            _ => script.text(),
        });
    }
    if let Some(blobs) = told(record::blobs(&flat)) {
        assert_eq!(3 * blobs.len(), flat.len());
    }
}

pub(crate) fn cursor(text: &str, order: ListOrder, all: &[Lane]) {
    if let Ok((number, member)) = lanes::decode(text, order, all) {
        let written = crate::store::lanes::encode(order, all[number], member);
        assert_eq!(lanes::decode(&written, order, all).expect("a cursor of ours"), (number, member));
    }
}
