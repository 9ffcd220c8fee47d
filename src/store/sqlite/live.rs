//! What readers get without touching the disk: counts, places in the queue, progress, events. The writer updates it
//! after each commit, so it never shows what a crash could take back.

use std::collections::{BTreeMap, HashMap};

use parking_lot::RwLock;
use tokio::sync::broadcast;

use super::{order::QueueKey, order_tree::OrderTree, row::Row};
use crate::{
    store::{Beat, BeatAnswer, Counts, Event, EventKind, Events, Position},
    task::{ClientId, Status, Task, TaskId, Token},
};

/// Progress is told when it has moved by half a percent (less a rounding error of `f32`).
const PROGRESS_STEP: f32 = 0.004_999;
/// A task shows as done only once its finish is committed.
const PROGRESS_CAP: f32 = 0.99;

/// Where a task stands, as far as memory needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) status: Status,
    pub(super) key: QueueKey,
    pub(super) token: Option<Token>,
    pub(super) cancelling: bool,
}

impl From<&Row> for Place {
    fn from(row: &Row) -> Self {
        Self { status: row.task.status, key: row.key(), token: row.token, cancelling: row.task.cancelling }
    }
}

/// One row's change.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) task: TaskId,
    pub(super) client: ClientId,
    pub(super) use_case: String,
    pub(super) before: Option<Place>,
    pub(super) after: Option<Place>,
}

#[derive(Debug)]
struct Running {
    token: Token,
    cancelling: bool,
    progress: f32,
    told: f32,
}

/// Everything behind one lock, so that a reader never sees half a commit.
#[derive(Debug, Default)]
pub(super) struct State {
    counts: Counts,
    /// Waiting tasks of each use case that has some.
    waiting: BTreeMap<String, u64>,
    order: OrderTree<QueueKey>,
    places: HashMap<TaskId, QueueKey>,
    running: HashMap<TaskId, Running>,
    events: u64,
}

impl State {
    /// Takes one row's change over.
    pub(super) fn apply(&mut self, change: &Change) {
        if let Some(before) = change.before {
            let count = self.counts.of_mut(before.status);
            *count = count.saturating_sub(1);
            if before.status == Status::Queued {
                self.count_waiting(&change.use_case, false);
                self.order.remove(&before.key);
                self.places.remove(&change.task);
            }
        }
        if let Some(after) = change.after {
            *self.counts.of_mut(after.status) += 1;
            if after.status == Status::Queued {
                self.count_waiting(&change.use_case, true);
                self.order.insert(after.key);
                self.places.insert(change.task, after.key);
            }
        }
        match change.after {
            Some(Place { status: Status::Started, token: Some(token), cancelling, .. }) => {
                let fresh = Running { token, cancelling, progress: 0.0, told: 0.0 };
                let running = self.running.entry(change.task).or_insert(fresh);
                running.cancelling = cancelling;
            }
            _ => {
                self.running.remove(&change.task);
            }
        }
        if self.places.is_empty() && self.places.capacity() > 4096 {
            self.places = HashMap::new();
        }
    }

    fn count_waiting(&mut self, use_case: &str, more: bool) {
        let count = self.waiting.entry(use_case.to_owned()).or_default();
        *count = if more { *count + 1 } else { count.saturating_sub(1) };
        if *count == 0 {
            self.waiting.remove(use_case);
        }
    }

    /// Sets a count that is known from the disk.
    pub(super) fn set_count(&mut self, status: Status, count: u64) {
        *self.counts.of_mut(status) = count;
    }

    /// Adds a waiting task at boot, without counting it.
    pub(super) fn add_waiting(&mut self, task: TaskId, use_case: &str, key: QueueKey) {
        self.count_waiting(use_case, true);
        self.order.insert(key);
        self.places.insert(task, key);
    }
}

/// The shared part of the store.
#[derive(Debug)]
pub(super) struct Live {
    state: RwLock<State>,
    sender: broadcast::Sender<Event>,
}

impl Live {
    pub(super) fn new(state: State, backlog: usize) -> Self {
        Self { state: RwLock::new(state), sender: broadcast::Sender::new(backlog.max(1)) }
    }

    /// Publishes a commit: memory first, then the events, so that who hears of a change also finds it.
    pub(super) fn publish(&self, changes: &[Change], events: Vec<EventKind>) {
        let mut state = self.state.write();
        for change in changes {
            state.apply(change);
        }
        for kind in events {
            self.tell(&mut state, kind);
        }
    }

    fn tell(&self, state: &mut State, kind: EventKind) {
        state.events += 1;
        // An error only says that nobody listens.
        let _ = self.sender.send(Event { seq: state.events, kind });
    }

    pub(super) fn events(&self) -> Events {
        self.sender.subscribe()
    }

    pub(super) fn counts(&self) -> Counts {
        self.state.read().counts
    }

    pub(super) fn waiting(&self) -> BTreeMap<String, u64> {
        self.state.read().waiting.clone()
    }

    pub(super) fn position(&self, task: TaskId) -> Option<Position> {
        let state = self.state.read();
        let key = state.places.get(&task)?;
        Some(Position { place: state.order.rank(key) as u64 + 1, length: state.order.len() as u64 })
    }

    /// The record with the progress of its present run.
    pub(super) fn with_progress(&self, mut task: Task) -> Task {
        if task.status == Status::Started {
            task.progress = Some(self.state.read().running.get(&task.id).map_or(0.0, |running| running.progress));
        }
        task
    }

    /// Takes progress over and says who has to stop.
    pub(super) fn beat(&self, beats: &[Beat]) -> Vec<BeatAnswer> {
        let mut state = self.state.write();
        let mut moved = Vec::new();
        let answers = beats.iter().map(|beat| {
            let Some(running) = state.running.get_mut(&beat.task).filter(|running| running.token == beat.token) else {
                return BeatAnswer::Lost;
            };
            if beat.progress.is_finite() {
                running.progress = beat.progress.clamp(running.progress, PROGRESS_CAP);
            }
            if running.progress - running.told >= PROGRESS_STEP {
                running.told = running.progress;
                moved.push(EventKind::Progress { id: beat.task, progress: running.progress });
            }
            if running.cancelling { BeatAnswer::Cancel } else { BeatAnswer::Ok }
        });
        let answers = answers.collect();
        for kind in moved {
            self.tell(&mut state, kind);
        }
        answers
    }
}
