//! Removes what has had its time: expired tasks, unused keys, blobs that nothing refers to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use crate::{
    blobs::{BlobError, BlobStore, Owner},
    monitor::metrics::Values,
    store::{Store, StoreError},
    task::Timestamp,
    vault::KeyVault,
};

/// Tasks removed per transaction, so that a large sweep does not hold up the queue.
const BATCH: usize = 500;

/// Blob names asked about at once.
const NAMES: usize = 500;

/// Between two looks for orphans where other servers may crash while this one runs.
const LOOK: Duration = Duration::from_hours(6);

/// Why orphans were not looked for.
#[derive(Debug, thiserror::Error)]
pub enum OrphanError {
    /// The blobs cannot be listed.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The references cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// They are not ours to judge.
    #[error(
        "the blobs belong to another store ({0}), or this store has lost its memory; remove the file store-id beside \
         them to hand them over"
    )]
    Foreign(String),
}

/// What sweeps of this process have removed since its start.
#[derive(Debug, Default)]
pub struct SweepTotals {
    /// Tasks whose expiry had passed.
    pub tasks: AtomicU64,
    /// Uids that nothing used for too long, or whose deletion is complete.
    pub uids: AtomicU64,
    /// Evaluation keys that no uid refers to any more.
    pub keys: AtomicU64,
    /// Blobs in all, keys among them, and what crashes have left.
    pub blobs: AtomicU64,
}

impl SweepTotals {
    /// Writes them, for metrics.
    ///
    /// # Errors
    /// When a value cannot be written.
    pub fn write(&self, values: &mut Values<'_>) -> std::fmt::Result {
        let of = |what: &str, total: &AtomicU64| ([("what", what.to_owned())], total.load(Ordering::Relaxed));
        let rows = [of("task", &self.tasks), of("uid", &self.uids), of("key", &self.keys), of("blob", &self.blobs)];
        values.counters("swept", "What sweeps have removed.", rows)
    }
}

/// The same of one sweep.
#[derive(Debug, Default)]
struct Removed {
    tasks: u64,
    uids: u64,
    keys: u64,
    blobs: u64,
}

/// Sweeps.
#[derive(Clone)]
pub struct Janitor {
    totals: Arc<SweepTotals>,
    store: Arc<dyn Store>,
    blobs: BlobStore,
    vault: KeyVault,
    began: Timestamp,
    grace: Duration,
}

impl Janitor {
    /// Over this store and its blobs. `began`: when this process was about to write its first blob, by the storage's
    /// clock. Where the store is shared, a blob without a reference is an orphan only when it is older than `grace`:
    /// until then somebody may be about to refer to it.
    pub fn new(store: Arc<dyn Store>, blobs: BlobStore, vault: KeyVault, began: Timestamp, grace: Duration) -> Self {
        Self { totals: Arc::default(), store, blobs, vault, began, grace }
    }

    /// What was removed so far, for metrics. Clones count together.
    pub fn totals(&self) -> Arc<SweepTotals> {
        Arc::clone(&self.totals)
    }

    /// Sweeps every `every` until told to stop. A server that has its store for itself looks for orphans at its start,
    /// of any age: nothing is on its way then.
    pub async fn run(self, every: Duration, stop: CancellationToken) {
        let sweeps = async {
            loop {
                self.sweep_expired().await;
                tokio::time::sleep(every).await;
            }
        };
        let looks = async {
            while {
                match self.look_for_orphans().await {
                    Ok(0) => {}
                    Ok(blobs) => tracing::info!(blobs, "removed what an earlier crash had left"),
                    Err(error) => tracing::warn!(%error, "orphaned blobs stay where they are"),
                }
                self.store.is_shared()
            } {
                tokio::time::sleep(LOOK).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = sweeps => {}
            () = looks => {}
            () = stop.cancelled() => {}
        }
    }

    /// Removes everything whose time has come.
    pub async fn sweep_expired(&self) {
        let mut removed = Removed::default();
        let ended = self.sweep_batches(&mut removed).await;
        let Removed { tasks, uids, keys, blobs } = removed;
        for (total, now) in [
            (&self.totals.tasks, tasks),
            (&self.totals.uids, uids),
            (&self.totals.keys, keys),
            (&self.totals.blobs, blobs),
        ] {
            total.fetch_add(now, Ordering::Relaxed);
        }
        if tasks + uids + blobs > 0 {
            tracing::info!(tasks, uids, keys, blobs, "swept");
        }
        if let Err(error) = ended {
            tracing::warn!(%error, "the sweep failed; it will be tried again");
        }
    }

    async fn sweep_batches(&self, removed: &mut Removed) -> Result<(), StoreError> {
        loop {
            let swept = self.store.sweep(BATCH).await?;
            removed.tasks += swept.tasks;
            removed.uids += swept.uids;
            let (keys, others) = swept.garbage.into_iter().partition(KeyVault::is_key);
            let keys = self.vault.remove(keys).await;
            removed.keys += keys;
            removed.blobs += keys + self.vault.remove(others).await;
            if !swept.more {
                return Ok(());
            }
        }
    }

    /// Removes the orphans that are old enough. Answers how many are gone.
    ///
    /// # Errors
    /// [`OrphanError`].
    pub async fn look_for_orphans(&self) -> Result<u64, OrphanError> {
        let shared = self.store.is_shared();
        let before = if shared { self.blobs.now().await?.minus(self.grace) } else { self.began };
        self.sweep_orphans(before).await
    }

    /// Removes blobs that were written before `before`, by the storage's clock, and to which nothing refers. Answers how
    /// many are gone.
    ///
    /// # Errors
    /// [`OrphanError`].
    pub async fn sweep_orphans(&self, before: Timestamp) -> Result<u64, OrphanError> {
        if let Owner::Other(owner) = self.blobs.owner(self.store.identity().await?).await? {
            return Err(OrphanError::Foreign(owner.map_or_else(|| "unreadable".to_owned(), |id| id.to_string())));
        }
        let listed = self.blobs.list().await?;
        let old: Vec<String> = listed.into_iter().filter(|blob| blob.modified < before).map(|blob| blob.name).collect();
        let mut removed = 0;
        for names in old.chunks(NAMES) {
            let gone = self.vault.remove_orphans(names.to_vec()).await?;
            self.totals.blobs.fetch_add(gone, Ordering::Relaxed);
            removed += gone;
        }
        self.blobs.prune().await?;
        Ok(removed)
    }
}
