//! Streamed uploads: hashed while they are written, without a name until they are checked.

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
    upload: Option<Box<dyn MultipartUpload>>,
    buffer: Vec<u8>,
    /// The part on its way to the disk.
    writing: JoinSet<object_store::Result<()>>,
    hasher: blake3::Hasher,
    len: u64,
    runtime: Handle,
}

impl BlobWriter {
    pub(super) async fn begin(store: BlobStore) -> Result<Self> {
        let name = format!("incoming/{}", Uuid::new_v4());
        let upload = store.inner.put_multipart(&ObjectPath::from(name.as_str())).await;
        let upload = upload.map_err(|error| BlobError::from_store(&error, &name))?;
        Ok(Self {
            store,
            name,
            upload: Some(upload),
            buffer: Vec::new(),
            writing: JoinSet::new(),
            hasher: blake3::Hasher::new(),
            len: 0,
            runtime: Handle::current(),
        })
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

    /// Makes the upload durable under its temporary name.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn finish(mut self) -> Result<Incoming> {
        if !self.buffer.is_empty() {
            self.flush().await?;
        }
        self.settle().await?;
        let mut upload = self.upload.take().ok_or_else(void)?;
        if let Err(error) = upload.complete().await {
            // The storage forgets its staging file here, so it is removed by name.
            let dir = self.store.dir.clone();
            if let Some(dir) = dir {
                leftovers::delete_of(dir, self.name.clone()).await;
            }
            return Err(BlobError::from_store(&error, &self.name));
        }
        let blob = BlobRef { name: self.name.clone(), len: self.len, digest: Digest::from_hasher(&self.hasher) };
        Ok(Incoming { store: self.store.clone(), blob, published: false, runtime: self.runtime.clone() })
    }

    /// Sends the buffer on its way, once the part before it has arrived.
    async fn flush(&mut self) -> Result<()> {
        self.settle().await?;
        let upload = self.upload.as_mut().ok_or_else(void)?;
        let part = std::mem::take(&mut self.buffer);
        self.writing.spawn(upload.put_part(Bytes::from(part).into()));
        self.buffer.reserve_exact(self.store.part_bytes);
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
        if let Some(mut upload) = self.upload.take() {
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
        self.store.get(&self.blob).await
    }

    pub(super) fn name(&self) -> &str {
        &self.blob.name
    }

    /// It has a name now and stays.
    pub(super) fn into_published(mut self) -> BlobRef {
        self.published = true;
        self.blob.clone()
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if self.published {
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
