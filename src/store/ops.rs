//! Inputs and answers of the queue's operations.

use std::{collections::BTreeSet, time::Duration};

use crate::task::{BlobRef, ClientId, RunOrigin, Status, Task, TaskFailure, TaskId, Timestamp, Token, Uid, WorkerName};

/// A task to accept. Its input blob is already durable.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// Its id, chosen by the API.
    pub id: TaskId,
    /// Whose it is.
    pub uid: Uid,
    /// Whose share of the queue it counts against.
    pub client: ClientId,
    /// Name of the use case.
    pub use_case: String,
    /// What a worker must have to run it.
    pub capability: String,
    /// The input.
    pub input: BlobRef,
    /// The client's idempotency key, scoped to the uid, valid as long as the task lives.
    pub idempotency_key: Option<String>,
    /// -10..=10, higher first.
    pub priority: i8,
    /// First byte of the submitting request.
    pub received: Timestamp,
}

/// Answer of an enqueue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// Accepted now.
    New(TaskId),
    /// Accepted before; nothing changed, and the input blob of this call is not referred to.
    Existing(TaskId),
}

impl Enqueued {
    /// The task's id in either case.
    pub const fn id(self) -> TaskId {
        match self {
            Self::New(id) | Self::Existing(id) => id,
        }
    }
}

/// A worker asks for work.
#[derive(Debug, Clone)]
pub struct ClaimRequest {
    /// Who asks.
    pub worker: WorkerName,
    /// Becomes the fencing token; the same nonce again gives the same task.
    pub nonce: Token,
    /// What the worker is able to run.
    pub capabilities: BTreeSet<String>,
    /// The device it runs on: `cpu`, `cuda`.
    pub device: String,
}

/// A claimed task.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The record as it is now: started, attempt counted.
    pub task: Task,
    /// The right to finish it.
    pub token: Token,
}

/// One running task's sign of life.
#[derive(Debug, Clone, Copy)]
pub struct Beat {
    /// The task.
    pub task: TaskId,
    /// The claim.
    pub token: Token,
    /// Share of the work done, 0..=1.
    pub progress: f32,
}

/// Answer to one [`Beat`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeatAnswer {
    /// Go on.
    Ok,
    /// A cancel was accepted: stop at the next step and finish as revoked.
    Cancel,
    /// The claim is gone: stop, publish nothing.
    Lost,
}

/// How a claimed task ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// With a result, whose blob is durable.
    Success {
        /// The result.
        result: BlobRef,
        /// Pure computation.
        server: Duration,
        /// Bootstraps counted.
        bootstraps: u64,
    },
    /// Without one; deterministic, so it is not tried again.
    Failure(TaskFailure),
    /// Stopped because it was cancelled.
    Revoked,
}

/// What became of a finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishOutcome {
    /// The task now has this status (revoked instead of success when a cancel was accepted).
    Applied(Status),
    /// The token is stale: nothing changed, the result must be thrown away.
    Stale,
}

/// Answer to a cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOutcome {
    /// It was waiting and is revoked.
    Revoked,
    /// It runs: it stops at the next step (also when asked again).
    Requested,
    /// It had ended already, like this.
    Ended(Status),
    /// No such task, or another uid's.
    Unknown,
}

/// Answer to a requeue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequeueOutcome {
    /// Queued again. The blob of its former result, if any, is to be deleted by the caller.
    Requeued {
        /// The former result.
        garbage: Vec<BlobRef>,
    },
    /// It is not terminal, but this.
    Refused(Status),
    /// No such task.
    Unknown,
}

/// Answer to a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeleteOutcome {
    /// Gone. The caller deletes these blobs.
    Deleted {
        /// Input and result.
        garbage: Vec<BlobRef>,
    },
    /// It is not terminal, but this.
    Refused(Status),
    /// No such task.
    Unknown,
}

/// Place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// 1-based.
    pub place: u64,
    /// Number of tasks waiting.
    pub length: u64,
}

/// Which rows of the run history.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Of one use case.
    pub use_case: Option<String>,
    /// Of clients or of the bench command.
    pub origin: Option<RunOrigin>,
    /// Finished at this time or later.
    pub since: Option<Timestamp>,
    /// At most so many; 0 is none.
    pub limit: usize,
}

/// What a sweep removed.
#[derive(Debug, Clone, Default)]
pub struct Swept {
    /// Tasks whose expiry had passed.
    pub tasks: u64,
    /// Uids that were unused for too long, or whose deletion is now complete.
    pub uids: u64,
    /// Blobs that nothing refers to any more: the caller deletes them.
    pub garbage: Vec<BlobRef>,
    /// There may be more to remove: call again.
    pub more: bool,
}
