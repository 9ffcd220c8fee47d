//! Which screen is shown, which tasks are listed on it, and one page of them.

use super::{Counts, Row, TaskState};

/// Which screen is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScreenKind {
    /// The queue.
    #[default]
    Tasks,
    /// Nodes, workers, machine.
    Workers,
    /// Times of past runs.
    Benchmarks,
    /// The server's log.
    Logs,
    /// What operators have done.
    Audit,
}

impl ScreenKind {
    /// Every screen; its number is its place.
    pub const ALL: [Self; 5] = [Self::Tasks, Self::Workers, Self::Benchmarks, Self::Logs, Self::Audit];

    /// Its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Tasks => "Tasks",
            Self::Workers => "Workers",
            Self::Benchmarks => "Benchmarks",
            Self::Logs => "Logs",
            Self::Audit => "Audit",
        }
    }
}

/// Which tasks are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// Running, then waiting in the order of the queue, then ended, newest first.
    #[default]
    All,
    /// Waiting, in the order of the queue.
    Queued,
    /// Running, last started first.
    Started,
    /// With a result, last ended first.
    Finished,
    /// Without one, last ended first.
    Failed,
    /// Cancelled, last ended first.
    Revoked,
}

impl Tab {
    /// Every tab, as they stand on the screen.
    pub const ALL: [Self; 6] = [Self::All, Self::Queued, Self::Started, Self::Finished, Self::Failed, Self::Revoked];

    /// Its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Queued => "Queued",
            Self::Started => "Started",
            Self::Finished => "Finished",
            Self::Failed => "Failed",
            Self::Revoked => "Revoked",
        }
    }

    /// Does it list tasks in this state?
    pub const fn lists(self, state: TaskState) -> bool {
        match self {
            Self::All => true,
            Self::Queued => matches!(state, TaskState::Queued),
            Self::Started => matches!(state, TaskState::Started),
            Self::Finished => matches!(state, TaskState::Success | TaskState::Completed),
            Self::Failed => matches!(state, TaskState::Failure),
            Self::Revoked => matches!(state, TaskState::Revoked),
        }
    }

    /// How many tasks it lists without a filter.
    pub const fn count(self, counts: &Counts) -> u64 {
        match self {
            Self::All => counts.total(),
            Self::Queued => counts.queued,
            Self::Started => counts.started,
            Self::Finished => counts.success + counts.completed,
            Self::Failed => counts.failure,
            Self::Revoked => counts.revoked,
        }
    }
}

/// How many tasks the present tab and filter list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exactly(u64),
    /// At least so many; the rest was not counted.
    AtLeast(u64),
}

impl Default for Total {
    fn default() -> Self {
        Self::Exactly(0)
    }
}

/// One page of tasks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The tab they belong to.
    pub tab: Tab,
    /// The tasks.
    pub rows: Vec<Row>,
    /// Tasks on the pages before.
    pub before: u64,
    /// Is there a page behind?
    pub more: bool,
    /// All that match.
    pub total: Total,
}
