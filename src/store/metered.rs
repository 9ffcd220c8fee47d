//! Any engine, with the time of each operation and its failures counted. The names of operations are those of the
//! contract.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Instant,
};

use async_trait::async_trait;
use uuid::Uuid;

use super::{
    AttachKey, AuditEntry, AuditFilter, AuditPage, AuditStore, Beat, BeatAnswer, CancelOutcome, Claim, ClaimRequest,
    Counts, Deed, DeleteOutcome, DeleteUid, Enqueued, Events, FinishOutcome, KeyRecord, KeyStore, ListFilter,
    ListOrder, NewTask, Node, NodeName, NodeReport, NodeStore, Operated, Outcome, Page, Position, RequeueOutcome,
    Result, RunFilter, Signature, Store, StoreError, Swept, TaskStore,
};
use crate::{
    monitor::metrics::store::StoreMetrics,
    task::{BlobRef, ClientId, Run, Task, TaskId, Timestamp, Token, Uid, WorkerName},
};

/// A store that is watched.
pub struct Metered<S: ?Sized> {
    metrics: StoreMetrics,
    inner: Arc<S>,
}

/// Failures of the store itself; what it refuses by its rules is none.
const FAILURES: [&str; 4] = ["unavailable", "storage_full", "damaged", "cannot_open"];

const fn failure(error: &StoreError) -> Option<&'static str> {
    match error {
        StoreError::Unavailable(_) => Some("unavailable"),
        StoreError::StorageFull => Some("storage_full"),
        StoreError::Damaged(_) => Some("damaged"),
        StoreError::CannotOpen(_) => Some("cannot_open"),
        StoreError::UnknownUid
        | StoreError::QueueFull { .. }
        | StoreError::IdempotencyConflict
        | StoreError::TooManyUids { .. }
        | StoreError::TooManyUidsOfClient { .. }
        | StoreError::BadCursor => None,
    }
}

impl<S: Store + ?Sized> Metered<S> {
    /// Watches `inner`.
    pub fn new(inner: Arc<S>, metrics: StoreMetrics) -> Self {
        metrics.announce(&FAILURES);
        Self { metrics, inner }
    }

    async fn time<T>(&self, operation: &'static str, work: impl Future<Output = Result<T>>) -> Result<T> {
        let began = Instant::now();
        let answer = work.await;
        self.metrics.took(operation, began.elapsed());
        if let Some(kind) = answer.as_ref().err().and_then(failure) {
            self.metrics.failed(kind);
        }
        answer
    }
}

/// Each operation is the inner one's, timed under its own name.
macro_rules! timed {
    ($contract:ident { $(fn $name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)* } $($untimed:item)*) => {
        #[async_trait]
        impl<S: Store + ?Sized> $contract for Metered<S> {
            $(async fn $name(&self, $($argument: $kind),*) -> Result<$answer> {
                self.time(stringify!($name), self.inner.$name($($argument),*)).await
            })*
            $($untimed)*
        }
    };
}

timed! { TaskStore {
    fn enqueue(task: NewTask) -> Enqueued;
    fn claim(request: ClaimRequest) -> Option<Claim>;
    fn heartbeat(beats: Vec<Beat>) -> Vec<BeatAnswer>;
    fn finish(task: TaskId, token: Token, outcome: Outcome) -> FinishOutcome;
    fn release(task: TaskId, token: Token) -> bool;
    fn cancel(task: TaskId, owner: Option<Uid>) -> CancelOutcome;
    fn requeue(task: TaskId) -> RequeueOutcome;
    fn fetched(task: TaskId, finished: Timestamp, last_byte: Timestamp) -> ();
    fn delete(task: TaskId) -> DeleteOutcome;
    fn set_priority(task: TaskId, priority: i8) -> bool;
    fn set_paused(use_case: &str, paused: bool) -> ();
    fn paused() -> Vec<String>;
    fn task(task: TaskId) -> Option<Task>;
    fn position(task: TaskId) -> Option<Position>;
    fn counts() -> Counts;
    fn waiting() -> BTreeMap<String, u64>;
    fn list(order: ListOrder, filter: ListFilter, cursor: Option<String>, limit: usize) -> Page;
    fn runs(filter: RunFilter) -> Vec<Run>;
    fn record_run(run: Run) -> ();
    fn sweep(limit: usize) -> Swept;
    fn referenced(names: Vec<String>) -> Vec<String>;
    fn ping() -> ();
    fn identity() -> Uuid;
}
    fn events(&self) -> Events {
        self.inner.events()
    }

    fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }

    fn engine(&self) -> &'static str {
        self.inner.engine()
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

timed! { KeyStore {
    fn add_uid(uid: Uid, client: ClientId, key: Option<BlobRef>) -> Option<BlobRef>;
    fn attach_key(uid: Uid, key: BlobRef) -> AttachKey;
    fn key(uid: Uid) -> Option<KeyRecord>;
    fn tasks_of(uid: Uid) -> u64;
    fn delete_uid(uid: Uid) -> DeleteUid;
} }

timed! { NodeStore {
    fn announce(report: NodeReport) -> BTreeSet<WorkerName>;
    fn leave(node: NodeName) -> ();
    fn nodes() -> Vec<Node>;
    fn set_draining(name: &str, draining: bool) -> Vec<WorkerName>;
} }

timed! { AuditStore {
    fn operate(by: Signature, deed: Deed, tasks: Vec<TaskId>) -> Vec<Operated>;
    fn audit(entries: Vec<AuditEntry>) -> ();
    fn audited(filter: AuditFilter, cursor: Option<String>, limit: usize) -> AuditPage;
} }
