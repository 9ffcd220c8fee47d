//! One claimed task, from key and input to its finish. Nothing is published under a token that has become stale, and a
//! result is durable before the store refers to it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::{
    key_cache::{Admission, KeyLease, Reservation},
    pool::Shared,
    running::{Entry, StopReason},
};
use crate::{
    blobs::{BlobError, BlobStore},
    codec,
    fhe::{Context, ServerKey},
    store::{Claim, FinishOutcome, Outcome, StoreError},
    task::{BlobRef, FailureLabel, Status, TaskFailure},
    text::sanitise,
    use_cases::{KernelError, Output, UseCase},
};

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

/// How a task ended here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// With a result, after so much pure computation.
    Success(Duration),
    /// Failed.
    Failure,
    /// Revoked, or it did not end here.
    Otherwise,
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
        let entry = Entry::new(claim.token, Context::new(Arc::clone(&shared.threads)));
        Self { shared, claim, entry }
    }

    pub(super) async fn run(self) -> Ended {
        let task = &self.claim.task;
        let _guard = self.shared.running.enter(task.id, self.entry.clone());
        if task.cancelling {
            self.entry.stop(StopReason::Cancel);
        }
        tracing::info!(task = %task.id, use_case = task.use_case, attempt = task.attempt, "started");
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
                    tracing::warn!(task = %task.id, "the claim was lost; nothing is published");
                    Ended::Otherwise
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
        let joined = tokio::task::spawn_blocking(move || {
            let began = Instant::now();
            let output = run_kernel(use_case.as_ref(), key.as_deref(), &input, &context);
            output.map(|output| Computed { output, server: began.elapsed() })
        });
        joined.await.unwrap_or_else(|error| Err(failure(FailureLabel::KernelPanic, error).into()))
    }

    /// Room for the key within the budget of memory, and where it lies. Meanwhile the claim is kept, and whatever stops
    /// the task ends the wait.
    async fn admission(&self) -> Result<(Admission, BlobRef), Stop> {
        let (task, blob) = (self.claim.task.id, self.key_blob().await?);
        let told =
            || tracing::info!(%task, "the task waits: its key does not fit beside those in use (worker.key_cache_mib)");
        tokio::select! {
            biased;
            () = self.entry.stopped() => Err(Stop::Interrupted),
            admission = self.shared.keys.admit(&blob, told) => Ok((admission, blob)),
        }
    }

    async fn load(&self, room: Reservation, blob: BlobRef) -> Result<KeyLease, Stop> {
        let blobs = self.shared.parts.blobs.clone();
        let runtime = tokio::runtime::Handle::current();
        let loaded = tokio::task::spawn_blocking(move || {
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
                    tracing::warn!(task = %task.id, %error, "the key cannot be looked up; trying again");
                }
                Err(error) => return Err(failure(FailureLabel::KeyMissing, error).into()),
            }
            tokio::time::sleep(RETRY).await;
            self.entry.context.check().map_err(|_| Stop::Interrupted)?;
        }
    }

    /// Writes the result, then tells the store. While storage is full or failing, keeps trying until told to stop.
    async fn publish(&self, computed: Computed) -> Ended {
        let task = &self.claim.task;
        let bytes = match codec::encode(&computed.output) {
            Ok(bytes) => Bytes::from(bytes),
            Err(error) => return self.end(Outcome::Failure(failure(FailureLabel::KernelPanic, error))).await,
        };
        let name = format!("results/{}/{}", task.id, self.claim.token);
        let result = loop {
            match self.shared.parts.blobs.put(&name, bytes.clone()).await {
                Ok(result) => break result,
                Err(error) => tracing::error!(task = %task.id, %error, "the result cannot be written; trying again"),
            }
            tokio::time::sleep(RETRY).await;
            match self.entry.reason() {
                StopReason::None => {}
                StopReason::Cancel => return self.end(Outcome::Revoked).await,
                StopReason::Lost => return Ended::Otherwise,
                StopReason::Drain | StopReason::TimeLimit => return self.give_back().await,
            }
        };
        let bootstraps = self.entry.context.bootstraps();
        let published = self.finish(Outcome::Success { result, server: computed.server, bootstraps }).await;
        // Without an answer the store may refer to the result all the same: then the sweep at the next start decides.
        let refused = published.is_some_and(|outcome| outcome != FinishOutcome::Applied(Status::Success));
        if refused {
            // Revoked meanwhile, or the claim was lost: nobody refers to this result.
            if let Err(error) = self.shared.parts.blobs.delete(&name).await {
                tracing::warn!(task = %task.id, %error, "an unpublished result could not be removed; the sweep will");
            }
        }
        if published == Some(FinishOutcome::Applied(Status::Success)) {
            return Ended::Success(computed.server);
        }
        Ended::Otherwise
    }

    async fn end(&self, outcome: Outcome) -> Ended {
        match self.finish(outcome).await {
            Some(FinishOutcome::Applied(Status::Failure)) => Ended::Failure,
            _ => Ended::Otherwise,
        }
    }

    /// `None`: the store could not be asked, and the claim is given up; a later recovery decides.
    async fn finish(&self, outcome: Outcome) -> Option<FinishOutcome> {
        let task = self.claim.task.id;
        loop {
            match self.shared.parts.store.finish(task, self.claim.token, outcome.clone()).await {
                Ok(FinishOutcome::Applied(status)) => {
                    if let Outcome::Failure(failure) = &outcome {
                        tracing::error!(%task, label = %failure.label, detail = failure.detail, "failed");
                    } else {
                        tracing::info!(%task, %status, "ended");
                    }
                    return Some(FinishOutcome::Applied(status));
                }
                Ok(FinishOutcome::Stale) => {
                    tracing::warn!(%task, "the claim was lost; what it made is thrown away");
                    return Some(FinishOutcome::Stale);
                }
                // Repeating a finish is safe: the same token gets the same answer.
                Err(error) => tracing::error!(%task, %error, "the end of the task cannot be stored; trying again"),
            }
            if self.entry.reason() == StopReason::Lost || self.shared.closing.is_cancelled() {
                return None;
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn give_back(&self) -> Ended {
        let task = self.claim.task.id;
        match self.shared.parts.store.release(task, self.claim.token).await {
            Ok(true) => tracing::info!(%task, "given back to the queue"),
            Ok(false) => tracing::info!(%task, "was given back already"),
            Err(error) => tracing::warn!(%task, %error, "could not be given back; the next start will"),
        }
        Ended::Otherwise
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
