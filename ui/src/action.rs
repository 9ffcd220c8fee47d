//! What an operator can change, and in which words that is said.

use crate::snapshot::{TaskId, TaskState};

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A task.
    Task(TaskId),
    /// The queue of a use case, by its name.
    Queue(String),
    /// A worker, by its full name.
    Worker(String),
}

/// A change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Tasks. Waiting: ends at once as revoked. Running: stops at its next step.
    Cancel,
    /// Tasks. Ended: queued again with its original input.
    Requeue,
    /// Tasks. Ended: its record, input and result are removed.
    Delete,
    /// Tasks. Waiting: this is added to the priority, which stays within -10..=10.
    Priority(i8),
    /// Queues: nothing is claimed from it.
    Pause,
    /// Queues: it is claimed from again.
    Resume,
    /// Workers: takes no new tasks; what runs is finished.
    Drain,
    /// Workers: takes tasks again.
    Undrain,
}

impl Action {
    /// The verb: "cancel".
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Requeue => "requeue",
            Self::Delete => "delete",
            Self::Priority(..0) => "lower",
            Self::Priority(_) => "raise",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Drain => "drain",
            Self::Undrain => "undrain",
        }
    }

    /// What a row says meanwhile.
    pub const fn pending(self) -> &'static str {
        match self {
            Self::Cancel => "cancelling",
            Self::Requeue => "requeueing",
            Self::Delete => "deleting",
            Self::Priority(..0) => "lowering",
            Self::Priority(_) => "raising",
            Self::Pause => "pausing",
            Self::Resume => "resuming",
            Self::Drain => "draining",
            Self::Undrain => "undraining",
        }
    }

    /// What is said of those to which it was done.
    pub const fn done(self) -> &'static str {
        match self {
            Self::Cancel => "cancelled",
            Self::Requeue => "queued again",
            Self::Delete => "deleted",
            Self::Priority(..0) => "lowered",
            Self::Priority(_) => "raised",
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Drain => "draining",
            Self::Undrain => "taking tasks again",
        }
    }

    /// May a task in this state take it?
    pub const fn applies_to(self, state: TaskState) -> bool {
        match self {
            Self::Cancel => !state.is_terminal(),
            Self::Requeue | Self::Delete => state.is_terminal(),
            Self::Priority(_) => matches!(state, TaskState::Queued),
            Self::Pause | Self::Resume | Self::Drain | Self::Undrain => false,
        }
    }

    /// One and many of what it changes.
    pub const fn objects(self) -> (&'static str, &'static str) {
        match self {
            Self::Cancel | Self::Requeue | Self::Delete | Self::Priority(_) => ("task", "tasks"),
            Self::Pause | Self::Resume => ("queue", "queues"),
            Self::Drain | Self::Undrain => ("worker", "workers"),
        }
    }
}
