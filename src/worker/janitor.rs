//! Removes what has had its time: expired tasks, unused keys, blobs that nothing refers to.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    blobs::BlobStore,
    store::Store,
    task::{Clock, Timestamp},
    vault::KeyVault,
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
    vault: KeyVault,
    clock: Clock,
}

impl Janitor {
    /// Over this store and its blobs.
    pub const fn new(store: Arc<dyn Store>, blobs: BlobStore, vault: KeyVault, clock: Clock) -> Self {
        Self { store, blobs, vault, clock }
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
            self.vault.remove(swept.garbage).await;
            if !swept.more {
                return;
            }
        }
    }

    /// Removes blobs older than `before` that nothing refers to.
    pub async fn sweep_orphans(&self, before: Timestamp) {
        let listed = match self.blobs.list().await {
            Ok(listed) => listed,
            Err(error) => return tracing::warn!(%error, "blobs cannot be listed; garbage stays until the next start"),
        };
        let old: Vec<String> = listed.into_iter().filter(|blob| blob.modified < before).map(|blob| blob.name).collect();
        let mut removed = 0;
        for names in old.chunks(NAMES) {
            match self.vault.remove_orphans(names.to_vec()).await {
                Ok(gone) => removed += gone,
                Err(error) => return tracing::warn!(%error, "references cannot be read; garbage stays"),
            }
        }
        if removed > 0 {
            tracing::info!(blobs = removed, "removed what an earlier crash had left");
        }
    }
}
