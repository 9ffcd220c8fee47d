//! The states of a task and the transitions between them.
//!
//! ```text
//! queued  -> started            claimed by a worker
//! queued  -> revoked            cancelled while waiting
//! started -> queued             lease lost (the attempt counts), drain or pause (the attempt is given back)
//! started -> success | failure | revoked
//! success -> completed          the whole result has been handed over once
//! success | completed | failure | revoked -> queued    operator requeue
//! ```
//! `unknown` is what the API says of an id it does not have; it is no state of a task. `reserved` is a word that old
//! clients accept; it is never sent.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Waiting for a worker.
    Queued,
    /// Claimed by a worker.
    Started,
    /// Finished; its result has not been fetched whole yet.
    Success,
    /// Finished; its result has been fetched whole at least once.
    Completed,
    /// Ended without a result.
    Failure,
    /// Cancelled.
    Revoked,
}

/// The word names no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no such status; known are queued, started, success, completed, failure, revoked")]
pub struct StatusError;

impl Status {
    /// Every status, in the order of a task's life.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Started, Self::Success, Self::Completed, Self::Failure, Self::Revoked];

    /// The word on the wire and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Started => "started",
            Self::Success => "success",
            Self::Completed => "completed",
            Self::Failure => "failure",
            Self::Revoked => "revoked",
        }
    }

    /// Has the task ended? A terminal task has an expiry and is left only by requeue, fetch, TTL or deletion.
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::Queued | Self::Started)
    }

    /// Does the task hold a result that can be fetched?
    pub const fn has_result(self) -> bool {
        matches!(self, Self::Success | Self::Completed)
    }

    /// May a task go from `self` to `next`?
    pub const fn may_become(self, next: Self) -> bool {
        use Status::{Completed, Failure, Queued, Revoked, Started, Success};
        matches!(
            (self, next),
            (Queued, Started | Revoked)
                | (Started, Queued | Success | Failure | Revoked)
                | (Success, Completed)
                | (Success | Completed | Failure | Revoked, Queued)
        )
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Status {
    type Err = StatusError;
    fn from_str(word: &str) -> Result<Self, StatusError> {
        Self::ALL.into_iter().find(|status| status.word() == word).ok_or(StatusError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_status_is_left_only_towards_the_queue_or_from_success_to_completed() {
        for from in Status::ALL.into_iter().filter(|s| s.is_terminal()) {
            for to in Status::ALL {
                let allowed = to == Status::Queued || (from == Status::Success && to == Status::Completed);
                assert_eq!(from.may_become(to), allowed, "{from} -> {to}");
            }
        }
    }

    #[test]
    fn words_round_trip() {
        for status in Status::ALL {
            assert_eq!(status.word().parse(), Ok(status));
        }
        assert_eq!("reserved".parse::<Status>(), Err(StatusError));
    }
}
