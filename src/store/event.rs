//! Changes as they happen. An event names what changed; readers ask the store for the rest.

use tokio::sync::broadcast::{self, error::RecvError};

use crate::task::{Status, TaskId, WorkerName};

/// One committed change.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Counts up by one per event of this process; a gap means that events were missed.
    pub seq: u64,
    /// What changed.
    pub kind: EventKind,
}

/// What changed.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// A task now has this status (`None`: it is gone).
    Task {
        /// The task.
        id: TaskId,
        /// Its status.
        status: Option<Status>,
    },
    /// A running task moved on.
    Progress {
        /// The task.
        id: TaskId,
        /// Share of the work done, 0..=1.
        progress: f32,
    },
    /// A cancel of a running task was accepted: its worker stops it.
    CancelRequested {
        /// The task.
        id: TaskId,
    },
    /// A task's place in the queue was changed by a person.
    Priority {
        /// The task.
        id: TaskId,
    },
    /// A use case was paused or resumed.
    Paused {
        /// The use case.
        use_case: String,
        /// Paused now?
        paused: bool,
    },
    /// A worker slot was asked to claim nothing more, or to go on.
    Draining {
        /// The slot.
        worker: WorkerName,
        /// To claim nothing more?
        draining: bool,
    },
    /// Changes happened that nobody told: what is known has to be read again. See [`or_lagged`].
    Missed,
}

/// A reader of changes.
pub type Events = broadcast::Receiver<Event>;

/// What a reader was told, [`EventKind::Missed`] as what it is to it: it lagged, and reloads.
pub fn or_lagged(event: Result<Event, RecvError>) -> Result<Event, RecvError> {
    event.and_then(|event| if event.kind == EventKind::Missed { Err(RecvError::Lagged(1)) } else { Ok(event) })
}
