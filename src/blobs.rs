//! Blobs: evaluation keys, inputs and results, over `object_store`. The store keeps [`BlobRef`]s, this keeps the bytes.
//!
//! An upload is written to `incoming/<uuid>` while it is hashed, checked, then renamed to its name: a crash leaves
//! garbage to sweep, never a reference to nothing. Every load verifies length and digest. Writes and renames, and the
//! directories they change, are synced to disk before they are acknowledged (`with_fsync`; it is off by default).

mod error;
mod leftovers;
#[cfg(test)]
mod tests;
mod upload;

use std::{
    path::{Path as FsPath, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use futures::TryStreamExt as _;
use object_store::{ObjectStore, ObjectStoreExt as _, local::LocalFileSystem, path::Path as ObjectPath};

pub use self::{
    error::{BlobError, Result},
    upload::{BlobWriter, Incoming},
};
use crate::task::{BlobRef, Digest, Timestamp};

/// Named, verified, durable byte strings. Clones share the storage.
#[derive(Clone, Debug)]
pub struct BlobStore {
    inner: Arc<dyn ObjectStore>,
    /// The directory, where there is one: staging files of a crash can only be seen there.
    dir: Option<PathBuf>,
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
    /// Blobs in a directory, which is created if needed and closed to everybody else (0700).
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
        #[cfg(unix)]
        std::fs::set_permissions(dir, std::os::unix::fs::PermissionsExt::from_mode(0o700)).map_err(io)?;
        let local = LocalFileSystem::new_with_prefix(dir).map_err(|error| BlobError::from_store(&error, "."))?;
        Ok(Self { inner: Arc::new(local.with_fsync(true)), dir: Some(dir.to_owned()) })
    }

    /// Begins a streamed upload.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn writer(&self) -> Result<BlobWriter> {
        BlobWriter::begin(self.clone()).await
    }

    /// Gives a finished upload its name, replacing what was there.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn publish(&self, incoming: Incoming, name: &str) -> Result<BlobRef> {
        let from = ObjectPath::from(incoming.name());
        let renamed = self.inner.rename(&from, &ObjectPath::from(name)).await;
        renamed.map_err(|error| BlobError::from_store(&error, name))?;
        Ok(BlobRef { name: name.to_owned(), ..incoming.into_published() })
    }

    /// Writes a whole blob under `name`.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn put(&self, name: &str, bytes: Bytes) -> Result<BlobRef> {
        let digest = digest(bytes.clone()).await?;
        let blob = BlobRef { name: name.to_owned(), len: bytes.len() as u64, digest };
        let put = self.inner.put(&ObjectPath::from(name), bytes.into()).await;
        put.map_err(|error| BlobError::from_store(&error, name))?;
        Ok(blob)
    }

    /// Reads a blob and verifies it.
    ///
    /// # Errors
    /// [`BlobError::Missing`], [`BlobError::Corrupt`], ...
    pub async fn get(&self, blob: &BlobRef) -> Result<Bytes> {
        let failed = |error: object_store::Error| BlobError::from_store(&error, &blob.name);
        let corrupt = || BlobError::Corrupt(blob.name.clone());
        let answer = self.inner.get(&ObjectPath::from(blob.name.as_str())).await.map_err(failed)?;
        // Before anything is read: a file that has grown must not fill the memory.
        if answer.meta.size != blob.len {
            return Err(corrupt());
        }
        let bytes = answer.bytes().await.map_err(failed)?;
        let intact = bytes.len() as u64 == blob.len && digest(bytes.clone()).await? == blob.digest;
        if intact { Ok(bytes) } else { Err(corrupt()) }
    }

    /// Is there a blob of this name?
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn exists(&self, name: &str) -> Result<bool> {
        match self.inner.head(&ObjectPath::from(name)).await.map_err(|error| BlobError::from_store(&error, name)) {
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
        if let (Some(dir), true) = (&self.dir, leftovers::is_staging(name)) {
            return leftovers::delete(dir.clone(), name.to_owned()).await;
        }
        match self.inner.delete(&ObjectPath::from(name)).await.map_err(|error| BlobError::from_store(&error, name)) {
            Ok(()) | Err(BlobError::Missing(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Everything in storage, for the sweep at start: blobs, unfinished uploads (`incoming/..`) and the staging files
    /// (`name#digits`) that a crash leaves, which no reference ever names.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn list(&self) -> Result<Vec<Listed>> {
        let listed = self.inner.list(None).map_ok(|meta| Listed {
            name: meta.location.to_string(),
            modified: Timestamp::from_millis(meta.last_modified.timestamp_millis()),
        });
        let mut listed: Vec<_> =
            listed.try_collect().await.map_err(|error| BlobError::from_store(&error, "the list"))?;
        if let Some(dir) = &self.dir {
            listed.extend(leftovers::list(dir.clone()).await?);
        }
        Ok(listed)
    }
}

/// Hashes on a blocking thread: a key of 30 MB takes milliseconds that others would wait.
async fn digest(bytes: Bytes) -> Result<Digest> {
    const AT_ONCE: usize = 64 << 10;
    if bytes.len() <= AT_ONCE {
        return Ok(Digest::of(&bytes));
    }
    let hashed = tokio::task::spawn_blocking(move || Digest::of(&bytes)).await;
    hashed.map_err(|error| BlobError::Io(format!("hashing did not end: {error}")))
}
