//! Uids and the evaluation keys that belong to them.

use async_trait::async_trait;

use super::Result;
use crate::task::{BlobRef, ClientId, Timestamp, Uid};

/// What is known about a uid.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyRecord {
    /// The uid.
    pub uid: Uid,
    /// Who created it.
    pub client: ClientId,
    /// Its evaluation key, if it has one. Several uids may share a blob.
    pub key: Option<BlobRef>,
    /// When it was created.
    pub created: Timestamp,
    /// When a task of it was last submitted or run.
    pub last_used: Timestamp,
    /// When it will be removed if nothing uses it.
    pub expires: Timestamp,
}

/// Answer to attaching a key to a uid that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttachKey {
    /// Attached, as this blob (see [`KeyStore::add_uid`]).
    Attached(BlobRef),
    /// It has a key already; nothing changed.
    HasKey,
    /// No such uid.
    Unknown,
}

/// Answer to deleting a uid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeleteUid {
    /// Its queued tasks are revoked, its running ones are cancelled. What nothing refers to any more is `garbage`, to
    /// be deleted by the caller; while `running` > 0 the rest goes with a later sweep.
    Deleted {
        /// Blobs to delete.
        garbage: Vec<BlobRef>,
        /// Tasks that still have to stop.
        running: u64,
    },
    /// No such uid.
    Unknown,
}

/// Uids and keys. A uid that is being deleted is unknown to every operation here and to enqueue.
///
/// Equal keys share one blob. Which one is decided here, in one transaction with the reference to it, and a blob that
/// has lost its last reference never gets another: so any number of servers add and remove keys without a lock.
#[async_trait]
pub trait KeyStore: Send + Sync + 'static {
    /// Creates a uid, with a key or (for use cases that need none) without. Answers the blob that the uid refers to:
    /// `key`, whose name must be new, or the blob of an equal key that is there already; then nothing refers to `key`
    /// and the caller removes it.
    ///
    /// # Errors
    /// [`super::StoreError::TooManyUidsOfClient`] beyond the limit of its client, [`super::StoreError::TooManyUids`] for a
    /// uid without a key beyond the limit of those; nothing is stored then. A uid counts until its record is gone: one
    /// that is being deleted, or has expired without having been swept, still does.
    async fn add_uid(&self, uid: Uid, client: ClientId, key: Option<BlobRef>) -> Result<Option<BlobRef>>;

    /// Attaches a key, once; like [`KeyStore::add_uid`] it may choose the blob of an equal key.
    async fn attach_key(&self, uid: Uid, key: BlobRef) -> Result<AttachKey>;

    /// What is known about a uid.
    async fn key(&self, uid: Uid) -> Result<Option<KeyRecord>>;

    /// Number of tasks that exist under a uid; 0 for an unknown one. Only for its owner: counting takes the longer the
    /// more there are, which would tell anybody else that the uid exists.
    async fn tasks_of(&self, uid: Uid) -> Result<u64>;

    /// Removes a uid and everything under it.
    async fn delete_uid(&self, uid: Uid) -> Result<DeleteUid>;
}
