//! A value for each key, for as long as somebody holds it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;

/// Values by their keys.
pub(super) struct Kept<K, V>(Mutex<HashMap<K, Weak<V>>>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V> Kept<K, V> {
    /// The value that others hold under this key, or else a new one. Those that nobody holds any more are forgotten.
    pub(super) fn of(&self, key: K, new: impl FnOnce() -> V) -> Arc<V> {
        let mut kept = self.0.lock();
        kept.retain(|_, value| value.strong_count() > 0);
        if let Some(value) = kept.get(&key).and_then(Weak::upgrade) {
            return value;
        }
        let value = Arc::new(new());
        kept.insert(key, Arc::downgrade(&value));
        value
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.lock().len()
    }
}
