//! Pages of tasks. The store continues a list behind a cursor; a session remembers where its pages began.

use std::collections::HashSet;

use cipherdeck_ui::{Filter, Tab, TaskState};

use crate::{
    store::{ListFilter, ListOrder, Result, StateFilter, Store},
    task::{Status, Task, Timestamp},
};

/// Calls of the store for one page. A filter without an index looks at 10,000 records in each.
const CALLS: usize = 10;

/// Where a page begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Start {
    /// Which list of the tab's.
    section: usize,
    /// Behind this place of it.
    cursor: Option<String>,
    /// Tasks on the pages before.
    pub(super) before: u64,
}

/// What to load.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) tab: Tab,
    pub(super) filter: Filter,
    pub(super) start: Start,
    pub(super) limit: usize,
}

/// A page.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) tasks: Vec<Task>,
    /// Where the next page begins, if there is one.
    pub(super) next: Option<Start>,
    /// Whether the end of the list was reached, so that the number of tasks is known.
    pub(super) complete: bool,
}

/// The lists that a tab shows one after the other.
const fn sections(tab: Tab) -> &'static [(ListOrder, StateFilter)] {
    use ListOrder::{Finished, Position, Started};
    match tab {
        Tab::All => &[
            (Started, StateFilter::One(Status::Started)),
            (Position, StateFilter::One(Status::Queued)),
            (Finished, StateFilter::Terminal),
        ],
        Tab::Queued => &[(Position, StateFilter::One(Status::Queued))],
        Tab::Started => &[(Started, StateFilter::One(Status::Started))],
        Tab::Finished => &[(Finished, StateFilter::Finished)],
        Tab::Failed => &[(Finished, StateFilter::One(Status::Failure))],
        Tab::Revoked => &[(Finished, StateFilter::One(Status::Revoked))],
    }
}

/// Loads a page, and looks one task further to know whether there is another one. Ages are counted to `now`.
pub(super) async fn load(store: &dyn Store, place: &Place, now: Timestamp) -> Result<Loaded> {
    let mut walk = Walk::new(store, place, now, CALLS);
    let mut seen = HashSet::new();
    let mut tasks: Vec<Task> = Vec::new();
    while tasks.len() < place.limit && walk.may_go_on() {
        // A task that changed its state between two lists is shown once.
        let found = walk.step(place.limit - tasks.len()).await?;
        tasks.extend(found.into_iter().filter(|task| seen.insert(task.id)));
    }
    let next = Start { before: place.start.before + tasks.len() as u64, ..walk.at.clone() };
    let mut more = false;
    while !more && walk.may_go_on() {
        more = !walk.step(1).await?.is_empty();
    }
    let complete = !more && walk.is_at_end();
    Ok(Loaded { next: (!complete && !tasks.is_empty()).then_some(next), complete, tasks })
}

/// A walk along the sections.
pub(super) struct Walk<'a> {
    store: &'a dyn Store,
    place: &'a Place,
    now: Timestamp,
    at: Start,
    /// Calls of the store that are left.
    calls: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(store: &'a dyn Store, place: &'a Place, now: Timestamp, calls: usize) -> Self {
        Self { store, place, now, at: place.start.clone(), calls }
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.at.section >= sections(self.place.tab).len()
    }

    pub(super) const fn may_go_on(&self) -> bool {
        !self.is_at_end() && self.calls > 0
    }

    /// At most so many of the next tasks; fewer, also none, do not mean the end.
    pub(super) async fn step(&mut self, limit: usize) -> Result<Vec<Task>> {
        let Some(&(order, section)) = sections(self.place.tab).get(self.at.section) else { return Ok(Vec::new()) };
        let Some(filter) = self.filter(section) else {
            self.at.section += 1;
            return Ok(Vec::new());
        };
        self.calls = self.calls.saturating_sub(1);
        let page = self.store.list(order, filter, self.at.cursor.take(), limit.clamp(1, 200)).await?;
        match page.cursor {
            Some(cursor) => self.at.cursor = Some(cursor),
            None => self.at.section += 1,
        }
        Ok(page.tasks)
    }

    /// The conditions within a section; `None`: nothing there can meet them.
    fn filter(&self, section: StateFilter) -> Option<ListFilter> {
        let Filter { id, uid, use_case, worker, state, older_ms, younger_ms } = self.place.filter.clone();
        let state = match state.map(status) {
            Some(status) if section.admits(status) => StateFilter::One(status),
            Some(_) => return None,
            None => section,
        };
        let ago = |millis: i64| Timestamp::from_millis(self.now.millis().saturating_sub(millis));
        Some(ListFilter {
            state,
            uid: None,
            uid_tag: uid,
            use_case,
            id_prefix: id,
            worker,
            created_since: younger_ms.map(ago),
            created_before: older_ms.map(ago),
        })
    }
}

const fn status(state: TaskState) -> Status {
    match state {
        TaskState::Queued => Status::Queued,
        TaskState::Started => Status::Started,
        TaskState::Success => Status::Success,
        TaskState::Completed => Status::Completed,
        TaskState::Failure => Status::Failure,
        TaskState::Revoked => Status::Revoked,
    }
}
