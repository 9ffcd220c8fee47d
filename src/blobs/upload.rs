//! Streamed uploads: hashed while they are written, without a name until they are checked.
//!
//! One that fits in its first part stays in memory until it has a name: it is written and synced once then, instead of
//! written, synced, read, renamed and synced again. Most inputs are so short.

use bytes::Bytes;
use object_store::{MultipartUpload, ObjectStoreExt as _, path::Path as ObjectPath};
use tokio::{runtime::Handle, task::JoinSet};
use uuid::Uuid;

use super::{BlobError, BlobStore, Result, leftovers};
use crate::task::{BlobRef, Digest};

/// A streamed upload. Dropped unfinished, it leaves nothing behind.
pub struct BlobWriter {
    store: BlobStore,
    name: String,
    upload: Upload,
    buffer: Vec<u8>,
    /// The part on its way to the disk.
    writing: JoinSet<object_store::Result<()>>,
    hasher: blake3::Hasher,
    len: u64,
    runtime: Handle,
}

/// What has become of the parts before the buffer.
enum Upload {
    /// There were none.
    NotBegun,
    /// They are stored, or on their way.
    Begun(Box<dyn MultipartUpload>),
    /// One of them failed.
    Void,
}

impl BlobWriter {
    pub(super) fn new(store: BlobStore) -> Self {
        Self {
            store,
            name: format!("incoming/{}", Uuid::new_v4()),
            upload: Upload::NotBegun,
            buffer: Vec::new(),
            writing: JoinSet::new(),
            hasher: blake3::Hasher::new(),
            len: 0,
            runtime: Handle::current(),
        }
    }

    /// Appends bytes. After an error the upload is void: every later call fails.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(self.store.part_bytes - self.buffer.len()));
            self.hasher.update(now);
            self.len += now.len() as u64;
            self.buffer.extend_from_slice(now);
            rest = later;
            if self.buffer.len() == self.store.part_bytes {
                self.flush().await?;
                self.buffer.reserve_exact(self.store.part_bytes);
            }
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

    /// Ends the upload. A long one is durable under its temporary name then.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn finish(mut self) -> Result<Incoming> {
        let held = match self.upload {
            Upload::NotBegun => Some(Bytes::from(std::mem::take(&mut self.buffer))),
            Upload::Begun(_) | Upload::Void => {
                self.complete().await?;
                None
            }
        };
        let blob = BlobRef { name: self.name.clone(), len: self.len, digest: Digest::from_hasher(&self.hasher) };
        Ok(Incoming { store: self.store.clone(), blob, held, published: false, runtime: self.runtime.clone() })
    }

    async fn complete(&mut self) -> Result<()> {
        if !self.buffer.is_empty() {
            self.flush().await?;
        }
        self.settle().await?;
        let Upload::Begun(mut upload) = std::mem::replace(&mut self.upload, Upload::Void) else { return Err(void()) };
        let Err(error) = upload.complete().await else { return Ok(()) };
        // The storage forgets its staging file here, so it is removed by name.
        let dir = self.store.dir.clone();
        if let Some(dir) = dir {
            leftovers::delete_of(dir, self.name.clone()).await;
        }
        Err(BlobError::from_store(&error, &self.name))
    }

    /// Sends the buffer on its way, once the part before it has arrived.
    async fn flush(&mut self) -> Result<()> {
        self.settle().await?;
        if matches!(self.upload, Upload::NotBegun) {
            self.upload = Upload::Void;
            let begun = self.store.inner.put_multipart(&ObjectPath::from(self.name.as_str())).await;
            self.upload = Upload::Begun(begun.map_err(|error| BlobError::from_store(&error, &self.name))?);
        }
        let Upload::Begun(upload) = &mut self.upload else { return Err(void()) };
        let part = std::mem::take(&mut self.buffer);
        self.writing.spawn(upload.put_part(Bytes::from(part).into()));
        Ok(())
    }

    /// Waits for the part on its way.
    async fn settle(&mut self) -> Result<()> {
        while let Some(written) = self.writing.join_next().await {
            let written = written.map_err(|error| BlobError::Io(format!("a part was not written: {error}")));
            let written = written.and_then(|part| part.map_err(|error| BlobError::from_store(&error, &self.name)));
            if let Err(error) = written {
                self.abort();
                return Err(error);
            }
        }
        Ok(())
    }

    fn abort(&mut self) {
        if let Upload::Begun(mut upload) = std::mem::replace(&mut self.upload, Upload::Void) {
            let mut writing = std::mem::take(&mut self.writing);
            self.runtime.spawn(async move {
                writing.shutdown().await;
                // Failing here leaves a staging file for the sweep.
                let _ = upload.abort().await;
            });
        }
    }
}

fn void() -> BlobError {
    BlobError::Io("the upload has failed before".to_owned())
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        self.abort();
    }
}

/// A whole upload that has no name yet. Dropped, it is removed.
#[derive(Debug)]
pub struct Incoming {
    store: BlobStore,
    blob: BlobRef,
    /// All of it, where it is so short that nothing is stored yet.
    held: Option<Bytes>,
    published: bool,
    runtime: Handle,
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
        match &self.held {
            Some(bytes) => Ok(bytes.clone()),
            None => self.store.get(&self.blob).await,
        }
    }

    /// Stores it under this name.
    pub(super) async fn store_as(&self, path: &ObjectPath) -> object_store::Result<()> {
        match &self.held {
            Some(bytes) => self.store.inner.put(path, bytes.clone().into()).await.map(drop),
            None => self.store.inner.rename(&ObjectPath::from(self.blob.name.as_str()), path).await,
        }
    }

    /// It has a name now and stays.
    pub(super) fn into_published(mut self) -> BlobRef {
        self.published = true;
        self.blob.clone()
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if self.published || self.held.is_some() {
            return;
        }
        let (store, name) = (self.store.clone(), self.blob.name.clone());
        self.runtime.spawn(async move {
            if let Err(error) = store.delete(&name).await {
                tracing::warn!(%error, "an unused upload could not be removed; the sweep will");
            }
        });
    }
}
