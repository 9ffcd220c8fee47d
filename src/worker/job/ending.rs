//! How a task ends here: published, failed, revoked, given back, or lost. A result is durable before the store refers to it.

use std::time::Duration;

use bytes::Bytes;

use super::{Computed, Job, RETRY, failure};
use crate::{
    codec,
    monitor::metrics::tasks::TaskEnd,
    store::{FinishOutcome, Outcome},
    task::{FailureLabel, Status},
    worker::running::StopReason,
};

/// How a task ended here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::worker) enum Ended {
    /// With a result, after so much pure computation.
    Success(Duration),
    /// Failed.
    Failure,
    /// Cancelled.
    Revoked,
    /// A drain gave it back to the queue.
    GivenBack,
    /// The claim was lost, or its end could not be stored.
    Lost,
}

impl From<Ended> for TaskEnd {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Success(_) => Self::Success,
            Ended::Failure => Self::Failure,
            Ended::Revoked => Self::Revoked,
            Ended::GivenBack => Self::GivenBack,
            Ended::Lost => Self::Lost,
        }
    }
}

impl Job {
    /// Writes the result, then tells the store. While storage is full or failing, keeps trying until told to stop.
    pub(super) async fn publish(&self, computed: Computed) -> Ended {
        let task = &self.claim.task;
        let bytes = match codec::encode(&computed.output) {
            Ok(bytes) => Bytes::from(bytes),
            Err(error) => return self.end(Outcome::Failure(failure(FailureLabel::KernelPanic, error))).await,
        };
        let name = format!("results/{}/{}", task.id, self.claim.token);
        let result = loop {
            match self.shared.parts.blobs.put(&name, bytes.clone()).await {
                Ok(result) => break result,
                Err(error) => tracing::error!(%error, "the result cannot be written; trying again"),
            }
            tokio::time::sleep(RETRY).await;
            match self.entry.reason() {
                StopReason::None => {}
                StopReason::Cancel => return self.end(Outcome::Revoked).await,
                StopReason::Lost => return Ended::Lost,
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
                tracing::warn!(%error, "an unpublished result could not be removed; the sweep will");
            }
        }
        match published {
            Some(FinishOutcome::Applied(Status::Success)) => Ended::Success(computed.server),
            Some(FinishOutcome::Applied(_)) => Ended::Revoked,
            Some(FinishOutcome::Stale) | None => Ended::Lost,
        }
    }

    pub(super) async fn end(&self, outcome: Outcome) -> Ended {
        match self.finish(outcome).await {
            Some(FinishOutcome::Applied(Status::Failure)) => Ended::Failure,
            Some(FinishOutcome::Applied(_)) => Ended::Revoked,
            Some(FinishOutcome::Stale) | None => Ended::Lost,
        }
    }

    /// `None`: the store could not be asked, and the claim is given up; a later recovery decides.
    async fn finish(&self, outcome: Outcome) -> Option<FinishOutcome> {
        let task = self.claim.task.id;
        loop {
            match self.shared.parts.store.finish(task, self.claim.token, outcome.clone()).await {
                Ok(FinishOutcome::Applied(status)) => {
                    if let Outcome::Failure(failure) = &outcome {
                        let metrics = &self.shared.parts.telemetry.metrics;
                        metrics.tasks.failed(&self.claim.task.use_case, failure.label.word());
                        tracing::error!(label = %failure.label, detail = failure.detail, "failed");
                    } else {
                        tracing::info!(%status, "ended");
                    }
                    return Some(FinishOutcome::Applied(status));
                }
                Ok(FinishOutcome::Stale) => {
                    tracing::warn!("the claim was lost; what it made is thrown away");
                    return Some(FinishOutcome::Stale);
                }
                // Repeating a finish is safe: the same token gets the same answer.
                Err(error) => tracing::error!(%error, "the end of the task cannot be stored; trying again"),
            }
            if self.entry.reason() == StopReason::Lost || self.shared.closing.is_cancelled() {
                return None;
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    pub(super) async fn give_back(&self) -> Ended {
        let task = self.claim.task.id;
        match self.shared.parts.store.release(task, self.claim.token).await {
            Ok(true) => tracing::info!("given back to the queue"),
            Ok(false) => tracing::info!("was given back already"),
            Err(error) => tracing::warn!(%error, "could not be given back; the next start will"),
        }
        Ended::GivenBack
    }
}
