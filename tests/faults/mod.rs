//! Faults in a cluster: real processes on a real Redis with blobs in one directory, and what a failure costs.
//!
//! Each round reports, as queue tests do: *lost* are acknowledged tasks that the cluster no longer knows or never ends,
//! *recovered* those that a failure interrupted and that ended all the same, *unexpected* those that ended otherwise than
//! with the right answer, *duplicated* results that were published more than once (rows of the run history, or blobs that
//! are still there after the sweep).
//!
//! `CIPHERDECK_FAULTS=full` runs the long rounds (`make test-faults`), everything else runs short ones.

mod cancels;
mod clients;
mod cluster;
mod cuts;
mod drains;
mod fault;
mod kills;
mod leases;
mod ledger;
mod node;
mod once;
mod poison;
mod power;
mod proxy;
mod questions;
mod steps;
mod two_nodes;
mod versions;

/// What a long round does so often, and a short one.
fn rounds(long: usize, short: usize) -> usize {
    if std::env::var("CIPHERDECK_FAULTS").is_ok_and(|value| value == "full") { long } else { short }
}
