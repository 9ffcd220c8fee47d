//! Everything a store shows, read through its contract at one moment.

use std::collections::BTreeMap;

use cipherdeck::{
    store::{Counts, ListFilter, ListOrder, Position, RunFilter, StateFilter, Store},
    task::{Run, Status, Task, TaskId},
};

/// Rows of the run history that a view holds.
pub(crate) const RUNS: usize = 50;

/// What the store shows.
pub(crate) struct View {
    /// Every record, newest submission first.
    pub(crate) tasks: Vec<Task>,
    /// The list of each state.
    pub(crate) by_state: BTreeMap<Status, Vec<TaskId>>,
    /// The queue's own list.
    pub(crate) queue: Vec<TaskId>,
    pub(crate) positions: BTreeMap<TaskId, Option<Position>>,
    pub(crate) counts: Counts,
    /// Queued tasks of each use case.
    pub(crate) waiting: BTreeMap<String, u64>,
    /// The newest runs.
    pub(crate) runs: Vec<Run>,
}

impl View {
    pub(crate) async fn read(store: &dyn Store) -> Self {
        let tasks = all(store, ListOrder::Created, ListFilter::default(), 200).await;
        let mut by_state = BTreeMap::new();
        for status in Status::ALL {
            let filter = ListFilter { state: StateFilter::One(status), ..ListFilter::default() };
            by_state.insert(status, ids(&all(store, ListOrder::Life, filter, 200).await));
        }
        let queue = ids(&all(store, ListOrder::Position, ListFilter::default(), 200).await);
        let mut positions = BTreeMap::new();
        for task in &tasks {
            positions.insert(task.id, store.position(task.id).await.unwrap());
        }
        let counts = store.counts().await.unwrap();
        let waiting = store.waiting().await.unwrap();
        let runs = store.runs(RunFilter { limit: RUNS, ..RunFilter::default() }).await.unwrap();
        Self { tasks, by_state, queue, positions, counts, waiting, runs }
    }

    pub(crate) fn statuses(&self) -> BTreeMap<TaskId, Status> {
        self.tasks.iter().map(|task| (task.id, task.status)).collect()
    }
}

/// A whole list, page by page.
pub(crate) async fn all(store: &dyn Store, order: ListOrder, filter: ListFilter, limit: usize) -> Vec<Task> {
    let (mut tasks, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.list(order, filter.clone(), cursor, limit).await.unwrap();
        assert!(page.tasks.len() <= limit, "a page of {} tasks, {limit} were asked for", page.tasks.len());
        tasks.extend(page.tasks);
        cursor = page.cursor;
        if cursor.is_none() {
            return tasks;
        }
    }
}

pub(crate) fn ids(tasks: &[Task]) -> Vec<TaskId> {
    tasks.iter().map(|task| task.id).collect()
}
