//! One task as the console shows it.

use std::{fmt, sync::Arc};

use super::LogLine;
use crate::clock::Millis;

/// A task's id as the console shows it. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(Arc<str>);

impl TaskId {
    /// From the full text of an id.
    pub fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// The full text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first eight characters, enough to recognise it.
    pub fn short(&self) -> String {
        self.0.chars().take(8).collect()
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a task stands; the words are those of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskState {
    /// Waiting for a worker.
    Queued,
    /// Running.
    Started,
    /// Finished, result not fetched yet.
    Success,
    /// Finished, result fetched.
    Completed,
    /// Ended without a result.
    Failure,
    /// Cancelled.
    Revoked,
}

impl TaskState {
    /// Every state, in the order of a task's life.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Started, Self::Success, Self::Completed, Self::Failure, Self::Revoked];

    /// The API's word.
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

    /// Has it ended?
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::Queued | Self::Started)
    }
}

/// One task.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its id.
    pub id: TaskId,
    /// Tag of its uid (never the uid itself).
    pub uid_tag: String,
    /// Whose share of the queue it counts against.
    pub client: String,
    /// Its use case.
    pub use_case: String,
    /// What a worker must have to run it.
    pub capability: String,
    /// Where it stands.
    pub state: TaskState,
    /// A cancel was accepted; its worker stops it.
    pub cancelling: bool,
    /// Place in the queue, 1-based, while queued.
    pub position: Option<u64>,
    /// -10..=10, higher first.
    pub priority: i8,
    /// How often it was claimed.
    pub attempt: u32,
    /// Full name of the worker that runs it, or ran it last.
    pub worker: Option<String>,
    /// The same in few characters.
    pub worker_short: Option<String>,
    /// `cpu`, `cuda`.
    pub device: Option<String>,
    /// Share of the work done, 0..=1.
    pub progress: Option<f32>,
    /// First byte of the request.
    pub received: Millis,
    /// Enqueued.
    pub created: Millis,
    /// Last claimed.
    pub started: Option<Millis>,
    /// Ended.
    pub finished: Option<Millis>,
    /// Result first fetched.
    pub fetched: Option<Millis>,
    /// When it will be removed.
    pub expires: Option<Millis>,
    /// Why it failed: the label.
    pub failure: Option<String>,
    /// Why it failed: a sentence.
    pub failure_detail: Option<String>,
    /// Bytes of input.
    pub input_bytes: u64,
    /// Bytes of result.
    pub result_bytes: Option<u64>,
}

/// One try to run a task.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attempt {
    /// 1 is the first.
    pub number: u32,
    /// Who ran it.
    pub worker: String,
    /// When it was claimed.
    pub started: Millis,
    /// When that ended.
    pub ended: Option<Millis>,
    /// How: "success", "worker lost", or why it failed.
    pub outcome: String,
}

/// More of the task in the details pane.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Detail {
    /// Its tries as far as they are known, oldest first.
    pub attempts: Vec<Attempt>,
    /// The newest of its log lines, oldest first.
    pub log: Vec<LogLine>,
}

impl Row {
    /// Since when it counts up, if it does: a queued task waits, a started one runs.
    pub const fn counting_since(&self) -> Option<Millis> {
        match self.state {
            TaskState::Queued => Some(self.created),
            TaskState::Started => self.started,
            _ => None,
        }
    }

    /// Milliseconds it ran, once ended.
    pub fn ran(&self) -> Option<i64> {
        if self.state.is_terminal() { Some(self.finished? - self.started?) } else { None }
    }

    /// Milliseconds it waited before it was (last) claimed.
    pub fn waited(&self) -> Option<i64> {
        Some(self.started? - self.created)
    }

    /// Milliseconds still to run, guessed from progress so far; `None` before 2 % are done.
    pub fn remaining(&self, now: Millis) -> Option<i64> {
        let done = f64::from(self.progress.filter(|_| self.state == TaskState::Started)?);
        let elapsed = (now - self.started?).max(0) as f64;
        (done >= 0.02).then(|| (elapsed * (1.0 - done.min(1.0)) / done) as i64)
    }
}
