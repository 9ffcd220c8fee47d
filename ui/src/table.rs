//! The engine of every list: a highlight that stays on its row while the list moves, and a selection that outlives the
//! page. It knows keys, not what they stand for.

use std::collections::BTreeMap;

/// So many rows can be selected at once.
pub const MAX_SELECTED: usize = 10_000;

/// State of one list whose rows have keys `K`; `M` is what is remembered of a selected row that is on no page.
#[derive(Debug, Clone)]
pub struct Table<K, M> {
    highlighted: Option<K>,
    index: usize,
    selected: BTreeMap<K, M>,
}

impl<K, M> Default for Table<K, M> {
    fn default() -> Self {
        Self { highlighted: None, index: 0, selected: BTreeMap::new() }
    }
}

impl<K: Clone + Ord, M> Table<K, M> {
    /// Index of the highlighted row on the page.
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Key of the highlighted row.
    pub const fn highlighted(&self) -> Option<&K> {
        self.highlighted.as_ref()
    }

    /// The page has changed: the highlight follows its row; when that row is gone it stays at its place.
    pub fn reconcile<'a>(&mut self, mut keys: impl ExactSizeIterator<Item = &'a K> + Clone)
    where
        K: 'a,
    {
        let last = keys.len().saturating_sub(1);
        let found = self.highlighted.as_ref().and_then(|key| keys.clone().position(|other| other == key));
        self.index = found.unwrap_or(self.index.min(last));
        self.highlighted = keys.nth(self.index).cloned();
    }

    /// Highlights the row at `index`, or the last one.
    pub fn highlight<'a>(&mut self, index: usize, keys: impl ExactSizeIterator<Item = &'a K>)
    where
        K: 'a,
    {
        let mut keys = keys;
        self.index = index.min(keys.len().saturating_sub(1));
        self.highlighted = keys.nth(self.index).cloned();
    }

    /// Forgets the highlight; the next [`reconcile`](Self::reconcile) puts it at `index` of the new page.
    pub fn expect(&mut self, index: usize) {
        self.highlighted = None;
        self.index = index;
    }

    /// The selected rows.
    pub const fn selected(&self) -> &BTreeMap<K, M> {
        &self.selected
    }

    /// Is this row selected?
    pub fn is_selected(&self, key: &K) -> bool {
        self.selected.contains_key(key)
    }

    /// Selects a row, or changes what is remembered of it. `false`: as many as possible are selected already.
    pub fn select(&mut self, key: K, memory: M) -> bool {
        if self.selected.len() >= MAX_SELECTED && !self.selected.contains_key(&key) {
            return false;
        }
        self.selected.insert(key, memory);
        true
    }

    /// Changes what is remembered of a row, if it is selected.
    pub fn remember(&mut self, key: &K, memory: M) {
        if let Some(known) = self.selected.get_mut(key) {
            *known = memory;
        }
    }

    /// Unselects a row. `false`: it was not selected.
    pub fn unselect(&mut self, key: &K) -> bool {
        self.selected.remove(key).is_some()
    }

    /// Unselects all.
    pub fn clear_selection(&mut self) {
        self.selected.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highlight_follows_its_row_and_stays_in_place_when_the_row_is_gone() {
        let mut table = Table::<u32, ()>::default();
        table.reconcile([1, 2, 3, 4].iter());
        assert_eq!(table.highlighted(), Some(&1));
        table.highlight(2, [1, 2, 3, 4].iter());
        table.reconcile([9, 8, 3, 4].iter());
        assert_eq!((table.index(), table.highlighted()), (2, Some(&3)));
        table.reconcile([3, 4, 5].iter());
        assert_eq!((table.index(), table.highlighted()), (0, Some(&3)));
        table.reconcile([4, 5].iter());
        assert_eq!((table.index(), table.highlighted()), (0, Some(&4)));
        table.highlight(7, [4, 5].iter());
        assert_eq!((table.index(), table.highlighted()), (1, Some(&5)));
        table.reconcile([].iter());
        assert_eq!((table.index(), table.highlighted()), (0, None));
    }

    #[test]
    fn the_selection_is_bounded() {
        let mut table = Table::<usize, ()>::default();
        assert!((0..MAX_SELECTED).all(|key| table.select(key, ())));
        assert!(!table.select(MAX_SELECTED, ()));
        assert!(table.select(0, ()));
        assert!(table.unselect(&0) && !table.unselect(&0));
        assert!(table.select(MAX_SELECTED, ()));
    }
}
