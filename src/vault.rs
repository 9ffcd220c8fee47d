//! Key blobs together with the uids that refer to them.
//!
//! Equal keys share one blob, `keys/<digest>`. Between the publication of a blob and the record that refers to it, a
//! removal must not see it as unused; so every addition and every removal of a key blob goes through one lock here.
//! Additions run to their end even when the client that asked goes away: they either happen whole or leave nothing.

use std::sync::Arc;

use futures::{StreamExt as _, stream};
use tokio::sync::Mutex;

use crate::{
    blobs::{BlobError, BlobStore, Incoming},
    store::{AttachKey, Store, StoreError},
    task::{BlobRef, ClientId, Uid},
};

/// Blobs of evaluation keys have this prefix.
const PREFIX: &str = "keys/";

/// Blobs deleted at the same time.
const AT_ONCE: usize = 32;

/// Why a key could not be added.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The store refused it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The blob could not be written.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// A bug: the work panicked or the runtime stops.
    #[error("the key was not stored: {0}")]
    Interrupted(String),
}

/// Adds and removes key blobs. Clones share the lock: make one per process and clone it.
#[derive(Clone)]
pub struct KeyVault {
    store: Arc<dyn Store>,
    blobs: BlobStore,
    lock: Arc<Mutex<()>>,
}

impl KeyVault {
    /// Over this store and these blobs.
    pub fn new(store: Arc<dyn Store>, blobs: BlobStore) -> Self {
        Self { store, blobs, lock: Arc::new(Mutex::new(())) }
    }

    /// Creates a uid, with a checked key or without one.
    ///
    /// # Errors
    /// [`VaultError`]; nothing is stored then.
    pub async fn add(&self, uid: Uid, client: ClientId, key: Option<Incoming>) -> Result<(), VaultError> {
        let vault = self.clone();
        to_the_end(async move {
            let Some(key) = key else { return Ok(vault.store.add_uid(uid, client, None).await?) };
            let _guard = vault.lock.lock().await;
            let blob = vault.publish(key).await?;
            match vault.store.add_uid(uid, client, Some(blob.clone())).await {
                Ok(()) => Ok(()),
                Err(error) => {
                    vault.delete_unused(&blob).await;
                    Err(error.into())
                }
            }
        })
        .await
    }

    /// Attaches a checked key to a uid that has none.
    ///
    /// # Errors
    /// [`VaultError`]; nothing is stored then.
    pub async fn attach(&self, uid: Uid, key: Incoming) -> Result<AttachKey, VaultError> {
        let vault = self.clone();
        to_the_end(async move {
            let _guard = vault.lock.lock().await;
            let blob = vault.publish(key).await?;
            let answer = vault.store.attach_key(uid, blob.clone()).await;
            if !matches!(answer, Ok(AttachKey::Attached)) {
                vault.delete_unused(&blob).await;
            }
            Ok(answer?)
        })
        .await
    }

    /// Deletes blobs that the store has called garbage: keys only if no uid refers to them by now. What cannot be
    /// deleted is left to the sweep at start, with a warning. Answers how many are gone.
    pub async fn remove(&self, garbage: Vec<BlobRef>) -> u64 {
        let (keys, others): (Vec<_>, Vec<_>) = garbage.into_iter().partition(|blob| blob.name.starts_with(PREFIX));
        // Each waits for the disk: together they wait once.
        let others = stream::iter(others).map(|blob| async move { self.delete(&blob.name).await });
        let mut removed = others.buffer_unordered(AT_ONCE).fold(0, async |sum, gone| sum + u64::from(gone)).await;
        for blob in keys {
            let _guard = self.lock.lock().await;
            removed += u64::from(self.delete_unused(&blob).await);
        }
        removed
    }

    /// Deletes blobs of these names to which nothing refers by now: what a crash has left. Answers how many are gone.
    pub async fn remove_orphans(&self, names: Vec<String>) -> Result<u64, StoreError> {
        let _guard = self.lock.lock().await;
        let kept = self.store.referenced(names.clone()).await?;
        let mut removed = 0;
        for name in names.into_iter().filter(|name| !kept.contains(name)) {
            removed += u64::from(self.delete(&name).await);
        }
        Ok(removed)
    }

    /// Publishing over an equal blob is harmless, and heals one that was damaged on disk.
    async fn publish(&self, key: Incoming) -> Result<BlobRef, BlobError> {
        let name = format!("{PREFIX}{}", key.digest());
        self.blobs.publish(key, &name).await
    }

    /// The lock is held.
    async fn delete_unused(&self, blob: &BlobRef) -> bool {
        match self.store.key_in_use(blob).await {
            Ok(true) => false,
            Ok(false) => self.delete(&blob.name).await,
            Err(error) => {
                tracing::warn!(blob = %blob.name, %error, "kept a key blob, because it may be in use; the sweep decides");
                false
            }
        }
    }

    async fn delete(&self, name: &str) -> bool {
        match self.blobs.delete(name).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(blob = name, %error, "a blob could not be removed; the sweep will");
                false
            }
        }
    }
}

/// Runs `work` as a task of its own, so that it is not cut short when the caller is dropped (a client that goes away).
///
/// # Errors
/// Those of `work`; a [`VaultError::Interrupted`] when it panicked or the runtime stops.
pub(crate) async fn to_the_end<T, E>(work: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<VaultError> + Send + 'static,
{
    match tokio::spawn(work).await {
        Ok(answer) => answer,
        Err(error) => Err(VaultError::Interrupted(error.to_string()).into()),
    }
}
