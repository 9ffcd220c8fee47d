//! `POST /operator/queues/{use_case}/pause` and `resume`.

use axum::{
    Json,
    extract::{Path, Request, State},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    act::unavailable,
    body::{self, Nothing},
};
use crate::{
    api::{
        auth::Caller,
        error::{ApiError, ApiResult, ErrorBody},
        label::Label,
        state::App,
    },
    operator::Answer,
};

/// What became of a queue.
#[derive(Serialize, ToSchema)]
pub(super) struct QueueChanged {
    use_case: String,
    /// `pause` or `resume`.
    action: &'static str,
    /// Always `done`, also if it was so before.
    answer: &'static str,
    /// Is claiming paused now?
    paused: bool,
}

async fn change(app: &App, caller: &Caller, use_case: String, paused: bool) -> ApiResult<Json<QueueChanged>> {
    match app.desk.pause(&caller.actor, &use_case, paused).await? {
        Answer::Done => {
            let action = if paused { "pause" } else { "resume" };
            Ok(Json(QueueChanged { use_case, action, answer: Answer::Done.word(), paused }))
        }
        Answer::Failed(_) => Err(unavailable()),
        _ => Err(ApiError::new(Label::UnknownUseCase, "There is no such use case; GET /get_use_cases lists them.")),
    }
}

/// Claims no more tasks of a use case; running ones go on, new ones are accepted and wait.
#[utoipa::path(post, path = "/operator/queues/{use_case}/pause", tag = "operators",
    params(("use_case" = String, Path, description = "The use case")), request_body = Nothing,
    responses(
        (status = 200, description = "Paused", body = QueueChanged),
        (status = 403, description = "forbidden: for operators", body = ErrorBody),
        (status = 404, description = "unknown_use_case", body = ErrorBody),
        (status = 415, description = "unsupported_media: not JSON", body = ErrorBody)))]
pub(in crate::api) async fn pause(
    State(app): State<App>,
    caller: Caller,
    Path(use_case): Path<String>,
    request: Request,
) -> ApiResult<Json<QueueChanged>> {
    body::read::<Nothing>(&app, &caller, request).await?;
    change(&app, &caller, use_case, true).await
}

/// Claims tasks of a use case again.
#[utoipa::path(post, path = "/operator/queues/{use_case}/resume", tag = "operators",
    params(("use_case" = String, Path, description = "The use case")), request_body = Nothing,
    responses(
        (status = 200, description = "Resumed", body = QueueChanged),
        (status = 403, description = "forbidden: for operators", body = ErrorBody),
        (status = 404, description = "unknown_use_case", body = ErrorBody),
        (status = 415, description = "unsupported_media: not JSON", body = ErrorBody)))]
pub(in crate::api) async fn resume(
    State(app): State<App>,
    caller: Caller,
    Path(use_case): Path<String>,
    request: Request,
) -> ApiResult<Json<QueueChanged>> {
    body::read::<Nothing>(&app, &caller, request).await?;
    change(&app, &caller, use_case, false).await
}
