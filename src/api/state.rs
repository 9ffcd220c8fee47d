//! What the handlers share.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::{
    blobs::BlobStore, config::Settings, monitor::logs::LogRing, store::Store, task::Clock, use_cases::Registry,
};

/// Made once by `server`, shared by all handlers.
pub struct ApiState {
    /// Tasks, uids, history.
    pub store: Arc<dyn Store>,
    /// Keys, inputs, results.
    pub blobs: BlobStore,
    /// What can be computed.
    pub use_cases: Registry,
    /// All settings.
    pub settings: Arc<Settings>,
    /// For `GET /logs`.
    pub logs: LogRing,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Cancelled when a drain begins: new work is then refused with 503 `draining`, long polls answer at once.
    pub draining: CancellationToken,
}
