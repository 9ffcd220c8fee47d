//! Fills the snapshots of `cipherdeck_ui` from store events and samples, and does what its commands ask for.
//!
//! - [`session`]: one view: one `select!` loop over events, keys, samples and the clock. Draws on data or input only,
//!   and reads only what the visible screen shows.
//! - `pager`, `load`, `side`: what a session reads, page by page; `shown`: records as the screens show them.
//! - `work`: what an operator asked for: actions, through the desk; `gather`, `export`.
//! - `flow`: what ended lately. [`fleet`]: who computes, sampled while somebody looks.
//! - `local`, `own_terminal`, `terminal_input`: this process's own terminal. `remote`: others, by [`ssh`] and by [`attach`].
//!   `look`: what a terminal can show.

pub mod attach;
mod export;
pub mod fleet;
mod flow;
mod gather;
mod load;
mod local;
mod look;
mod own_terminal;
mod pager;
mod remote;
pub mod session;
mod shown;
mod side;
pub mod ssh;
mod terminal_input;
mod work;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use tokio_util::sync::CancellationToken;

use self::fleet::Fleet;
use crate::{
    monitor::{gpu::GpuSampler, logs::LogRing, sampler::Sampler},
    operator::Desk,
    store::Store,
    task::{Clock, Timestamp},
};

pub use local::run_local;

/// What the console shows and acts on.
#[derive(Clone)]
pub struct Host {
    /// Tasks.
    pub store: Arc<dyn Store>,
    /// Does what operators ask for, and keeps the audit log.
    pub desk: Desk,
    /// Log lines.
    pub logs: LogRing,
    /// Load of the machine.
    pub sampler: Sampler,
    /// Load of its GPUs.
    pub gpus: GpuSampler,
    /// Who computes.
    pub fleet: Fleet,
    /// Where exports go.
    pub data_dir: PathBuf,
    /// Cancelled when the server begins to drain.
    pub draining: CancellationToken,
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
