//! The record of one task.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{BlobRef, ClientId, Status, TaskId, Timestamp, Uid, WorkerName};

/// Why a task failed: a closed set, on the wire as `Task failed: <label>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureLabel {
    /// The kernel panicked or refused an input that had passed every check.
    KernelPanic,
    /// The task ran longer than the time limit.
    TimeLimit,
    /// Its workers were lost as often as attempts are allowed.
    AttemptsExhausted,
    /// The client's evaluation key is gone.
    KeyMissing,
    /// The input blob is gone.
    BlobMissing,
    /// A blob's bytes do not have the digest they were stored with.
    BlobCorrupt,
}

impl FailureLabel {
    /// Every label.
    pub const ALL: [Self; 6] = [
        Self::KernelPanic,
        Self::TimeLimit,
        Self::AttemptsExhausted,
        Self::KeyMissing,
        Self::BlobMissing,
        Self::BlobCorrupt,
    ];

    /// The word on the wire and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::KernelPanic => "kernel_panic",
            Self::TimeLimit => "time_limit",
            Self::AttemptsExhausted => "attempts_exhausted",
            Self::KeyMissing => "key_missing",
            Self::BlobMissing => "blob_missing",
            Self::BlobCorrupt => "blob_corrupt",
        }
    }
}

impl fmt::Display for FailureLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for FailureLabel {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|label| label.word() == word).ok_or("no such failure label")
    }
}

/// A failed task's error: the label for programs, the sentence for the operator (never sent to clients).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFailure {
    /// What went wrong, from the closed set.
    pub label: FailureLabel,
    /// One sanitised line for the operator.
    pub detail: String,
}

/// Everything known about one task. Times are the store's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Whose task it is.
    pub uid: Uid,
    /// Whose share of the queue it counts against.
    pub client: ClientId,
    /// Name of its use case.
    pub use_case: String,
    /// What a worker must have to run it, e.g. `weight_stats` or `ad_targeting@<catalogue version>`.
    pub capability: String,
    /// Where it stands.
    pub status: Status,
    /// -10..=10, higher first.
    pub priority: i8,
    /// How often it has been claimed since it was queued by a person (a drained claim is given back).
    pub attempt: u32,
    /// A cancel was accepted while it ran: it will never become a success.
    pub cancelling: bool,
    /// The encrypted input.
    pub input: BlobRef,
    /// The encrypted result, when the status [has one](Status::has_result).
    pub result: Option<BlobRef>,
    /// Why it failed.
    pub failure: Option<TaskFailure>,
    /// The worker that runs it, or ran it last.
    pub worker: Option<WorkerName>,
    /// `cpu` or `cuda`, once claimed.
    pub device: Option<String>,
    /// Share of the work done, 0..=1, while started.
    pub progress: Option<f32>,
    /// First byte of the request that submitted it: where its end-to-end time begins.
    pub received: Timestamp,
    /// When it was enqueued.
    pub created: Timestamp,
    /// When it was last claimed.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// When its result was first fetched whole.
    pub fetched: Option<Timestamp>,
    /// When the sweep may remove it; set for every terminal state.
    pub expires: Option<Timestamp>,
}
