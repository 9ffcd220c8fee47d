//! The slots of this process.

use std::{sync::Arc, time::Duration};

use tokio::sync::broadcast::error::RecvError;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use super::{
    KeyCache,
    beat::{Body, Heart, Nudge},
    pulse::Pulse,
    roster::{DEVICE, Roster},
    running::{Running, StopReason},
    slot::Slot,
};
use crate::{
    blobs::BlobStore,
    config,
    monitor::{Telemetry, sampler::node_name},
    priority::Priority,
    store::{EventKind, NodeName, Store},
    task::FailureLabel,
    use_cases::Registry,
};

/// Why a pool could not start.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// No threads for the kernels.
    #[error("the threads of the worker pool could not be started: {0}")]
    Threads(String),
}

/// What a pool works with.
#[derive(Clone)]
pub struct Parts {
    /// The queue.
    pub store: Arc<dyn Store>,
    /// Keys, inputs, results.
    pub blobs: BlobStore,
    /// What can be computed.
    pub use_cases: Registry,
    /// Slots, threads, limits.
    pub settings: config::Worker,
    /// Where what it does is counted.
    pub telemetry: Telemetry,
}

/// Shared by the slots.
pub(super) struct Shared {
    pub(super) parts: Parts,
    pub(super) keys: KeyCache,
    pub(super) running: Running,
    pub(super) threads: Arc<rayon::ThreadPool>,
    /// Cancelled when no further task may be claimed.
    pub(super) closing: CancellationToken,
}

/// The running slots.
pub struct Pool {
    shared: Arc<Shared>,
    slots: TaskTracker,
    heart: Heart,
    body: Body,
}

/// What the names of this process's nodes begin with: `host:pid:`.
pub fn process_name() -> String {
    let host = node_name().replace([':', '/', ' '], "-");
    format!("{host}:{}:", std::process::id())
}

impl Pool {
    /// Starts the slots; must be called on a tokio runtime.
    ///
    /// # Errors
    /// [`PoolError`].
    pub fn start(parts: Parts) -> Result<Self, PoolError> {
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(parts.settings.threads)
            .thread_name(|index| format!("kernel-{index}"))
            .start_handler(|_| Priority::Kernels.take())
            .build()
            .map_err(|error| PoolError::Threads(error.to_string()))?;
        let running = Running::default();
        let keys = KeyCache::new(parts.settings.key_cache_mib << 20);
        observe(&parts, &keys);
        let node = NodeName(format!("{}{}", process_name(), Uuid::new_v4().simple()));
        let slots = TaskTracker::new();
        let roster =
            Arc::new(Roster::new(node, parts.settings.count, threads.current_num_threads(), parts.settings.lease()));
        let body = Body {
            store: Arc::clone(&parts.store),
            running: running.clone(),
            roster: Arc::clone(&roster),
            keys: keys.clone(),
            pulse: Pulse::new(slots.clone()),
            lease: parts.settings.lease(),
        };
        let heart = Heart::start(body.clone()).map_err(|error| PoolError::Threads(error.to_string()))?;
        let closing = CancellationToken::new();
        let shared = Arc::new(Shared { parts, keys, running, threads: Arc::new(threads), closing });
        for seat in roster.seats() {
            slots.spawn(Slot::new(Arc::clone(&shared), seat).run());
        }
        slots.close();
        tokio::spawn(hear_orders(Arc::clone(&shared), heart.nudge()));
        Ok(Self { shared, slots, heart, body })
    }

    /// The cache of server keys.
    pub fn keys(&self) -> &KeyCache {
        &self.shared.keys
    }

    /// Whether the workers live.
    pub fn pulse(&self) -> Pulse {
        self.body.pulse.clone()
    }

    /// Stops claiming; running tasks get `grace` to finish, then they go back to the queue. Returns when nothing runs.
    pub async fn drain(&self, grace: Duration) {
        self.shared.closing.cancel();
        if tokio::time::timeout(grace, self.slots.wait()).await.is_err() {
            tracing::info!("the grace of the drain is over: running tasks go back to the queue");
            self.shared.running.stop_all(StopReason::Drain);
            self.slots.wait().await;
        }
        self.heart.leave(&self.body).await;
    }

    /// Stops now: gives every running task back to the queue without waiting for its kernel, whose late result will be
    /// refused.
    pub async fn abandon(&self) {
        self.shared.closing.cancel();
        self.shared.running.stop_all(StopReason::Drain);
        for (task, token) in self.shared.running.claims() {
            if let Err(error) = self.shared.parts.store.release(task, token).await {
                tracing::warn!(%task, %error, "could not give the task back; the next start will");
            }
        }
        self.heart.leave(&self.body).await;
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.closing.cancel();
        self.shared.running.stop_all(StopReason::Drain);
    }
}

/// What is counted begins at 0.
fn observe(parts: &Parts, keys: &KeyCache) {
    let metrics = &parts.telemetry.metrics;
    metrics.tasks.announce(&parts.use_cases.names(), DEVICE, &FailureLabel::ALL.map(FailureLabel::word));
    let keys = keys.clone();
    metrics.register(move |values| keys.write(values));
}

/// Cancels reach their kernel as soon as they are committed, drains the next beat; the heartbeat is the path that is
/// guaranteed.
async fn hear_orders(shared: Arc<Shared>, heart: Nudge) {
    let mut events = shared.parts.store.events();
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Ok(event) => match event.kind {
                    EventKind::CancelRequested { id } => shared.running.stop(id, StopReason::Cancel),
                    EventKind::Draining { .. } => heart.beat(),
                    _ => {}
                },
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            () = shared.closing.cancelled(), if shared.running.is_empty() => return,
        }
    }
}
