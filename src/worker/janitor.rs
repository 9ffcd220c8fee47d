//! Removes what has had its time: expired tasks, unused keys, blobs that nothing refers to.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    blobs::{BlobStore, Listed},
    store::Store,
    task::{BlobRef, Clock, Timestamp},
};

/// Tasks removed per transaction, so that a large sweep does not hold up the queue.
const BATCH: usize = 500;

/// Blob names asked about at once.
const NAMES: usize = 500;

/// Sweeps.
#[derive(Clone)]
pub struct Janitor {
    store: Arc<dyn Store>,
    blobs: BlobStore,
    clock: Clock,
}

impl Janitor {
    /// Over this store and its blobs.
    pub const fn new(store: Arc<dyn Store>, blobs: BlobStore, clock: Clock) -> Self {
        Self { store, blobs, clock }
    }

    /// Sweeps every `every` until told to stop. At the start it removes what a crash has left, of any age: nothing is
    /// on its way then.
    pub async fn run(self, every: Duration, stop: CancellationToken) {
        let began = self.clock.now();
        self.sweep_orphans(began).await;
        loop {
            self.sweep_expired().await;
            tokio::select! {
                () = tokio::time::sleep(every) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Removes everything whose time has come.
    pub async fn sweep_expired(&self) {
        loop {
            let swept = match self.store.sweep(BATCH).await {
                Ok(swept) => swept,
                Err(error) => return tracing::warn!(%error, "the sweep failed; it will be tried again"),
            };
            if swept.tasks + swept.uids > 0 {
                tracing::info!(tasks = swept.tasks, uids = swept.uids, blobs = swept.garbage.len(), "swept");
            }
            self.discard(&swept.garbage).await;
            if !swept.more {
                return;
            }
        }
    }

    /// Removes blobs that the store has said it no longer refers to.
    pub async fn discard(&self, garbage: &[BlobRef]) {
        for blob in garbage {
            if let Err(error) = self.blobs.delete(&blob.name).await {
                tracing::warn!(%error, "a blob could not be removed; the next start will");
            }
        }
    }

    /// Removes blobs older than `before` that nothing refers to.
    pub async fn sweep_orphans(&self, before: Timestamp) {
        let listed = match self.blobs.list().await {
            Ok(listed) => listed,
            Err(error) => return tracing::warn!(%error, "blobs cannot be listed; garbage stays until the next start"),
        };
        let old: Vec<Listed> = listed.into_iter().filter(|blob| blob.modified < before).collect();
        let mut removed = 0_u64;
        for some in old.chunks(NAMES) {
            let names: Vec<String> = some.iter().map(|blob| blob.name.clone()).collect();
            let kept = match self.store.referenced(names.clone()).await {
                Ok(kept) => kept,
                Err(error) => return tracing::warn!(%error, "references cannot be read; garbage stays"),
            };
            for name in names.iter().filter(|name| !kept.contains(name)) {
                match self.blobs.delete(name).await {
                    Ok(()) => removed += 1,
                    Err(error) => tracing::warn!(%error, "a blob could not be removed"),
                }
            }
        }
        if removed > 0 {
            tracing::info!(blobs = removed, "removed what an earlier crash had left");
        }
    }
}
