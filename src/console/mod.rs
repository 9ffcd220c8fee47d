//! Fills the snapshots of `cipherdeck_ui` from store events and samples, and executes its commands on the store.
//!
//! - [`session`]: one view: one `select!` loop over events, keys, samples and the clock. Draws on data or input only.
//! - `pager`, `load`: what a session reads from the store, page by page; `rows`: a record as the screen shows it.
//! - `actions`: what an operator does to tasks, counted.
//! - `flow`: what ended lately.
//! - `local`: this process's own terminal; [`ssh`]: distant ones; `look`: what a terminal can show.

mod actions;
mod flow;
mod load;
mod local;
mod look;
mod pager;
mod rows;
pub mod session;
pub mod ssh;

use std::{net::SocketAddr, sync::Arc};

use crate::{
    blobs::BlobStore,
    monitor::{logs::LogRing, sampler::Sampler},
    store::Store,
    task::{Clock, Timestamp},
};

pub use local::run_local;

/// What the console shows and acts on.
#[derive(Clone)]
pub struct Host {
    /// Tasks.
    pub store: Arc<dyn Store>,
    /// Where the results lie that a requeue leaves behind.
    pub blobs: BlobStore,
    /// Log lines.
    pub logs: LogRing,
    /// Load of the machine.
    pub sampler: Sampler,
    /// Environment's word: dev, staging, prod.
    pub environment: &'static str,
    /// Where the API listens.
    pub address: SocketAddr,
    /// When the server started.
    pub started: Timestamp,
    /// Number of worker slots in this process.
    pub workers: usize,
    /// Names of what can be computed.
    pub use_cases: Vec<String>,
    /// Where "now" comes from.
    pub clock: Clock,
}

/// How the dashboard was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Close the dashboard, keep serving.
    Leave,
    /// Drain and stop the server.
    Drain,
}
