//! Key blobs together with the uids that refer to them.
//!
//! Every key is published under a name of its own, `keys/<uuid>`; then the store decides, with the reference, whether
//! the uid uses it or the blob of an equal key. A blob that nothing refers to any more never gets another reference, so
//! whoever is told that it is garbage deletes it, on any server, without a lock. Additions run to their end even when the
//! client that asked goes away: they either happen whole or leave nothing but an orphan for the sweep.

use std::sync::Arc;

use futures::{StreamExt as _, stream};
use uuid::Uuid;

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

/// Adds and removes key blobs.
#[derive(Clone)]
pub struct KeyVault {
    store: Arc<dyn Store>,
    blobs: BlobStore,
}

impl KeyVault {
    /// Over this store and these blobs.
    pub fn new(store: Arc<dyn Store>, blobs: BlobStore) -> Self {
        Self { store, blobs }
    }

    /// Creates a uid, with a checked key or without one.
    ///
    /// # Errors
    /// [`VaultError`]; nothing is stored then.
    pub async fn add(&self, uid: Uid, client: ClientId, key: Option<Incoming>) -> Result<(), VaultError> {
        let vault = self.clone();
        to_the_end(async move {
            let Some(key) = key else {
                vault.store.add_uid(uid, client, None).await?;
                return Ok(());
            };
            let fresh = vault.publish(key).await?;
            match vault.store.add_uid(uid, client, Some(fresh.clone())).await {
                Ok(used) => {
                    vault.settle(&fresh, used.as_ref()).await;
                    Ok(())
                }
                Err(error) => Err(vault.refused(&fresh, error).await),
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
            let fresh = vault.publish(key).await?;
            match vault.store.attach_key(uid, fresh.clone()).await {
                Ok(answer) => {
                    let used = if let AttachKey::Attached(used) = &answer { Some(used) } else { None };
                    vault.settle(&fresh, used).await;
                    Ok(answer)
                }
                Err(error) => Err(vault.refused(&fresh, error).await),
            }
        })
        .await
    }

    /// Is this the blob of a key?
    pub(crate) fn is_key(blob: &BlobRef) -> bool {
        blob.name.starts_with(PREFIX)
    }

    /// Deletes blobs that the store has called garbage. What cannot be deleted is left to the sweep of orphans, with a
    /// warning. Answers how many are gone.
    pub async fn remove(&self, garbage: Vec<BlobRef>) -> u64 {
        self.delete_all(garbage.into_iter().map(|blob| blob.name).collect()).await
    }

    /// Deletes those of these blobs that nothing refers to: what a crash has left. They must be so old that nobody is
    /// about to refer to them. Answers how many are gone.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is deleted then.
    pub async fn remove_orphans(&self, names: Vec<String>) -> Result<u64, StoreError> {
        let kept = self.store.referenced(names.clone()).await?;
        Ok(self.delete_all(names.into_iter().filter(|name| !kept.contains(name)).collect()).await)
    }

    async fn publish(&self, key: Incoming) -> Result<BlobRef, BlobError> {
        self.blobs.publish(key, &format!("{PREFIX}{}", Uuid::new_v4())).await
    }

    /// The store has decided which blob is used. Where it is an equal one, the fresh bytes take its place: that heals
    /// one that was damaged.
    async fn settle(&self, fresh: &BlobRef, used: Option<&BlobRef>) {
        match used {
            Some(used) if used.name == fresh.name => {}
            Some(used) => {
                if let Err(error) = self.blobs.replace(&fresh.name, &used.name).await {
                    tracing::warn!(blob = fresh.name, %error, "a key that is there twice could not be merged");
                    self.delete(&fresh.name).await;
                }
            }
            None => {
                self.delete(&fresh.name).await;
            }
        }
    }

    /// The store did not take the key. Where it did not answer it may refer to it all the same: the sweep decides.
    async fn refused(&self, fresh: &BlobRef, error: StoreError) -> VaultError {
        if !matches!(error, StoreError::Unavailable(_)) {
            self.delete(&fresh.name).await;
        }
        error.into()
    }

    /// Each waits for the storage: together they wait once.
    async fn delete_all(&self, names: Vec<String>) -> u64 {
        let deletions = stream::iter(names).map(|name| async move { self.delete(&name).await });
        deletions.buffer_unordered(AT_ONCE).fold(0, async |sum, gone| sum + u64::from(gone)).await
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
