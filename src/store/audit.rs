//! What operators do to tasks, and the log of everything that was done.
//!
//! The log is append-only and bounded. The store keeps it in words and does not interpret them, so that old rows stay
//! readable whatever a later version calls things.

use async_trait::async_trait;

use super::Result;
use crate::task::{BlobRef, Status, TaskId, Timestamp};

/// What an operator does to one task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Stop it: queued -> revoked, started -> stopping.
    Cancel,
    /// Queue an ended task again, with its original input.
    Requeue,
    /// Remove an ended task with its blobs.
    Delete,
    /// Give a waiting task this priority, -10..=10.
    Priority(i8),
    /// Move a waiting task's priority by so much, within -10..=10.
    Raise(i8),
}

impl Deed {
    /// The word in the audit log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Requeue => "requeue",
            Self::Delete => "delete",
            Self::Priority(_) | Self::Raise(_) => "priority",
        }
    }
}

/// What became of a [`Deed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is done.
    Done,
    /// A running task: it stops at its next step.
    Stopping,
    /// The task's status does not allow it.
    Refused(Status),
    /// No such task.
    Gone,
}

impl Effect {
    /// The word in the audit log and on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Stopping => "stopping",
            Self::Refused(_) => "refused",
            Self::Gone => "gone",
        }
    }
}

/// One task's part of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operated {
    /// What became of it.
    pub effect: Effect,
    /// Blobs that nothing refers to any more: the caller deletes them.
    pub garbage: Vec<BlobRef>,
}

/// Who did something, in the log's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The way they came in: `terminal`, `attach`, `ssh`, `http`, `server`.
    pub door: String,
    /// Their name there. Sanitised.
    pub name: String,
    /// `client`, `viewer` or `operator`.
    pub role: String,
}

/// One thing that was done, or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// By whom.
    pub by: Signature,
    /// One word: `cancel`, `pause`, `start`, ...
    pub action: String,
    /// To what: a task's id, a use case, a worker. Never a uid or a token. Sanitised.
    pub object: String,
    /// A word, and details behind a colon: `done`, `done: priority 3`, `refused: success`, `denied`.
    pub result: String,
}

/// An entry as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Counts up by one per row, never repeats.
    pub number: u64,
    /// When, by the store's clock.
    pub at: Timestamp,
    /// What.
    pub entry: AuditEntry,
}

/// Conditions that a row meets; all of them together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The actor's name begins with this.
    pub actor: Option<String>,
    /// The action is this.
    pub action: Option<String>,
    /// The object begins with this.
    pub object: Option<String>,
}

/// Some rows, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditPage {
    /// At most as many as asked for.
    pub rows: Vec<AuditRow>,
    /// Continues behind the last of them; `None` at the end.
    pub cursor: Option<String>,
}

/// Operators' actions and the audit log.
#[async_trait]
pub trait AuditStore: Send + Sync + 'static {
    /// Does one thing to each of these tasks, in order, and writes one row of the log for each: all of it in one
    /// transaction, so that nothing is done without its row. An id that names no task is kept by its first 8 digits
    /// only: it may be a uid that was pasted into the wrong place.
    async fn operate(&self, by: Signature, deed: Deed, tasks: Vec<TaskId>) -> Result<Vec<Operated>>;

    /// Appends rows. The oldest beyond the limit of the settings are dropped.
    async fn audit(&self, entries: Vec<AuditEntry>) -> Result<()>;

    /// One page of the log, newest first, at most 1,000 rows. `cursor` is the one of the page before.
    ///
    /// # Errors
    /// [`super::StoreError::BadCursor`].
    async fn audited(&self, filter: AuditFilter, cursor: Option<String>, limit: usize) -> Result<AuditPage>;
}
