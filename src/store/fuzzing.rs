//! Records as a store may hold them that somebody else has written to, and cursors of pages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a fuzz target fails by panicking")]

use super::{ListOrder, NodeReport, StateFilter, lanes::lanes};
use crate::{codec, fuzzing::Script, use_cases::Output};

/// The first byte is the kind of record.
pub(crate) fn run(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    match script.u8() % 8 {
        0 => super::sqlite::fuzzing::task(script),
        1 => super::sqlite::fuzzing::run_or_audit(script),
        2 => super::redis::fuzzing::task(script),
        3 => super::redis::fuzzing::run(script),
        4 => super::redis::fuzzing::audit(script),
        5 => super::redis::fuzzing::blobs(script),
        6 => node(script.rest()),
        _ => output(script.rest()),
    }
}

/// A node's report is the same when it is written again.
fn node(json: &[u8]) {
    if let Ok(report) = serde_json::from_slice::<NodeReport>(json) {
        let again = serde_json::to_vec(&report).unwrap();
        assert_eq!(serde_json::from_slice::<NodeReport>(&again).unwrap(), report);
    }
}

/// A stored result has one form.
fn output(bytes: &[u8]) {
    if let Ok(output) = codec::decode::<Output>(bytes) {
        assert_eq!(codec::encode(&output).unwrap(), bytes);
    }
}

/// A cursor of a page is read in its own order, or refused.
pub(crate) fn cursor(text: &str) {
    let orders = [ListOrder::Life, ListOrder::Created, ListOrder::Position, ListOrder::Started, ListOrder::Finished];
    for order in orders {
        for state in [StateFilter::All, StateFilter::Finished, StateFilter::Terminal] {
            let lanes = lanes(order, state);
            super::sqlite::fuzzing::cursor(text, order, &lanes);
            super::redis::fuzzing::cursor(text, order, &lanes);
        }
    }
}
