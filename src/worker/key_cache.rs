//! Decompressed server keys in memory: bounded in bytes, least recently used first out, and loaded once even when
//! several slots ask for the same key at once.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use moka::{notification::RemovalCause, policy::EvictionPolicy, sync::Cache};

use crate::{
    fhe::ServerKey,
    monitor::metrics::Values,
    task::{Digest, TaskFailure},
};

/// Keys by the digest of their compressed bytes, so that equal keys of several uids are held once.
#[derive(Clone)]
pub struct KeyCache {
    keys: Cache<Digest, Arc<ServerKey>>,
    hits: Arc<AtomicU64>,
    misses: Arc<AtomicU64>,
    evictions: Arc<AtomicU64>,
}

/// For the console and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheStats {
    /// Keys held.
    pub entries: u64,
    /// Bytes held.
    pub bytes: u64,
    /// Bytes that may be held.
    pub capacity: u64,
    /// Times a key was there.
    pub hits: u64,
    /// Times it had to be loaded.
    pub misses: u64,
    /// Keys that had to go for others.
    pub evictions: u64,
}

impl KeyCache {
    /// At most `capacity_bytes` of keys. A single key larger than that is used and not kept.
    pub fn new(capacity_bytes: u64) -> Self {
        let evictions = Arc::<AtomicU64>::default();
        let evicted = Arc::clone(&evictions);
        let keys = Cache::builder()
            .weigher(|_, key: &Arc<ServerKey>| u32::try_from(key.memory_bytes().div_ceil(1024)).unwrap_or(u32::MAX))
            .max_capacity(capacity_bytes / 1024)
            .eviction_policy(EvictionPolicy::lru())
            .eviction_listener(move |_, _, cause| {
                evicted.fetch_add(u64::from(cause == RemovalCause::Size), Ordering::Relaxed);
            })
            .build();
        Self { keys, hits: Arc::default(), misses: Arc::default(), evictions }
    }

    /// The key with this digest, loaded by `load` when it is not there. Blocks; concurrent callers for one digest share
    /// one load.
    ///
    /// # Errors
    /// What `load` says, for every caller that waited for it.
    pub fn get_or_load(
        &self,
        digest: Digest,
        load: impl FnOnce() -> Result<ServerKey, TaskFailure>,
    ) -> Result<Arc<ServerKey>, TaskFailure> {
        if let Some(key) = self.keys.get(&digest) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(key);
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let key = self.keys.try_get_with(digest, || load().map(Arc::new)).map_err(|failure| (*failure).clone())?;
        // Evictions are otherwise done at some later access, and each pending one holds 70-90 MB.
        self.keys.run_pending_tasks();
        Ok(key)
    }

    /// Entries, bytes, hits and misses.
    pub fn stats(&self) -> CacheStats {
        self.keys.run_pending_tasks();
        CacheStats {
            entries: self.keys.entry_count(),
            bytes: self.keys.weighted_size() * 1024,
            capacity: self.keys.policy().max_capacity().unwrap_or(0) * 1024,
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            evictions: self.evictions.load(Ordering::Relaxed),
        }
    }

    /// Writes what [`KeyCache::stats`] says.
    ///
    /// # Errors
    /// When a value cannot be written.
    pub(super) fn write(&self, values: &mut Values<'_>) -> std::fmt::Result {
        let CacheStats { entries, bytes, capacity, hits, misses, evictions } = self.stats();
        values.gauge("key_cache_entries", "Decompressed server keys in memory.", entries)?;
        values.gauge("key_cache_bytes", "Memory of the server keys in memory.", bytes)?;
        values.gauge("key_cache_capacity_bytes", "Memory that server keys may take.", capacity)?;
        values.counter("key_cache_hits", "Times a server key was in memory.", hits)?;
        values.counter("key_cache_misses", "Times a server key had to be loaded.", misses)?;
        values.counter("key_cache_evictions", "Server keys that had to go for others.", evictions)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Barrier, thread};

    use super::*;
    use crate::{fhe::test_keys::SERVER, task::FailureLabel};

    fn digest(number: u8) -> Digest {
        Digest::of(&[number])
    }

    fn key() -> ServerKey {
        SERVER.clone()
    }

    #[test]
    fn keys_are_held_within_the_bytes_allowed_and_the_one_used_last_stays() {
        let capacity = 2 * SERVER.memory_bytes() + 4_096;
        let cache = KeyCache::new(capacity);
        for number in [1, 2, 1, 3] {
            cache.get_or_load(digest(number), || Ok(key())).unwrap();
        }
        let stats = cache.stats();
        assert_eq!((stats.entries, stats.hits, stats.misses, stats.evictions), (2, 1, 3, 1));
        assert!(stats.bytes <= capacity && stats.bytes >= 2 * SERVER.memory_bytes(), "{stats:?}");
        cache.get_or_load(digest(1), || panic!("the key used last was thrown out")).unwrap();
        cache.get_or_load(digest(2), || Ok(key())).unwrap();
        assert_eq!(cache.stats().misses, 4);
    }

    #[test]
    fn a_key_larger_than_the_cache_is_used_and_not_kept() {
        let cache = KeyCache::new(SERVER.memory_bytes() / 2);
        cache.get_or_load(digest(1), || Ok(key())).unwrap();
        assert_eq!((cache.stats().entries, cache.stats().bytes), (0, 0));
    }

    #[test]
    fn slots_that_ask_at_once_share_one_load() {
        let cache = KeyCache::new(10 * SERVER.memory_bytes());
        let (loads, together) = (AtomicU64::new(0), Barrier::new(4));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    together.wait();
                    let counted = || {
                        loads.fetch_add(1, Ordering::Relaxed);
                        Ok(key())
                    };
                    cache.get_or_load(digest(1), counted).unwrap();
                });
            }
        });
        assert_eq!(loads.into_inner(), 1);
        assert_eq!(cache.stats().entries, 1);
    }

    #[test]
    fn a_failed_load_is_told_and_tried_again() {
        let cache = KeyCache::new(10 * SERVER.memory_bytes());
        let failure = TaskFailure { label: FailureLabel::KeyMissing, detail: "gone".to_owned() };
        assert_eq!(cache.get_or_load(digest(1), || Err(failure.clone())).unwrap_err(), failure);
        cache.get_or_load(digest(1), || Ok(key())).unwrap();
        assert_eq!(cache.stats().entries, 1);
    }
}
