//! A value for each key, for as long as somebody holds it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;

/// Values by their keys.
pub(super) struct Kept<K, V>(Mutex<Book<K, V>>);

struct Book<K, V> {
    values: HashMap<K, Weak<V>>,
    /// Beyond so many, those that nobody holds any more are looked for: seldom enough that it costs nothing.
    most: usize,
}

/// So many are never too many.
const FEW: usize = 16;

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Book { values: HashMap::new(), most: FEW }))
    }
}

impl<K: Eq + Hash, V> Kept<K, V> {
    /// The value that others hold under this key, or else a new one.
    pub(super) fn of(&self, key: K, new: impl FnOnce() -> V) -> Arc<V> {
        let mut book = self.0.lock();
        if let Some(value) = book.values.get(&key).and_then(Weak::upgrade) {
            return value;
        }
        if book.values.len() >= book.most {
            book.values.retain(|_, value| value.strong_count() > 0);
            book.most = FEW.max(2 * book.values.len());
        }
        let value = Arc::new(new());
        book.values.insert(key, Arc::downgrade(&value));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_lives_as_long_as_it_is_held_and_the_dead_are_forgotten() {
        let kept = Kept::default();
        let held: Vec<_> = (0..100).map(|key| kept.of(key, || key)).collect();
        assert!(held.iter().enumerate().all(|(key, value)| Arc::ptr_eq(value, &kept.of(key, || 1_000))));
        drop(held);
        assert_eq!(*kept.of(7, || 1_000), 1_000, "nobody held the old one");
        for key in 1_000..10_000 {
            drop(kept.of(key, || key));
        }
        assert!(kept.0.lock().values.len() <= 200, "{}", kept.0.lock().values.len());
    }
}
