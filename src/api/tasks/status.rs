//! `GET /get_task_status`.

use axum::{Json, extract::State};

use super::{TaskStatus, view::owned};
use crate::api::{
    auth::Caller,
    error::{ApiResult, ErrorBody},
    params::Query,
    state::App,
    wait,
};

/// Where a task stands.
///
/// With `wait`, a task that has not ended is answered as soon as its status word differs from the one at the call, at
/// the latest after so many seconds; neither progress nor a new place in the queue ends the wait. An id that is unknown,
/// another uid's or none at all is answered at once, always alike, with status `unknown`.
#[utoipa::path(get, path = "/get_task_status", tag = "tasks",
    params(
        ("task_id" = Option<String>, Query, description = "The task"),
        ("uid" = Option<String>, Query, description = "Whose it is"),
        ("wait" = Option<u8>, Query, description = "Seconds to wait for a change", minimum = 0, maximum = 60)),
    responses(
        (status = 200, description = "The status; also of tasks that do not exist", body = TaskStatus),
        (status = 422, description = "invalid_parameter", body = ErrorBody)))]
pub(in crate::api) async fn get_task_status(
    State(app): State<App>,
    caller: Caller,
    Query(params): Query,
) -> ApiResult<Json<TaskStatus>> {
    let wait = params.wait()?;
    let (id, uid) = params.task_and_uid();
    let mut found = owned(&app, &caller, id, uid).await?;
    if let Some(task) = &found
        && !wait.is_zero()
        && !task.status.is_terminal()
    {
        let before = task.status;
        found = wait::until(&app, id, wait, move |task| task.status != before).await?;
    }
    let status = match found {
        Some(task) => TaskStatus::of(&app, task).await?,
        None => None,
    };
    Ok(Json(status.unwrap_or_else(|| TaskStatus::unknown(&params))))
}
