//! The engine of every list: a highlight that stays on its row while the list moves, a selection that outlives the
//! page, an order, and keys that wait for the page they were meant for. It knows keys of rows, not what they stand for.

mod waiting;

use std::collections::BTreeMap;

use crate::{command::Go, order::Order};

use waiting::Waiting;

/// So many rows can be selected at once.
pub const MAX_SELECTED: usize = 10_000;

/// A movement of the highlight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To the row above.
    Up,
    /// To the row below.
    Down,
    /// To the page before.
    PageUp,
    /// To the page behind.
    PageDown,
    /// To the very first row.
    Top,
    /// To the last row.
    Bottom,
}

/// A page was left over one of its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// By one row.
    Above,
    /// By one row.
    Below,
    /// By a page.
    PageAbove,
    /// By a page.
    PageBelow,
    /// To the first page.
    First,
}

/// What of a list is on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown<K> {
    /// Keys of the rows, in the order in which they are shown.
    pub keys: Vec<K>,
    /// Rows on the pages before.
    pub before: u64,
    /// Is there a page behind?
    pub more: bool,
    /// How far a page key goes within these rows, when all of them are here but do not fit.
    pub page: usize,
}

/// By which column a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// Which of the list's orders.
    pub order: usize,
    /// Greatest first.
    pub descending: bool,
}

/// State of one list whose rows have keys `K`; `M` is what is remembered of a selected row that is on no page.
#[derive(Debug, Clone)]
pub struct Table<K, M = ()> {
    highlighted: Option<K>,
    index: usize,
    selected: BTreeMap<K, M>,
    waiting: Waiting,
    /// By which column it is sorted; `None`: in its own order.
    pub sort: Option<Sort>,
}

impl<K, M> Default for Table<K, M> {
    fn default() -> Self {
        Self { highlighted: None, index: 0, selected: BTreeMap::new(), waiting: Waiting::default(), sort: None }
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
    pub fn reconcile(&mut self, keys: &[K]) {
        let found = self.highlighted.as_ref().and_then(|key| keys.iter().position(|other| other == key));
        self.highlight(found.unwrap_or(self.index), keys);
    }

    /// Highlights the row at `index`, or the last one.
    pub fn highlight(&mut self, index: usize, keys: &[K]) {
        self.index = index.min(keys.len().saturating_sub(1));
        self.highlighted = keys.get(self.index).cloned();
    }

    /// Moves the highlight within what is shown, or says over which end it leaves.
    pub fn step(&mut self, step: Step, shown: &Shown<K>) -> Option<Edge> {
        let (index, last) = (self.index, shown.keys.len().saturating_sub(1));
        let (above, below) = (shown.before > 0, shown.more);
        let to = match step {
            Step::Up if index == 0 && above => return Some(Edge::Above),
            Step::Up => index.saturating_sub(1),
            Step::Down if index >= last && below => return Some(Edge::Below),
            Step::Down => index + 1,
            Step::PageUp if above => return Some(Edge::PageAbove),
            Step::PageUp if shown.page > 0 => index.saturating_sub(shown.page),
            Step::PageDown if below => return Some(Edge::PageBelow),
            Step::PageDown if shown.page > 0 => index + shown.page,
            Step::Top if above => return Some(Edge::First),
            Step::Top | Step::PageUp => 0,
            Step::Bottom | Step::PageDown => last,
        };
        self.highlight(to, &shown.keys);
        None
    }

    /// Another page is asked for; the highlight will be at `index` of it. Keys wait for it.
    pub fn expect(&mut self, index: usize, go: Go, before: u64) {
        self.highlighted = None;
        self.index = index;
        self.waiting.begin(go, before);
    }

    /// A movement that comes before its page: it is made when the page is there. `false`: nothing is awaited.
    pub fn wish(&mut self, step: Step) -> bool {
        self.waiting.wish(step)
    }

    /// Rows have come, with so many before them: are they the page asked for? Then keys wait no longer.
    pub fn arrived(&mut self, before: u64) -> bool {
        self.waiting.arrived(before)
    }

    /// The next movement that has waited long enough.
    pub fn granted(&mut self) -> Option<Step> {
        self.waiting.granted()
    }

    /// What was meant for a list that is left is forgotten.
    pub fn forget_wishes(&mut self) {
        self.waiting = Waiting::default();
    }

    /// Rows in the order in which they are shown.
    pub fn sorted<'a, R>(&self, rows: &'a [R], orders: &[Order<R>]) -> Vec<&'a R> {
        let mut sorted: Vec<&R> = rows.iter().collect();
        if let Some((sort, order)) = self.sort.and_then(|sort| Some((sort, orders.get(sort.order)?))) {
            let compare = |one: &&R, other: &&R| match (order.compare)(one, other) {
                ordering if sort.descending => ordering.reverse(),
                ordering => ordering,
            };
            sorted.sort_by(compare);
        }
        sorted
    }

    /// Sorts by the next column (`1`) or the one before (`-1`); behind the last one in the list's own order again.
    pub fn turn_sort(&mut self, by: isize, orders: usize) {
        let places = orders as isize + 1;
        let at = self.sort.map_or(0, |sort| sort.order as isize + 1);
        let to = (at + by).rem_euclid(places);
        self.sort = (to > 0).then(|| Sort { order: to as usize - 1, descending: false });
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
        let mut table = Table::<u32>::default();
        table.reconcile(&[1, 2, 3, 4]);
        assert_eq!(table.highlighted(), Some(&1));
        table.highlight(2, &[1, 2, 3, 4]);
        table.reconcile(&[9, 8, 3, 4]);
        assert_eq!((table.index(), table.highlighted()), (2, Some(&3)));
        table.reconcile(&[3, 4, 5]);
        assert_eq!((table.index(), table.highlighted()), (0, Some(&3)));
        table.reconcile(&[4, 5]);
        assert_eq!((table.index(), table.highlighted()), (0, Some(&4)));
        table.highlight(7, &[4, 5]);
        assert_eq!((table.index(), table.highlighted()), (1, Some(&5)));
        table.reconcile(&[]);
        assert_eq!((table.index(), table.highlighted()), (0, None));
    }

    #[test]
    fn the_selection_is_bounded() {
        let mut table = Table::<usize>::default();
        assert!((0..MAX_SELECTED).all(|key| table.select(key, ())));
        assert!(!table.select(MAX_SELECTED, ()));
        assert!(table.select(0, ()));
        assert!(table.unselect(&0) && !table.unselect(&0));
        assert!(table.select(MAX_SELECTED, ()));
    }

    #[test]
    fn columns_to_sort_by_come_in_turn() {
        let mut table = Table::<u32>::default();
        let mut seen = Vec::new();
        for by in [1, 1, 1, -1] {
            table.turn_sort(by, 2);
            seen.push(table.sort.map(|sort| sort.order));
        }
        assert_eq!(seen, [Some(0), Some(1), None, Some(1)]);
        table.sort = Some(Sort { order: 0, descending: true });
        let orders = [Order { title: "N", compare: u32::cmp }];
        assert_eq!(table.sorted(&[2, 3, 1], &orders), [&3, &2, &1]);
    }
}
