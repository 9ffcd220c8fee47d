//! Decompressed server keys in memory, within a budget of bytes that also those in use count against. Least recently used
//! first out; each is loaded once even when several slots ask for it at once.
//!
//! A key that does not fit beside those in use waits until enough of them are done. Whoever asks later waits behind it,
//! also for a key that is there: so nobody starves. A key larger than the whole budget is used alone, and not kept.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{
    fhe::ServerKey,
    task::{BlobRef, Digest},
};

/// A decompressed key is so many times as long as a compressed one; a guess until the first one is there. After that,
/// all are as large as that one: there is one parameter set.
const GROWTH: u64 = 3;

/// Keys by the digest of their compressed bytes, so that equal keys of several uids are held once. Clones are the same.
#[derive(Clone)]
pub struct KeyCache(Arc<Inner>);

struct Inner {
    budget: u64,
    /// Held by the first who waits.
    turn: tokio::sync::Mutex<()>,
    /// Told whenever there may be more room, or a key more.
    changed: Notify,
    book: Mutex<Book>,
    hits: AtomicU64,
    misses: AtomicU64,
    waiting: AtomicU64,
}

#[derive(Default)]
struct Book {
    keys: HashMap<Digest, Entry>,
    /// Of all entries.
    bytes: u64,
    /// Counts uses: the order in which keys were used last.
    uses: u64,
    /// Of the key that was loaded last.
    size: Option<u64>,
}

struct Entry {
    /// `None` while it is loaded.
    key: Option<ServerKey>,
    /// Its size; while it is loaded, what it is expected to have.
    bytes: u64,
    /// Leases and reservations.
    users: usize,
    used: u64,
}

/// For the console and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheStats {
    /// Keys held.
    pub entries: u64,
    /// Bytes held, and bytes set aside for keys that are being loaded.
    pub bytes: u64,
    /// Bytes that may be held.
    pub capacity: u64,
    /// Times a key was there.
    pub hits: u64,
    /// Times it had to be loaded.
    pub misses: u64,
    /// Who waits for room now.
    pub waiting: u64,
}

/// There is room for a key.
pub enum Admission {
    /// It is in memory.
    Ready(KeyLease),
    /// It is to be loaded.
    Load(Reservation),
}

/// A key in use. Its memory counts until this is dropped.
pub struct KeyLease {
    // Dropped first: the seat then gives back what really is free.
    key: ServerKey,
    _seat: Seat,
}

impl Deref for KeyLease {
    type Target = ServerKey;
    fn deref(&self) -> &ServerKey {
        &self.key
    }
}

/// Room for a key that is not there yet. Dropped, it is given back.
pub struct Reservation(Seat);

/// One user of an entry.
struct Seat {
    cache: KeyCache,
    digest: Digest,
}

impl KeyCache {
    /// At most `budget` bytes of keys.
    pub fn new(budget: u64) -> Self {
        Self(Arc::new(Inner {
            budget,
            turn: tokio::sync::Mutex::default(),
            changed: Notify::new(),
            book: Mutex::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            waiting: AtomicU64::new(0),
        }))
    }

    /// Waits until there is room for the key that lies in this blob, in the order of asking; `told` is called when there
    /// is none at once. Dropped, it waits no more.
    pub async fn admit(&self, blob: &BlobRef, told: impl FnOnce()) -> Admission {
        if let Ok(_turn) = self.0.turn.try_lock()
            && let Some(admission) = self.look(blob)
        {
            return admission;
        }
        told();
        let _waiting = Waiting::new(&self.0.waiting);
        let _turn = self.0.turn.lock().await;
        loop {
            // Listens before it looks: nothing that changes in between is missed.
            let mut changed = std::pin::pin!(self.0.changed.notified());
            changed.as_mut().enable();
            if let Some(admission) = self.look(blob) {
                return admission;
            }
            changed.await;
        }
    }

    fn look(&self, blob: &BlobRef) -> Option<Admission> {
        let mut book = self.0.book.lock();
        book.uses += 1;
        let used = book.uses;
        let seat = || Seat { cache: self.clone(), digest: blob.digest };
        if let Some(entry) = book.keys.get_mut(&blob.digest) {
            // Another slot is loading it.
            let key = entry.key.clone()?;
            (entry.users, entry.used) = (entry.users + 1, used);
            self.0.hits.fetch_add(1, Ordering::Relaxed);
            return Some(Admission::Ready(KeyLease { key, _seat: seat() }));
        }
        let bytes = book.size.unwrap_or(blob.len.saturating_mul(GROWTH));
        book.evict(self.0.budget.saturating_sub(bytes));
        if !book.keys.is_empty() && book.bytes + bytes > self.0.budget {
            return None;
        }
        book.bytes += bytes;
        book.keys.insert(blob.digest, Entry { key: None, bytes, users: 1, used });
        self.0.misses.fetch_add(1, Ordering::Relaxed);
        Some(Admission::Load(Reservation(seat())))
    }

    /// Entries, bytes, hits, misses, and who waits.
    pub fn stats(&self) -> CacheStats {
        let book = self.0.book.lock();
        CacheStats {
            entries: book.keys.values().filter(|entry| entry.key.is_some()).count() as u64,
            bytes: book.bytes,
            capacity: self.0.budget,
            hits: self.0.hits.load(Ordering::Relaxed),
            misses: self.0.misses.load(Ordering::Relaxed),
            waiting: self.0.waiting.load(Ordering::Relaxed),
        }
    }
}

impl Reservation {
    /// Loads the key into its room. Blocks as long as `load` does.
    ///
    /// # Errors
    /// What `load` says; whoever asks for this key next loads it again.
    pub fn load<E>(self, load: impl FnOnce() -> Result<ServerKey, E>) -> Result<KeyLease, E> {
        let key = load()?;
        let inner = &self.0.cache.0;
        let mut book = inner.book.lock();
        let bytes = key.memory_bytes();
        book.size = Some(bytes);
        if let Some(entry) = book.keys.get_mut(&self.0.digest) {
            entry.key = Some(key.clone());
            let expected = std::mem::replace(&mut entry.bytes, bytes);
            book.bytes = book.bytes - expected + bytes;
        }
        book.evict(inner.budget);
        drop(book);
        inner.changed.notify_waiters();
        Ok(KeyLease { key, _seat: self.0 })
    }
}

impl Book {
    /// Lets keys go that nobody uses, the one used longest ago first, until no more than `most` bytes are held, or
    /// nothing is left to let go.
    fn evict(&mut self, most: u64) {
        while self.bytes > most {
            let unused = self.keys.iter().filter(|(_, entry)| entry.users == 0);
            let Some(digest) = unused.min_by_key(|(_, entry)| entry.used).map(|(digest, _)| *digest) else { return };
            self.remove(digest);
        }
    }

    fn remove(&mut self, digest: Digest) {
        if let Some(entry) = self.keys.remove(&digest) {
            self.bytes -= entry.bytes;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let inner = &self.cache.0;
        let mut book = inner.book.lock();
        if let Some(entry) = book.keys.get_mut(&self.digest) {
            entry.users -= 1;
            // It was never loaded.
            if entry.users == 0 && entry.key.is_none() {
                book.remove(self.digest);
            }
        }
        book.evict(inner.budget);
        drop(book);
        inner.changed.notify_waiters();
    }
}

struct Waiting<'a>(&'a AtomicU64);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicU64) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
