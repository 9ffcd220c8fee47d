//! Fills the snapshots of `cipherdeck_ui` from store events and samples, and executes its commands on the store.

use std::{net::SocketAddr, sync::Arc};

use tokio_util::sync::CancellationToken;

use crate::{
    monitor::logs::LogRing,
    store::Store,
    task::{Clock, Timestamp},
};

/// What the console shows and acts on.
#[derive(Clone)]
pub struct Host {
    /// Tasks.
    pub store: Arc<dyn Store>,
    /// Log lines.
    pub logs: LogRing,
    /// Environment's word: dev, staging, prod.
    pub environment: &'static str,
    /// Where the API listens.
    pub address: SocketAddr,
    /// When the server started.
    pub started: Timestamp,
    /// Number of worker slots in this process.
    pub workers: usize,
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

/// Draws the dashboard on this process's terminal until the operator leaves or `shutdown` is cancelled. Restores the
/// terminal in every case, also on panic.
///
/// # Errors
/// When the terminal cannot be set up, read or drawn to.
pub async fn run_local(_host: Host, _shutdown: CancellationToken) -> std::io::Result<Exit> {
    todo!()
}
