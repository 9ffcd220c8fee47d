//! `POST /operator/tasks/{id}/cancel`, `requeue`, `delete`, `priority`.

use axum::{
    Json,
    extract::{Path, Request, State},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{self, EitherPriority, NewPriority, Nothing};
use crate::{
    api::{
        auth::Caller,
        error::{ApiError, ApiResult, ErrorBody},
        label::Label,
        state::App,
    },
    operator::Answer,
    store::Deed,
    task::TaskId,
};

/// What became of an action on a task.
#[derive(Serialize, ToSchema)]
pub(super) struct Acted {
    /// As asked for.
    task_id: String,
    /// `cancel`, `requeue`, `delete`, `priority`.
    action: &'static str,
    /// `done`; `stopping`: it runs and stops at its next step; `refused`: its status does not allow it; `gone`: there is
    /// no such task.
    answer: &'static str,
    /// The status that did not allow it.
    status: Option<&'static str>,
    /// A sentence.
    detail: String,
}

async fn act(app: &App, caller: &Caller, deed: Deed, id: String) -> ApiResult<Json<Acted>> {
    // What is no id is one that nobody has: the desk refuses, and keeps its log, alike.
    let task = id.parse().unwrap_or_else(|_| TaskId::random());
    let answer = app.desk.task(&caller.actor, deed, task).await?;
    let action = deed.word();
    let (status, detail) = match &answer {
        Answer::Done => (None, format!("{action}: done")),
        Answer::Stopping => (None, "It runs and stops at its next step".to_owned()),
        Answer::Refused(status) => {
            let needs = match deed {
                Deed::Cancel => "a task that waits or runs",
                Deed::Requeue | Deed::Delete => "a task that has ended",
                Deed::Priority(_) | Deed::Raise(_) => "a task that waits",
            };
            (Some(status.word()), format!("{action} needs {needs}; this one has status {status}"))
        }
        Answer::Gone => (None, "There is no such task (any more)".to_owned()),
        Answer::Failed(_) => return Err(unavailable()),
    };
    Ok(Json(Acted { task_id: crate::text::sanitise(&id, 64), action, answer: answer.word(), status, detail }))
}

/// Nothing is known about the effect.
pub(super) fn unavailable() -> ApiError {
    let detail = "The task store is unavailable, and whether it was done is unknown; look, and try again.";
    ApiError::new(Label::StoreUnavailable, detail).retry_after(std::time::Duration::from_secs(2))
}

/// Cancels a task: a waiting one at once, a running one at its next step.
#[utoipa::path(post, path = "/operator/tasks/{id}/cancel", tag = "operators",
    params(("id" = String, Path, description = "The task", min_length = 1)), request_body = Nothing,
    responses(
        (status = 200, description = "What became of it", body = Acted),
        (status = 403, description = "forbidden: for operators", body = ErrorBody),
        (status = 415, description = "unsupported_media: not JSON", body = ErrorBody),
        (status = 503, description = "store_unavailable", body = ErrorBody)))]
pub(in crate::api) async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    request: Request,
) -> ApiResult<Json<Acted>> {
    body::read::<Nothing>(&app, &caller, request).await?;
    act(&app, &caller, Deed::Cancel, id).await
}

/// Queues an ended task again with its original input; its former result is deleted.
#[utoipa::path(post, path = "/operator/tasks/{id}/requeue", tag = "operators",
    params(("id" = String, Path, description = "The task", min_length = 1)), request_body = Nothing,
    responses(
        (status = 200, description = "What became of it", body = Acted),
        (status = 403, description = "forbidden: for operators", body = ErrorBody),
        (status = 415, description = "unsupported_media: not JSON", body = ErrorBody),
        (status = 503, description = "store_unavailable", body = ErrorBody)))]
pub(in crate::api) async fn requeue(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    request: Request,
) -> ApiResult<Json<Acted>> {
    body::read::<Nothing>(&app, &caller, request).await?;
    act(&app, &caller, Deed::Requeue, id).await
}

/// Deletes an ended task with its input and its result.
#[utoipa::path(post, path = "/operator/tasks/{id}/delete", tag = "operators",
    params(("id" = String, Path, description = "The task", min_length = 1)), request_body = Nothing,
    responses(
        (status = 200, description = "What became of it", body = Acted),
        (status = 403, description = "forbidden: for operators", body = ErrorBody),
        (status = 415, description = "unsupported_media: not JSON", body = ErrorBody),
        (status = 503, description = "store_unavailable", body = ErrorBody)))]
pub(in crate::api) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    request: Request,
) -> ApiResult<Json<Acted>> {
    body::read::<Nothing>(&app, &caller, request).await?;
    act(&app, &caller, Deed::Delete, id).await
}

/// Sets or moves the priority of a waiting task.
#[utoipa::path(post, path = "/operator/tasks/{id}/priority", tag = "operators",
    params(("id" = String, Path, description = "The task", min_length = 1)), request_body = EitherPriority,
    responses(
        (status = 200, description = "What became of it", body = Acted),
        (status = 403, description = "forbidden: for operators", body = ErrorBody),
        (status = 415, description = "unsupported_media: not JSON", body = ErrorBody),
        (status = 422, description = "invalid_parameter", body = ErrorBody),
        (status = 503, description = "store_unavailable", body = ErrorBody)))]
pub(in crate::api) async fn priority(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    request: Request,
) -> ApiResult<Json<Acted>> {
    let deed = body::read::<NewPriority>(&app, &caller, request).await?.deed()?;
    act(&app, &caller, deed, id).await
}
