//! What the handlers share.

use std::{ops::Deref, sync::Arc, time::Instant};

use bytes::Bytes;
use tokio::sync::{OnceCell, Semaphore};
use tokio_util::sync::CancellationToken;

use super::{
    error::{ApiError, ApiResult, Label},
    wait::Watchers,
};
use crate::{
    blobs::BlobStore,
    config::Settings,
    monitor::{Telemetry, logs::LogRing},
    operator::{Desk, tokens::Tokens},
    store::Store,
    task::Clock,
    use_cases::Registry,
    vault::KeyVault,
};

/// Files uploaded at once: each holds up to two parts of a stream in memory.
const UPLOADS: usize = 128;

/// Made once by `server`, shared by all handlers.
pub struct ApiState {
    /// Tasks, uids, history.
    pub store: Arc<dyn Store>,
    /// Keys, inputs, results.
    pub blobs: BlobStore,
    /// Adds and removes key blobs; the same one as the sweep's.
    pub vault: KeyVault,
    /// What operators do; the same one as the console's.
    pub desk: Desk,
    /// What can be computed.
    pub use_cases: Registry,
    /// All settings.
    pub settings: Arc<Settings>,
    /// For `GET /logs`, and which lines are written.
    pub logs: LogRing,
    /// Where requests are counted; the same one as the workers'.
    pub telemetry: Telemetry,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Cancelled when a drain begins: new work is then refused with 503 `draining`, long polls answer at once.
    pub draining: CancellationToken,
}

/// [`ApiState`] and what only the handlers need. Clones share it.
#[derive(Clone)]
pub(super) struct App(Arc<Inner>);

pub(super) struct Inner {
    state: Arc<ApiState>,
    /// Key checks at once.
    pub(super) key_checks: Arc<Semaphore>,
    /// Files being uploaded.
    pub(super) uploads: Semaphore,
    /// Long polls.
    pub(super) watchers: Watchers,
    /// The catalogue's JSON, compressed at its first use.
    pub(super) ads_gzip: OnceCell<Bytes>,
    /// Who may come in.
    pub(super) tokens: Tokens,
    /// Start of the server.
    pub(super) started: Instant,
}

impl Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Deref for Inner {
    type Target = ApiState;
    fn deref(&self) -> &ApiState {
        &self.state
    }
}

impl App {
    pub(super) fn new(state: Arc<ApiState>) -> Self {
        state.telemetry.metrics.http.announce_labels(Label::ALL.iter().map(|label| label.word()));
        let checks = state.settings.limits.concurrent_key_checks;
        let tokens = Tokens::of(&state.settings.auth.tokens);
        let watchers = Watchers::new(Arc::clone(&state.store));
        Self(Arc::new(Inner {
            state,
            key_checks: Arc::new(Semaphore::new(checks)),
            uploads: Semaphore::new(UPLOADS),
            watchers,
            ads_gzip: OnceCell::new(),
            tokens,
            started: Instant::now(),
        }))
    }

    /// New work is refused once a drain has begun.
    pub(super) fn admit_work(&self) -> ApiResult<()> {
        if self.draining.is_cancelled() {
            let detail = "The server is stopping and takes no new work; try again in a moment.";
            return Err(ApiError::new(Label::Draining, detail).retry_after(std::time::Duration::from_secs(5)));
        }
        Ok(())
    }
}
