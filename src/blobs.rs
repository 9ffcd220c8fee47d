//! Blobs: evaluation keys, inputs and results, over `object_store`. The store keeps [`BlobRef`]s, this keeps the bytes.
//!
//! An upload is written to `incoming/<uuid>` while it is hashed, checked, then renamed to its name: a crash leaves
//! garbage to sweep, never a reference to nothing. Every load verifies length and digest. Writes are synced to disk
//! before they are acknowledged (`object_store` does not do that by itself).

use std::{path::Path as FsPath, sync::Arc};

use bytes::Bytes;
use futures::TryStreamExt as _;
use object_store::{
    ObjectStore, ObjectStoreExt as _, WriteMultipart, local::LocalFileSystem, path::Path as ObjectPath,
};
use uuid::Uuid;

use crate::task::{BlobRef, Digest, Timestamp};

/// Parts of a streamed upload: small, because each upload holds up to two of them in memory.
const PART_BYTES: usize = 1 << 20;

/// Why a blob could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is no such blob.
    #[error("blob {0} is missing")]
    Missing(String),
    /// The bytes are not those that were written.
    #[error("blob {0} is corrupt: its length or digest is wrong")]
    Corrupt(String),
    /// The disk is full.
    #[error("no space left for blobs")]
    StorageFull,
    /// Anything else that storage says.
    #[error("blob storage: {0}")]
    Io(String),
}

impl BlobError {
    fn from_store(error: object_store::Error) -> Self {
        if let object_store::Error::NotFound { path, .. } = &error {
            return Self::Missing(path.clone());
        }
        let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(cause) = source {
            let full = cause.downcast_ref::<std::io::Error>().is_some_and(|io| {
                matches!(io.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
            });
            if full {
                return Self::StorageFull;
            }
            source = cause.source();
        }
        Self::Io(error.to_string())
    }
}

/// Result of a blob operation.
pub type Result<T> = std::result::Result<T, BlobError>;

/// Named, verified, durable byte strings. Clones share the storage.
#[derive(Clone, Debug)]
pub struct BlobStore {
    inner: Arc<dyn ObjectStore>,
}

/// A blob as it lies in storage, for sweeping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// When it was last written.
    pub modified: Timestamp,
}

impl BlobStore {
    /// Blobs in a directory, which is created (0700) if needed.
    ///
    /// # Errors
    /// [`BlobError::Io`] when the directory cannot be made or read.
    pub fn local(dir: &FsPath) -> Result<Self> {
        let io = |error: std::io::Error| BlobError::Io(format!("{}: {error}", dir.display()));
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(dir).map_err(io)?;
        let local = LocalFileSystem::new_with_prefix(dir).map_err(BlobError::from_store)?;
        Ok(Self { inner: Arc::new(local.with_fsync(true)) })
    }

    /// Begins a streamed upload.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn writer(&self) -> Result<BlobWriter> {
        let name = format!("incoming/{}", Uuid::new_v4());
        let upload = self.inner.put_multipart(&ObjectPath::from(name.as_str())).await.map_err(BlobError::from_store)?;
        let parts = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
        Ok(BlobWriter { store: self.clone(), name, parts: Some(parts), hasher: blake3::Hasher::new(), len: 0 })
    }

    /// Gives a finished upload its name, replacing what was there.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn publish(&self, mut incoming: Incoming, name: &str) -> Result<BlobRef> {
        let to = ObjectPath::from(name);
        self.inner.rename(&ObjectPath::from(incoming.blob.name.as_str()), &to).await.map_err(BlobError::from_store)?;
        incoming.published = true;
        Ok(BlobRef { name: name.to_owned(), len: incoming.blob.len, digest: incoming.blob.digest })
    }

    /// Writes a whole blob under `name`.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn put(&self, name: &str, bytes: Bytes) -> Result<BlobRef> {
        let blob = BlobRef { name: name.to_owned(), len: bytes.len() as u64, digest: Digest::of(&bytes) };
        self.inner.put(&ObjectPath::from(name), bytes.into()).await.map_err(BlobError::from_store)?;
        Ok(blob)
    }

    /// Reads a blob and verifies it.
    ///
    /// # Errors
    /// [`BlobError::Missing`], [`BlobError::Corrupt`], ...
    pub async fn get(&self, blob: &BlobRef) -> Result<Bytes> {
        let answer = self.inner.get(&ObjectPath::from(blob.name.as_str())).await;
        let answer = answer.map_err(|error| match BlobError::from_store(error) {
            BlobError::Missing(_) => BlobError::Missing(blob.name.clone()),
            other => other,
        })?;
        if answer.meta.size != blob.len {
            return Err(BlobError::Corrupt(blob.name.clone()));
        }
        let bytes = answer.bytes().await.map_err(BlobError::from_store)?;
        if bytes.len() as u64 == blob.len && Digest::of(&bytes) == blob.digest {
            Ok(bytes)
        } else {
            Err(BlobError::Corrupt(blob.name.clone()))
        }
    }

    /// Is there a blob of this name?
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn exists(&self, name: &str) -> Result<bool> {
        match self.inner.head(&ObjectPath::from(name)).await.map_err(BlobError::from_store) {
            Ok(_) => Ok(true),
            Err(BlobError::Missing(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes a blob; one that is gone already is no error.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn delete(&self, name: &str) -> Result<()> {
        match self.inner.delete(&ObjectPath::from(name)).await.map_err(BlobError::from_store) {
            Ok(()) | Err(BlobError::Missing(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Every blob, for the sweep at start.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn list(&self) -> Result<Vec<Listed>> {
        let listed = self.inner.list(None).map_ok(|meta| Listed {
            name: meta.location.to_string(),
            modified: Timestamp::from_millis(meta.last_modified.timestamp_millis()),
        });
        listed.try_collect().await.map_err(BlobError::from_store)
    }
}

/// A streamed upload. Dropped unfinished, it leaves nothing behind.
pub struct BlobWriter {
    store: BlobStore,
    name: String,
    parts: Option<WriteMultipart>,
    hasher: blake3::Hasher,
    len: u64,
}

impl BlobWriter {
    /// Appends bytes.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        if let Some(parts) = self.parts.as_mut() {
            parts.wait_for_capacity(1).await.map_err(BlobError::from_store)?;
            self.hasher.update(&bytes);
            self.len += bytes.len() as u64;
            parts.put(bytes);
        }
        Ok(())
    }

    /// Bytes written so far.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Has nothing been written?
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Makes the upload durable under its temporary name.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn finish(mut self) -> Result<Incoming> {
        if let Some(parts) = self.parts.take() {
            parts.finish().await.map_err(BlobError::from_store)?;
        }
        let blob = BlobRef { name: self.name.clone(), len: self.len, digest: Digest::from_hasher(&self.hasher) };
        Ok(Incoming { store: self.store.clone(), blob, published: false })
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        if let (Some(parts), Ok(runtime)) = (self.parts.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(parts.abort());
        }
    }
}

/// A whole upload that has no name yet. Dropped, it is removed.
#[derive(Debug)]
pub struct Incoming {
    store: BlobStore,
    blob: BlobRef,
    published: bool,
}

impl Incoming {
    /// Its digest.
    pub const fn digest(&self) -> Digest {
        self.blob.digest
    }

    /// Its length in bytes.
    pub const fn len(&self) -> u64 {
        self.blob.len
    }

    /// Is it empty?
    pub const fn is_empty(&self) -> bool {
        self.blob.len == 0
    }

    /// Its bytes, to check them.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn read(&self) -> Result<Bytes> {
        self.store.get(&self.blob).await
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if self.published {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (store, name) = (self.store.clone(), self.blob.name.clone());
            runtime.spawn(async move {
                if let Err(error) = store.delete(&name).await {
                    tracing::warn!(%error, "an unused upload could not be removed; the sweep will");
                }
            });
        }
    }
}
