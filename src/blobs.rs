//! Blobs: evaluation keys, inputs and results, over `object_store`. The store keeps [`BlobRef`]s, this keeps the bytes.
//!
//! An upload is written to `incoming/<uuid>` while it is hashed, checked, then renamed to its name; a short one is held in
//! memory until then. A crash leaves garbage to sweep, never a reference to nothing. Every load verifies length and digest. Writes and renames, and the
//! directories they change, are synced to disk before they are acknowledged (`with_fsync`; it is off by default).
//!
//! Storage is a directory (of this server, or one that all servers of a cluster mount) or a bucket that speaks S3. Every
//! name is used once, so that several servers may write and sweep side by side (the one exception, equal keys, replaces
//! a blob by the same bytes).

mod error;
mod leftovers;
mod owner;
#[cfg(feature = "s3")]
mod s3;
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
use uuid::Uuid;

pub use self::{
    error::{BlobError, Result},
    owner::Owner,
    upload::{BlobWriter, Incoming},
};
use crate::task::{BlobRef, Digest, Timestamp};

/// Named, verified, durable byte strings. Clones share the storage.
#[derive(Clone, Debug)]
pub struct BlobStore {
    inner: Arc<dyn ObjectStore>,
    /// The directory, where there is one: staging files of a crash can only be seen there.
    dir: Option<PathBuf>,
    /// Length of the parts of a streamed upload; each upload holds up to two of them in memory.
    part_bytes: usize,
}

/// Parts of an upload to a directory.
const PART_BYTES: usize = 1 << 20;

/// Names of blobs begin so; what else lies in the storage is not ours.
const PREFIXES: [&str; 4] = ["keys/", "inputs/", "results/", "incoming/"];

/// A blob as it lies in storage, for sweeping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// When it was last written.
    pub modified: Timestamp,
}

impl BlobStore {
    /// Blobs where the setting `blobs.url` says: in a directory, or `s3://bucket/prefix`. Empty: in `blobs` of the data
    /// directory.
    ///
    /// # Errors
    /// [`BlobError::Io`] when the storage cannot be made, or is not one that this program was built for.
    pub fn open(url: &str, data_dir: &FsPath) -> Result<Self> {
        match url {
            "" => Self::local(&data_dir.join("blobs")),
            url if url.starts_with("s3://") => Self::bucket(url),
            dir => Self::local(FsPath::new(dir)),
        }
    }

    #[cfg(feature = "s3")]
    fn bucket(url: &str) -> Result<Self> {
        Ok(Self { inner: s3::open(url)?, dir: None, part_bytes: s3::PART_BYTES })
    }

    #[cfg(not(feature = "s3"))]
    fn bucket(url: &str) -> Result<Self> {
        Err(BlobError::Io(format!("{url} needs a program that was built with the cargo feature s3")))
    }

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
        Ok(Self { inner: Arc::new(local.with_fsync(true)), dir: Some(dir.to_owned()), part_bytes: PART_BYTES })
    }

    /// The directory in which they lie, if it is one.
    pub fn directory(&self) -> Option<&FsPath> {
        self.dir.as_deref()
    }

    /// Begins a streamed upload, within a runtime of tokio.
    pub fn writer(&self) -> BlobWriter {
        BlobWriter::new(self.clone())
    }

    /// Gives a finished upload its name, replacing what was there.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn publish(&self, incoming: Incoming, name: &str) -> Result<BlobRef> {
        let stored = incoming.store_as(&ObjectPath::from(name)).await;
        stored.map_err(|error| BlobError::from_store(&error, name))?;
        Ok(BlobRef { name: name.to_owned(), ..incoming.into_published() })
    }

    /// Moves a blob over another one.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn replace(&self, from: &str, to: &str) -> Result<()> {
        let renamed = self.inner.rename(&ObjectPath::from(from), &ObjectPath::from(to)).await;
        renamed.map_err(|error| BlobError::from_store(&error, from))
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
            Ok(()) | Err(BlobError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
        match &self.dir {
            Some(dir) => leftovers::delete_room(dir.clone(), name.to_owned()).await,
            None => Ok(()),
        }
    }

    /// Removes the directories of results that are gone, which deletions leave when they are cut off. Buckets have none.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn prune(&self) -> Result<()> {
        match &self.dir {
            Some(dir) => leftovers::delete_empty_rooms(dir.clone()).await,
            None => Ok(()),
        }
    }

    /// What time it is for the storage, which dates what lies there.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn now(&self) -> Result<Timestamp> {
        let name = format!("incoming/{}", Uuid::new_v4());
        let path = ObjectPath::from(name.as_str());
        let failed = |error: object_store::Error| BlobError::from_store(&error, &name);
        self.inner.put(&path, Bytes::from_static(b"now").into()).await.map_err(failed)?;
        let dated = self.inner.head(&path).await.map_err(failed);
        self.delete(&name).await?;
        Ok(Timestamp::from_millis(dated?.last_modified.timestamp_millis()))
    }

    /// Everything of ours in storage, for the sweep: blobs, unfinished uploads (`incoming/..`) and the staging files
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
        listed.retain(|blob| PREFIXES.iter().any(|prefix| blob.name.starts_with(prefix)));
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
