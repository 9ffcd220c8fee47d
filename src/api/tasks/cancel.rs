//! `POST /cancel_task`.

use std::time::Duration;

use axum::{
    Json,
    extract::{Request, State},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{TaskStatus, view::owned};
use crate::{
    api::{
        auth::Caller,
        error::{ApiResult, ErrorBody},
        state::App,
        upload, wait,
    },
    store::CancelOutcome,
    task::Status,
};

/// A running task's worker gets so long to stop before the answer says that it will.
const PATIENCE: Duration = Duration::from_secs(1);

/// Form of `POST /cancel_task`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the form")]
pub(in crate::api) struct CancelForm {
    /// Without it, the task is unknown.
    #[schema(nullable = false)]
    task_id: Option<String>,
    /// Likewise.
    #[schema(nullable = false)]
    uid: Option<String>,
}

/// Answer of `POST /cancel_task`.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Cancelled {
    task_id: Option<String>,
    uid: Option<String>,
    /// As in `/get_task_status`.
    status: &'static str,
    /// Begins "Successfully cancelled the task" or "Cannot cancel this task".
    details: String,
}

impl Cancelled {
    fn done(task: TaskStatus) -> Self {
        let details = if task.status == Status::Started.word() {
            "Successfully cancelled the task: it stops at the next step"
        } else {
            "Successfully cancelled the task"
        };
        Self { task_id: task.task_id, uid: task.uid, status: task.status, details: details.to_owned() }
    }

    fn refused(task: TaskStatus) -> Self {
        let details = format!("Cannot cancel this task (status = `{}`). {}", task.status, task.details);
        Self { task_id: task.task_id, uid: task.uid, status: task.status, details }
    }
}

/// Cancels a task.
///
/// A waiting task is revoked at once, a running one at its next step: the answer waits a second for that. Saying it
/// again changes nothing and answers the same. A task that has ended otherwise, or is unknown, cannot be cancelled.
#[utoipa::path(post, path = "/cancel_task", tag = "tasks",
    request_body(content = CancelForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What became of it", body = Cancelled),
        (status = 422, description = "invalid_parameter", body = ErrorBody)))]
pub(in crate::api) async fn cancel_task(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> ApiResult<Json<Cancelled>> {
    let params = upload::read_params(&app, request, &["task_id", "uid"]).await?;
    let (id, uid) = params.task_and_uid();
    let outcome = match owned(&app, &caller, id, uid).await? {
        Some(_) => app.store.cancel(id, Some(uid)).await?,
        None => CancelOutcome::Unknown,
    };
    if outcome == CancelOutcome::Revoked {
        tracing::info!(task = %id, "cancelled while it waited");
    }
    if outcome == CancelOutcome::Requested {
        tracing::info!(task = %id, "cancel of a running task requested");
        wait::until(&app, id, PATIENCE, |task| task.status.is_terminal()).await?;
    }
    let status = match owned(&app, &caller, id, uid).await? {
        Some(task) => TaskStatus::of(&app, task).await?,
        None => None,
    };
    let Some(status) = status else { return Ok(Json(Cancelled::refused(TaskStatus::unknown(&params)))) };
    let accepted = match outcome {
        CancelOutcome::Revoked => true,
        CancelOutcome::Requested => [Status::Started.word(), Status::Revoked.word()].contains(&status.status),
        CancelOutcome::Ended(ended) => ended == Status::Revoked,
        CancelOutcome::Unknown => false,
    };
    Ok(Json(if accepted { Cancelled::done(status) } else { Cancelled::refused(status) }))
}
