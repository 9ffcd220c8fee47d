//! Pages of tasks: the store pages, callers never hold the whole list.

use crate::task::{Status, Task, Timestamp, Uid};

/// Which states a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StateFilter {
    /// All of them.
    #[default]
    All,
    /// One of them.
    One(Status),
    /// Success and completed.
    Finished,
    /// Every terminal one.
    Terminal,
}

impl StateFilter {
    /// Does a task with this status belong to the list?
    pub fn admits(self, status: Status) -> bool {
        match self {
            Self::All => true,
            Self::One(one) => one == status,
            Self::Finished => status.has_result(),
            Self::Terminal => status.is_terminal(),
        }
    }
}

/// Order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListOrder {
    /// Queued by position, then started by start (newest first), then the rest by end (newest first).
    #[default]
    Life,
    /// Newest submission first.
    Created,
    /// Queue position, first to run first; queued tasks only.
    Position,
    /// Last started first.
    Started,
    /// Last ended first.
    Finished,
}

/// Conditions that a listed task meets; all of them together.
#[derive(Debug, Clone, Default)]
pub struct ListFilter {
    /// State.
    pub state: StateFilter,
    /// One uid's tasks.
    pub uid: Option<Uid>,
    /// Uid's tag begins with this.
    pub uid_tag: Option<String>,
    /// One use case's tasks.
    pub use_case: Option<String>,
    /// Task id begins with this.
    pub id_prefix: Option<String>,
    /// Worker name contains this.
    pub worker: Option<String>,
    /// Enqueued at this time or later.
    pub created_since: Option<Timestamp>,
    /// Enqueued before this time.
    pub created_before: Option<Timestamp>,
}

/// One page.
#[derive(Debug, Clone)]
pub struct Page {
    /// The tasks, at most as many as asked for.
    pub tasks: Vec<Task>,
    /// Continues behind the last of them; `None` at the end.
    pub cursor: Option<String>,
    /// Records looked at for filters without an index.
    pub scanned: u64,
}

/// Number of tasks in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Waiting.
    pub queued: u64,
    /// Running.
    pub started: u64,
    /// Finished, result not fetched.
    pub success: u64,
    /// Finished, result fetched.
    pub completed: u64,
    /// Failed.
    pub failure: u64,
    /// Cancelled.
    pub revoked: u64,
}

impl Counts {
    /// The number for one state.
    pub const fn of(&self, status: Status) -> u64 {
        match status {
            Status::Queued => self.queued,
            Status::Started => self.started,
            Status::Success => self.success,
            Status::Completed => self.completed,
            Status::Failure => self.failure,
            Status::Revoked => self.revoked,
        }
    }

    /// The number for one state, to change.
    pub const fn of_mut(&mut self, status: Status) -> &mut u64 {
        match status {
            Status::Queued => &mut self.queued,
            Status::Started => &mut self.started,
            Status::Success => &mut self.success,
            Status::Completed => &mut self.completed,
            Status::Failure => &mut self.failure,
            Status::Revoked => &mut self.revoked,
        }
    }

    /// All tasks.
    pub const fn total(&self) -> u64 {
        self.queued + self.started + self.success + self.completed + self.failure + self.revoked
    }
}
