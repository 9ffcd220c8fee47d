//! The durable state: tasks, uids and their keys, run history, pauses, the audit log. One contract, several engines.
//!
//! [`TaskStore`], [`KeyStore`], [`NodeStore`] and [`AuditStore`] together are a [`Store`]. `sqlite` is the embedded
//! engine, `redis` that of a cluster; another engine is added by a folder beside them and has to pass the same
//! conformance suite (`tests/conformance`), which states the invariants:
//!
//! - I1 a task is in exactly one state index, equal to its record.
//! - I2 an acknowledged enqueue is present until its TTL or deletion.
//! - I3 at most one live token; a stale token changes nothing.
//! - I4 attempt <= max, then failure with an error.
//! - I5 once a cancel is accepted, never success unless requeued.
//! - I6 a terminal state is left only by requeue, fetch, TTL or deletion.
//! - I7 enqueue, claim and finish repeated give the same answer.
//! - I8 positions are 1..n without gaps; counts equal listings.
//! - I9 exactly one history row per success.
//! - I10 every `success` and `completed` has a readable blob (the worker writes the blob first).
//! - I11 every change emits an event, or a gap is detectable.
//! - I12 a client with one task waits for at most one task of each other client at equal priority.
//!
//! Order of the queue: priority (higher first), then virtual time, then the order of arrival. A task that joins the queue
//! (enqueue, requeue, a new priority) gets the virtual time `max(vclock, 1 + the greatest of its client's queued and
//! running tasks)`, both counted per priority; `vclock` is the greatest virtual time claimed there. So a client which
//! queues 100 does not starve one which queues 1, which joins behind at most one task of each other client. A task
//! that goes back to the queue because its worker was lost or drained keeps its place.

mod audit;
mod error;
mod event;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod keys;
mod lanes;
mod list;
mod metered;
mod nodes;
mod open;
mod ops;
mod options;
pub mod redis;
pub mod sqlite;

use std::collections::BTreeMap;

use async_trait::async_trait;
use uuid::Uuid;

pub use audit::{AuditEntry, AuditFilter, AuditPage, AuditRow, AuditStore, Deed, Effect, Operated, Signature};
pub use error::StoreError;
pub use event::{Event, EventKind, Events, or_lagged};
pub use keys::{AttachKey, DeleteUid, KeyRecord, KeyStore};
pub use list::{Counts, ListFilter, ListOrder, Page, StateFilter};
pub use metered::Metered;
pub use nodes::{FORGOTTEN_AFTER, KeyCacheReport, Node, NodeName, NodeReport, NodeStore, SlotReport, SlotTask};
pub use open::open;
pub use ops::{
    Beat, BeatAnswer, CancelOutcome, Claim, ClaimRequest, DeleteOutcome, Enqueued, FinishOutcome, NewTask, Outcome,
    Position, RequeueOutcome, RunFilter, Swept,
};
pub use options::StoreOptions;

use crate::task::{Run, Status, Task, TaskId, Timestamp, Token, Uid};

/// Result of a store operation.
pub type Result<T> = std::result::Result<T, StoreError>;

/// The queue and everything known about tasks. Every operation is atomic, durable before it answers, and idempotent.
#[async_trait]
pub trait TaskStore: Send + Sync + 'static {
    /// Accepts a task. The same id again, or the same (uid, idempotency key) with the same input digest, changes
    /// nothing and answers [`Enqueued::Existing`].
    ///
    /// # Errors
    /// [`StoreError::UnknownUid`], [`StoreError::QueueFull`], [`StoreError::IdempotencyConflict`].
    async fn enqueue(&self, task: NewTask) -> Result<Enqueued>;

    /// Hands the first task in queue order that `request` is able to run to a worker. The same nonce again gives the
    /// same task. `None` when there is nothing to do (also when all of it is paused).
    async fn claim(&self, request: ClaimRequest) -> Result<Option<Claim>>;

    /// Renews leases and reports progress, one call per process and second.
    async fn heartbeat(&self, beats: Vec<Beat>) -> Result<Vec<BeatAnswer>>;

    /// Publishes how a claimed task ended. A success whose cancel was accepted meanwhile becomes revoked. The same
    /// token again answers the same.
    async fn finish(&self, task: TaskId, token: Token, outcome: Outcome) -> Result<FinishOutcome>;

    /// Gives a claimed task back to its old place in the queue; the attempt is not counted. `false`: stale token.
    /// A task that is being cancelled becomes revoked instead.
    async fn release(&self, task: TaskId, token: Token) -> Result<bool>;

    /// Cancels: queued -> revoked at once; started -> flagged, the worker hears of it. With `owner`, a task of another
    /// uid is [`CancelOutcome::Unknown`].
    async fn cancel(&self, task: TaskId, owner: Option<Uid>) -> Result<CancelOutcome>;

    /// Queues a terminal task again with its original input: attempt 0, no result, no expiry, no failure.
    async fn requeue(&self, task: TaskId) -> Result<RequeueOutcome>;

    /// The whole result has been handed over: success -> completed, and at the first time the run's end-to-end time is
    /// filled in from `last_byte`. Repeating it changes nothing. `finished` must be the `finished` time of the result
    /// that was handed over, so that the fetch of an older result does not complete a requeued task.
    async fn fetched(&self, task: TaskId, finished: Timestamp, last_byte: Timestamp) -> Result<()>;

    /// Removes a terminal task at once, its blobs with it.
    async fn delete(&self, task: TaskId) -> Result<DeleteOutcome>;

    /// Moves a queued task (-10..=10, higher first). `false` when it is not queued.
    async fn set_priority(&self, task: TaskId, priority: i8) -> Result<bool>;

    /// Stops (`true`) or resumes claiming of one use case. Running tasks go on.
    async fn set_paused(&self, use_case: &str, paused: bool) -> Result<()>;

    /// The use cases paused now.
    async fn paused(&self) -> Result<Vec<String>>;

    /// The record of a task.
    async fn task(&self, task: TaskId) -> Result<Option<Task>>;

    /// Place in the queue, 1-based, and the queue's length; `None` unless queued. O(log n).
    async fn position(&self, task: TaskId) -> Result<Option<Position>>;

    /// Number of tasks in each state. O(1).
    async fn counts(&self) -> Result<Counts>;

    /// Number of queued tasks of each use case that has any. O(use cases).
    async fn waiting(&self) -> Result<BTreeMap<String, u64>>;

    /// One page of tasks, at most 200. `cursor` is the one of the page before.
    async fn list(&self, order: ListOrder, filter: ListFilter, cursor: Option<String>, limit: usize) -> Result<Page>;

    /// Rows of the run history, newest first.
    async fn runs(&self, filter: RunFilter) -> Result<Vec<Run>>;

    /// Appends a row that belongs to no task (the bench command).
    async fn record_run(&self, run: Run) -> Result<()>;

    /// Removes at most `limit` tasks whose expiry has passed, and uids that are due (see [`KeyStore`]). The blobs they
    /// leave are in the answer: the caller deletes them after this returns.
    async fn sweep(&self, limit: usize) -> Result<Swept>;

    /// Which of these blob names does the store still refer to? (For removing garbage that a crash left.)
    async fn referenced(&self, names: Vec<String>) -> Result<Vec<String>>;

    /// A new reader of changes, from now on. A reader that lags too far is told so and must reload.
    fn events(&self) -> Events;

    /// Is the engine reachable and able to write?
    async fn ping(&self) -> Result<()>;

    /// The name that this store has given itself when it was made: blobs are marked with it.
    async fn identity(&self) -> Result<Uuid>;

    /// May other processes use the same store now?
    fn is_shared(&self) -> bool;

    /// A short name for people: `sqlite`, `redis`.
    fn engine(&self) -> &'static str;

    /// Writes out what is pending and lets go of the engine. Every later operation is [`StoreError::Unavailable`].
    async fn close(&self);

    /// Number of tasks in one state.
    async fn count(&self, status: Status) -> Result<u64> {
        Ok(self.counts().await?.of(status))
    }
}

/// Everything the server keeps durably.
pub trait Store: TaskStore + KeyStore + NodeStore + AuditStore {}

impl<T: TaskStore + KeyStore + NodeStore + AuditStore> Store for T {}
