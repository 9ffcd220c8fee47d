//! [`KeyStore`] of the embedded engine.

use async_trait::async_trait;

use super::{SqliteStore, keys};
use crate::{
    store::{AttachKey, DeleteUid, KeyRecord, KeyStore, Result},
    task::{BlobRef, ClientId, Uid},
};

#[async_trait]
impl KeyStore for SqliteStore {
    async fn add_uid(&self, uid: Uid, client: ClientId, key: Option<BlobRef>) -> Result<Option<BlobRef>> {
        self.write(move |tx| keys::add_uid(tx, uid, &client, key)).await
    }

    async fn attach_key(&self, uid: Uid, key: BlobRef) -> Result<AttachKey> {
        self.write(move |tx| keys::attach_key(tx, uid, key)).await
    }

    async fn key(&self, uid: Uid) -> Result<Option<KeyRecord>> {
        let options = self.options.clone();
        self.readers.read(move |conn| keys::key(conn, uid, &options)).await
    }

    async fn tasks_of(&self, uid: Uid) -> Result<u64> {
        self.readers.read(move |conn| keys::task_count(conn, uid)).await
    }

    async fn delete_uid(&self, uid: Uid) -> Result<DeleteUid> {
        self.write(move |tx| keys::delete_uid(tx, uid)).await
    }
}
