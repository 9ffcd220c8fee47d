//! Renews the leases of everything that runs, once a second, on an OS thread of its own: kernels saturate the cores and
//! must not delay it. A process that could not renew for a whole lease stops its tasks by its own monotonic clock.

use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use super::running::{Running, StopReason};
use crate::store::Store;

/// Between two beats.
const BEAT: Duration = Duration::from_secs(1);

/// A claim that has not been renewed for so long belongs to nobody.
const LEASE: Duration = Duration::from_secs(15);

/// The beating thread; it ends when this is dropped.
pub(super) struct Heart {
    _alive: mpsc::SyncSender<()>,
}

impl Heart {
    pub(super) fn start(store: Arc<dyn Store>, running: Running) -> std::io::Result<Self> {
        let (alive, ended) = mpsc::sync_channel(1);
        let runtime = tokio::runtime::Handle::current();
        std::thread::Builder::new().name("heartbeat".to_owned()).spawn(move || {
            let mut last_good = Instant::now();
            while ended.recv_timeout(BEAT) == Err(mpsc::RecvTimeoutError::Timeout) {
                let beats = running.beats();
                if beats.is_empty() {
                    last_good = Instant::now();
                    continue;
                }
                match runtime.block_on(store.heartbeat(beats.clone())) {
                    Ok(answers) => {
                        last_good = Instant::now();
                        running.answer(&beats, &answers);
                    }
                    Err(error) => tracing::warn!(%error, "heartbeat failed"),
                }
                if last_good.elapsed() > LEASE {
                    tracing::error!("no heartbeat for a whole lease: running tasks are stopped");
                    running.stop_all(StopReason::Lost);
                }
            }
        })?;
        Ok(Self { _alive: alive })
    }
}
