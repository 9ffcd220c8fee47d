//! What an operator does to tasks: each on its own, several at a time, every answer counted.

use cipherdeck_ui::{Action, Answer, TaskId as ShownId};
use futures::StreamExt as _;
use tokio::sync::mpsc;

use super::{Host, rows};
use crate::{
    operator::{Actor, Role},
    store::{CancelOutcome, RequeueOutcome, StoreError},
    task::TaskId,
};

/// Operations under way at once: the store commits what waits together.
const PARALLEL: usize = 64;
/// Answers handed on at once.
const BATCH: usize = 256;

/// Some of the answers to an action.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) action: Action,
    pub(super) each: Vec<(ShownId, Answer)>,
    pub(super) last: bool,
}

/// Does it to every task and sends the answers. Goes on when nobody waits for them: it was confirmed.
pub(super) async fn execute(
    host: Host,
    actor: Actor,
    action: Action,
    ids: Vec<ShownId>,
    answers: mpsc::Sender<Answers>,
) {
    let mut left = ids.len();
    let mut done = 0;
    let each = futures::stream::iter(ids).map(|id| {
        let (host, actor) = (&host, &actor);
        async move {
            let answer = match actor.role {
                Role::Operator => one(host, action, &id).await,
                role => Answer::Failed(format!("a {role} changes nothing")),
            };
            (id, answer)
        }
    });
    let mut batches = std::pin::pin!(each.buffer_unordered(PARALLEL).ready_chunks(BATCH));
    while let Some(batch) = batches.next().await {
        left -= batch.len();
        done += batch.iter().filter(|(_, answer)| matches!(answer, Answer::Done | Answer::Stopping)).count();
        // Nobody looks any more: the actions go on.
        let _ = answers.send(Answers { action, each: batch, last: left == 0 }).await;
    }
    tracing::info!(action = action.verb(), tasks = done, by = %actor, "operator");
}

async fn one(host: &Host, action: Action, id: &ShownId) -> Answer {
    let Ok(id) = id.as_str().parse::<TaskId>() else { return Answer::Gone };
    let answer = match action {
        Action::Cancel => cancel(host, id).await,
        Action::Requeue => requeue(host, id).await,
    };
    answer.unwrap_or_else(|error| {
        tracing::warn!(action = action.verb(), %id, %error, "an operator's action failed");
        Answer::Failed(error.to_string())
    })
}

async fn cancel(host: &Host, id: TaskId) -> Result<Answer, StoreError> {
    Ok(match host.store.cancel(id, None).await? {
        CancelOutcome::Revoked => Answer::Done,
        CancelOutcome::Requested => Answer::Stopping,
        CancelOutcome::Ended(status) => Answer::Refused(rows::state(status)),
        CancelOutcome::Unknown => Answer::Gone,
    })
}

async fn requeue(host: &Host, id: TaskId) -> Result<Answer, StoreError> {
    Ok(match host.store.requeue(id).await? {
        RequeueOutcome::Requeued { garbage } => {
            for blob in garbage {
                if let Err(error) = host.blobs.delete(&blob.name).await {
                    tracing::warn!(%error, "a former result could not be removed; the next start will");
                }
            }
            Answer::Done
        }
        RequeueOutcome::Refused(status) => Answer::Refused(rows::state(status)),
        RequeueOutcome::Unknown => Answer::Gone,
    })
}
