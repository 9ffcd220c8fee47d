//! What a store operation may answer instead of a result.

use std::time::Duration;

/// Errors of every engine, classified where they arise.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The uid does not exist, or is being deleted.
    #[error("unknown uid")]
    UnknownUid,
    /// Too many tasks wait, in all or of this client.
    #[error("{waiting} tasks are waiting, {limit} are allowed{}", if *.per_client { " for one client" } else { "" })]
    QueueFull {
        /// Tasks waiting now.
        waiting: u64,
        /// The limit that was reached.
        limit: u64,
        /// Is it the limit of one client?
        per_client: bool,
    },
    /// The idempotency key was used with another input.
    #[error("this idempotency key was used with another input")]
    IdempotencyConflict,
    /// Too many uids without a key exist.
    #[error("too many uids without a key ({limit})")]
    TooManyUids {
        /// The limit that was reached.
        limit: u64,
    },
    /// This client has as many uids as one may have.
    #[error("this client has {limit} uids already")]
    TooManyUidsOfClient {
        /// The limit that was reached.
        limit: u64,
    },
    /// The disk is full: nothing was changed.
    #[error("no space left for the store")]
    StorageFull,
    /// The engine cannot be reached, or answered with an error; nothing is known about the operation's effect.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// Another process holds the store, or its format is newer than this program.
    #[error("{0}")]
    CannotOpen(String),
    /// A record is not in the form that this program writes.
    #[error("a stored record is damaged: {0}")]
    Damaged(String),
    /// A page cursor that this store did not hand out.
    #[error("not a cursor of this list")]
    BadCursor,
}

impl StoreError {
    /// When a caller may try again, for errors where that helps.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::QueueFull { .. } => Some(Duration::from_secs(10)),
            Self::Unavailable(_) => Some(Duration::from_secs(2)),
            _ => None,
        }
    }
}
