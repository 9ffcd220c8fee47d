//! `GET /operator/tasks/{id}`.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::OperatorTask;
use crate::{
    api::{
        auth::Viewer,
        error::{ApiError, ApiResult, ErrorBody},
        label::Label,
        state::App,
    },
    monitor::logs,
    task::{TaskId, Timestamp},
};

/// Lines of the log at most, the last ones.
const LINES: usize = 500;

/// A task with its lines of the log.
#[derive(Serialize, ToSchema)]
pub(super) struct ShownTask {
    task: OperatorTask,
    /// Those of this task that are still in memory, oldest first.
    log: Vec<Line>,
}

/// One line of the log.
#[derive(Serialize, ToSchema)]
pub(super) struct Line {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `error`, `warn`, `info`, `debug`, `trace`.
    level: String,
    text: String,
}

/// Everything about one task.
#[utoipa::path(get, path = "/operator/tasks/{id}", tag = "operators",
    params(("id" = String, Path, description = "The task")),
    responses(
        (status = 200, description = "The task", body = ShownTask),
        (status = 403, description = "forbidden: for viewers and operators", body = ErrorBody),
        (status = 404, description = "not_found: there is no such task", body = ErrorBody)))]
pub(in crate::api) async fn task(
    State(app): State<App>,
    _: Viewer,
    Path(id): Path<String>,
) -> ApiResult<Json<ShownTask>> {
    let gone = || ApiError::new(Label::NotFound, "There is no such task (any more).");
    let id: TaskId = id.parse().map_err(|_| gone())?;
    let task = app.store.task(id).await?.ok_or_else(gone)?;
    let query =
        logs::Query { level: tracing::Level::TRACE, text: id.to_string(), from: logs::From::Newest, limit: LINES };
    let shown = |line: &logs::LogLine| Line {
        at: line.at,
        level: line.level.as_str().to_ascii_lowercase(),
        text: line.text.clone(),
    };
    let log = app.logs.window(&query).lines.iter().map(|line| shown(line)).collect();
    Ok(Json(ShownTask { task: OperatorTask::of(&app, task).await?, log }))
}
