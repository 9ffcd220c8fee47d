//! What the handlers share.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::{
    backlog::Backlog,
    error::{ApiError, ApiResult},
    executor::Executor,
    key_checks::KeyChecks,
    label::Label,
    rates::Rates,
    seats::Seats,
    tasks::Turns,
    wait::Watchers,
};
use crate::{
    blobs::BlobStore,
    config::Settings,
    monitor::{Telemetry, disk::Disks, logs::LogRing},
    operator::{Desk, tokens::Tokens},
    store::Store,
    task::Clock,
    use_cases::Registry,
    vault::KeyVault,
    worker::Pulse,
};

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
    /// Whether this process's own workers live; `None`: it has none.
    pub workers: Option<Pulse>,
    /// Where requests are counted; the same one as the workers'.
    pub telemetry: Telemetry,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Where handlers run.
    pub executor: Executor,
    /// Cancelled when a drain begins: new work is then refused with 503 `draining`, long polls answer at once.
    pub draining: CancellationToken,
}

/// [`ApiState`] and what only the handlers need. Clones share it.
#[derive(Clone)]
pub(super) struct App(Arc<Inner>);

pub(super) struct Inner {
    state: Arc<ApiState>,
    /// Key checks at once.
    pub(super) key_checks: KeyChecks,
    /// Files being uploaded.
    pub(super) uploads: Seats,
    /// Submissions under an idempotency key.
    pub(super) turns: Turns,
    /// Long polls.
    pub(super) watchers: Watchers,
    /// The catalogue's JSON, compressed at its first use.
    pub(super) ads_gzip: OnceCell<Bytes>,
    /// Who may come in.
    pub(super) tokens: Tokens,
    /// Requests a second.
    pub(super) rates: Rates,
    /// How long the queue is, in time.
    pub(super) backlog: Backlog,
    /// Free bytes.
    pub(super) disks: Disks,
    /// When the store was last written to see whether it can be.
    pub(super) written: tokio::sync::Mutex<Option<Instant>>,
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
        let settings = &state.settings;
        let (key_checks, rates) = (KeyChecks::new(&settings.limits), Rates::new(&settings.limits));
        let uploads = Seats::new(&settings.limits);
        let disks = Disks::new(disk_places(settings, &state.blobs), settings.limits.disk_free_mib << 20);
        let tokens = Tokens::of(&settings.auth.tokens);
        let watchers = Watchers::new(Arc::clone(&state.store));
        Self(Arc::new(Inner {
            state,
            key_checks,
            uploads,
            turns: Turns::default(),
            watchers,
            ads_gzip: OnceCell::new(),
            tokens,
            rates,
            backlog: Backlog::default(),
            disks,
            written: tokio::sync::Mutex::default(),
            started: Instant::now(),
        }))
    }

    /// New work is refused once a drain has begun.
    pub(super) fn admit_work(&self) -> ApiResult<()> {
        if self.draining.is_cancelled() {
            let detail = "The server is stopping and takes no new work; try again in a moment.";
            return Err(ApiError::new(Label::Draining, detail).retry_after(Duration::from_secs(5)));
        }
        Ok(())
    }

    /// Uploads are refused while the disk is nearly full. What runs may still write its result.
    ///
    /// # Errors
    /// 507 `storage_full`.
    pub(super) async fn admit_bytes(&self) -> ApiResult<()> {
        self.disks.check().await.map_err(|_| self.nearly_full())
    }

    /// The next sweep may make room.
    pub(super) fn nearly_full(&self) -> ApiError {
        let detail = "The server has hardly any space left and takes nothing in; try again later. Nothing was stored.";
        let sweep = Duration::from_secs(self.settings.retention.sweep_every_s);
        ApiError::new(Label::StorageFull, detail)
            .retry_after(sweep.clamp(Duration::from_secs(10), Duration::from_mins(10)))
    }
}

/// Where bytes go on this machine: the store, and blobs where they lie in a directory.
fn disk_places(settings: &Settings, blobs: &BlobStore) -> Vec<PathBuf> {
    let store = settings.server.data_dir.clone();
    let blobs = blobs.directory().map(Path::to_owned);
    std::iter::once(store).chain(blobs).collect()
}
