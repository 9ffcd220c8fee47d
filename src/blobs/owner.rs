//! Whose blobs these are. A storage is marked with the name of the store that refers to what lies there: only the sweep of
//! that store may call a blob an orphan. Otherwise a server that was started on the wrong Redis, or on one that has lost
//! its memory, would remove everything.

use object_store::{ObjectStoreExt as _, path::Path as ObjectPath};
use uuid::Uuid;

use super::{BlobError, BlobStore, Result};

/// Name of the mark.
const MARK: &str = "store-id";

/// Whose blobs lie in a storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Those of the store that asks.
    Us,
    /// Those of another store; the mark cannot be read if there is no name.
    Other(Option<Uuid>),
}

impl BlobStore {
    /// Whose blobs are these? A storage without a mark is given that of `store`.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn owner(&self, store: Uuid) -> Result<Owner> {
        let path = ObjectPath::from(MARK);
        let mark = match self.inner.get(&path).await {
            Ok(answer) => answer.bytes().await.map_err(|error| BlobError::from_store(&error, MARK))?,
            Err(object_store::Error::NotFound { .. }) => {
                let put = self.inner.put(&path, store.to_string().into_bytes().into()).await;
                put.map_err(|error| BlobError::from_store(&error, MARK))?;
                return Ok(Owner::Us);
            }
            Err(error) => return Err(BlobError::from_store(&error, MARK)),
        };
        let owner = std::str::from_utf8(&mark).ok().and_then(|text| Uuid::try_parse(text.trim()).ok());
        Ok(if owner == Some(store) { Owner::Us } else { Owner::Other(owner) })
    }
}
