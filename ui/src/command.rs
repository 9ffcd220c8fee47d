//! What the host is asked to do.

use crate::{
    filter::Filter,
    snapshot::{Tab, TaskId, TaskState},
};

/// Something that changes a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Waiting: ends at once as revoked. Running: stops at its next step.
    Cancel,
    /// Ended: queued again with its original input.
    Requeue,
}

impl Action {
    /// The verb: "cancel".
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Requeue => "requeue",
        }
    }

    /// What a row says meanwhile.
    pub const fn pending(self) -> &'static str {
        match self {
            Self::Cancel => "cancelling",
            Self::Requeue => "requeueing",
        }
    }

    /// May a task in this state take it?
    pub const fn applies_to(self, state: TaskState) -> bool {
        match self {
            Self::Cancel => !state.is_terminal(),
            Self::Requeue => state.is_terminal(),
        }
    }
}

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// The first.
    First,
    /// The one behind the present one.
    Next,
    /// The one before.
    Previous,
    /// The present one again, with another number of rows.
    Same,
}

/// A page of tasks to load. It stays what the host keeps up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Which states.
    pub tab: Tab,
    /// Further conditions.
    pub filter: Filter,
    /// Which page.
    pub go: Go,
    /// Rows on the screen.
    pub limit: usize,
}

/// A wish of the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Show this page and keep it up to date.
    Load(Query),
    /// Keep this task up to date as [`crate::Snapshot::watched`]; `None`: no task.
    Watch(Option<TaskId>),
    /// Do this to exactly these tasks and answer with [`crate::Event::Answered`].
    Act {
        /// What.
        action: Action,
        /// To which. At most [`crate::table::MAX_SELECTED`].
        ids: Vec<TaskId>,
    },
    /// Put this text into the terminal's clipboard (OSC 52).
    Copy(String),
    /// Stop (`true`) or go on changing the snapshot.
    Freeze(bool),
    /// Close the dashboard; the server goes on.
    Leave,
    /// Close the dashboard, drain and stop the server.
    Drain,
}
