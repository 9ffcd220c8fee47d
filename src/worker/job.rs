//! One claimed task, from key and input to its finish. Nothing is published under a token that has become stale.

mod ending;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use tracing::{Instrument as _, Span};

use super::{
    key_cache::{Admission, KeyLease, Reservation},
    pool::Shared,
    roster::DEVICE,
    running::{Entry, StopReason},
};
use crate::{
    blobs::{BlobError, BlobStore},
    fhe::{Context, ServerKey},
    monitor::metrics::tasks::TaskEnd,
    store::{Claim, Outcome, StoreError},
    task::{BlobRef, FailureLabel, TaskFailure},
    text::sanitise,
    use_cases::{KernelError, Output, UseCase},
};
pub(super) use ending::Ended;

/// Between tries while storage is full or failing. The computed result is kept in memory meanwhile.
const RETRY: Duration = Duration::from_secs(1);

/// Tries of reading a blob when storage fails in another way than "missing" or "corrupt".
const READ_TRIES: u32 = 3;

pub(super) struct Job {
    shared: Arc<Shared>,
    claim: Claim,
    entry: Entry,
}

/// What a kernel made, and how long it took.
struct Computed {
    output: Output,
    server: Duration,
}

/// Why there is nothing to publish.
enum Stop {
    /// Told to; the entry knows why.
    Interrupted,
    /// For good.
    Failed(TaskFailure),
}

impl From<TaskFailure> for Stop {
    fn from(failure: TaskFailure) -> Self {
        Self::Failed(failure)
    }
}

fn failure(label: FailureLabel, detail: impl std::fmt::Display) -> TaskFailure {
    TaskFailure { label, detail: sanitise(&detail.to_string(), 500) }
}

impl Job {
    pub(super) fn new(shared: Arc<Shared>, claim: Claim) -> Self {
        let metrics = &shared.parts.telemetry.metrics;
        let listener = metrics.tasks.bootstraps(&claim.task.use_case, DEVICE);
        let entry = Entry::new(claim.token, Context::told(Arc::clone(&shared.threads), listener));
        Self { shared, claim, entry }
    }

    /// Runs it; what is logged meanwhile says for which task.
    pub(super) async fn run(self) -> Ended {
        let (task, telemetry) = (&self.claim.task, &self.shared.parts.telemetry);
        let worker = task.worker.as_ref().map(|worker| worker.0.as_str()).unwrap_or_default();
        let (use_case, attempt, client) = (task.use_case.as_str(), task.attempt, task.uid.tag());
        // Of the highest level, so that every filter of the log lets it through.
        let span = tracing::error_span!("task", task = %task.id, use_case, worker, attempt, client);
        let (trace, began) = (telemetry.traces.task(task), Instant::now());
        if let (1, Some(started)) = (attempt, task.started) {
            telemetry.metrics.tasks.claimed(use_case, DEVICE, started.since(task.created));
        }
        let ended = self.work().instrument(span).await;
        let end = TaskEnd::from(ended);
        telemetry.metrics.tasks.ended(use_case, DEVICE, end, began.elapsed());
        trace.ended(end.word(), self.entry.context.bootstraps(), end == TaskEnd::Failure);
        ended
    }

    async fn work(&self) -> Ended {
        let task = &self.claim.task;
        let _guard = self.shared.running.enter(task.id, self.entry.clone());
        if task.cancelling {
            self.entry.stop(StopReason::Cancel);
        }
        tracing::info!("started");
        let computed = self.compute_in_time().await;
        match computed {
            Ok(computed) => self.publish(computed).await,
            Err(Stop::Failed(failure)) => self.end(Outcome::Failure(failure)).await,
            Err(Stop::Interrupted) => match self.entry.reason() {
                StopReason::Cancel => self.end(Outcome::Revoked).await,
                StopReason::TimeLimit => {
                    let limit = self.shared.parts.settings.time_limit_s;
                    let detail = format!("ran longer than {limit} s (worker.time_limit_s)");
                    self.end(Outcome::Failure(failure(FailureLabel::TimeLimit, detail))).await
                }
                StopReason::Lost => {
                    tracing::warn!("the claim was lost; nothing is published");
                    Ended::Lost
                }
                StopReason::Drain | StopReason::None => self.give_back().await,
            },
        }
    }

    /// Waits for room for the key as long as it takes; the time limit is for what comes after.
    async fn compute_in_time(&self) -> Result<Computed, Stop> {
        let task = &self.claim.task;
        let use_case = self.shared.parts.use_cases.get(&task.use_case).cloned();
        let use_case = use_case.ok_or_else(|| failure(FailureLabel::KernelPanic, "this server lacks the use case"))?;
        let key = if use_case.info().needs_key { Some(self.admission().await?) } else { None };
        let limit = Duration::from_secs(self.shared.parts.settings.time_limit_s);
        let mut work = std::pin::pin!(self.compute(use_case, key));
        if let Ok(computed) = tokio::time::timeout(limit, &mut work).await {
            return computed;
        }
        self.entry.stop(StopReason::TimeLimit);
        work.await
    }

    async fn compute(&self, use_case: Arc<dyn UseCase>, key: Option<(Admission, BlobRef)>) -> Result<Computed, Stop> {
        let key = match key {
            Some((Admission::Ready(key), _)) => Some(key),
            Some((Admission::Load(room), blob)) => Some(self.load(room, blob).await?),
            None => None,
        };
        let input = read(&self.shared.parts.blobs, &self.claim.task.input).await.map_err(|error| match error {
            BlobError::Corrupt(_) => failure(FailureLabel::BlobCorrupt, error),
            _ => failure(FailureLabel::BlobMissing, error),
        })?;
        let context = self.entry.context.clone();
        if context.check().is_err() {
            return Err(Stop::Interrupted);
        }
        let span = Span::current();
        let joined = tokio::task::spawn_blocking(move || {
            let _within = span.enter();
            let began = Instant::now();
            let output = run_kernel(use_case.as_ref(), key.as_deref(), &input, &context);
            output.map(|output| Computed { output, server: began.elapsed() })
        });
        joined.await.unwrap_or_else(|error| Err(failure(FailureLabel::KernelPanic, error).into()))
    }

    /// Room for the key within the budget of memory, and where it lies. Meanwhile the claim is kept, and whatever stops
    /// the task ends the wait.
    async fn admission(&self) -> Result<(Admission, BlobRef), Stop> {
        let blob = self.key_blob().await?;
        let told = || tracing::info!("the task waits: its key does not fit beside those in use (worker.key_cache_mib)");
        tokio::select! {
            biased;
            () = self.entry.stopped() => Err(Stop::Interrupted),
            admission = self.shared.keys.admit(&blob, told) => Ok((admission, blob)),
        }
    }

    async fn load(&self, room: Reservation, blob: BlobRef) -> Result<KeyLease, Stop> {
        let blobs = self.shared.parts.blobs.clone();
        let (runtime, span) = (tokio::runtime::Handle::current(), Span::current());
        let loaded = tokio::task::spawn_blocking(move || {
            let _within = span.enter();
            room.load(|| {
                let bytes = runtime.block_on(read(&blobs, &blob)).map_err(|error| match error {
                    BlobError::Corrupt(_) => failure(FailureLabel::BlobCorrupt, error),
                    _ => failure(FailureLabel::KeyMissing, error),
                })?;
                ServerKey::from_compressed(&bytes).map_err(|error| failure(FailureLabel::BlobCorrupt, error))
            })
        });
        let key = loaded.await.map_err(|error| failure(FailureLabel::KernelPanic, error))?;
        Ok(key?)
    }

    /// Where the uid's key lies. A store that does not answer is no reason to fail a task: it is asked until it does,
    /// or until the task is told to stop.
    async fn key_blob(&self) -> Result<BlobRef, Stop> {
        let task = &self.claim.task;
        loop {
            match self.shared.parts.store.key(task.uid).await {
                Ok(record) => {
                    let blob = record.and_then(|record| record.key);
                    let gone = || failure(FailureLabel::KeyMissing, "the evaluation key was deleted").into();
                    return blob.ok_or_else(gone);
                }
                Err(error @ StoreError::Unavailable(_)) => {
                    tracing::warn!(%error, "the key cannot be looked up; trying again");
                }
                Err(error) => return Err(failure(FailureLabel::KeyMissing, error).into()),
            }
            tokio::time::sleep(RETRY).await;
            self.entry.context.check().map_err(|_| Stop::Interrupted)?;
        }
    }
}

/// Reads a blob; storage that fails in another way than "missing" or "corrupt" is asked again.
async fn read(blobs: &BlobStore, blob: &BlobRef) -> Result<Bytes, BlobError> {
    for _ in 1..READ_TRIES {
        match blobs.get(blob).await {
            Err(error @ (BlobError::Io(_) | BlobError::StorageFull)) => {
                tracing::warn!(blob = blob.name, %error, "reading failed; trying again");
            }
            settled => return settled,
        }
        tokio::time::sleep(RETRY).await;
    }
    blobs.get(blob).await
}

/// Runs a kernel so that a panic in it ends only its task.
fn run_kernel(
    use_case: &dyn UseCase,
    key: Option<&ServerKey>,
    input: &[u8],
    context: &Context,
) -> Result<Output, Stop> {
    match catch_unwind(AssertUnwindSafe(|| use_case.run(key, input, context))) {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(KernelError::Interrupted(_))) => Err(Stop::Interrupted),
        Ok(Err(error)) => Err(failure(FailureLabel::KernelPanic, error).into()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("the kernel panicked");
            Err(failure(FailureLabel::KernelPanic, text).into())
        }
    }
}
