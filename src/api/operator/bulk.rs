//! The same for many tasks: `POST /operator/tasks/cancel`, `requeue`, `delete`, `priority`.

use std::collections::HashSet;

use axum::{
    Json,
    extract::{Request, State},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{self, NewPriority, Whole};
use crate::{
    api::{
        auth::Caller,
        error::{ApiError, ApiResult, ErrorBody},
        state::App,
    },
    operator::Answer,
    store::Deed,
    task::TaskId,
};

/// Tasks of one request.
const MOST: usize = 10_000;

/// Many tasks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Many {
    /// 1 to 10,000 ids; one that is given twice counts once.
    #[schema(value_type = Vec<Id>, min_items = 1, max_items = 10_000)]
    ids: Vec<String>,
}

/// A task's id, as it was handed out.
#[derive(ToSchema)]
#[schema(pattern = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$")]
#[expect(dead_code, reason = "describes the body")]
pub(super) struct Id(String);

/// Many tasks and how their priority changes, in the description: one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ManyPriorities)]
#[expect(dead_code, reason = "describes the body")]
pub(super) enum EitherPriorities {
    To(SetPriorities),
    By(MovePriorities),
}

/// Sets them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the body")]
pub(super) struct SetPriorities {
    /// 1 to 10,000 ids; one that is given twice counts once.
    #[schema(value_type = Vec<Id>, min_items = 1, max_items = 10_000)]
    ids: Vec<String>,
    /// To this; higher runs first.
    #[schema(minimum = -10, maximum = 10)]
    priority: i8,
}

/// Moves them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the body")]
pub(super) struct MovePriorities {
    /// 1 to 10,000 ids; one that is given twice counts once.
    #[schema(value_type = Vec<Id>, min_items = 1, max_items = 10_000)]
    ids: Vec<String>,
    /// By so much, within -10..=10.
    #[schema(minimum = -20, maximum = 20)]
    by: i8,
}

/// Many tasks and how their priority changes: one of the two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ManyPriorities {
    ids: Vec<String>,
    priority: Option<Whole>,
    by: Option<Whole>,
}

/// What became of an action on many tasks, counted.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct ActedOnMany {
    /// `cancel`, `requeue`, `delete`, `priority`.
    action: &'static str,
    done: u64,
    /// Running tasks that stop at their next step.
    stopping: u64,
    /// Their status did not allow it.
    refused: u64,
    /// There are no such tasks.
    gone: u64,
    /// The store could not be asked; whether it was done is unknown.
    failed: u64,
    /// Those that are neither done nor stopping.
    others: Vec<Other>,
}

/// A task of many to which it was not done.
#[derive(Serialize, ToSchema)]
pub(super) struct Other {
    task_id: String,
    /// `refused`, `gone`, `failed`.
    answer: &'static str,
    /// The status that did not allow it.
    status: Option<&'static str>,
}

fn read_ids(texts: &[String]) -> ApiResult<Vec<TaskId>> {
    if texts.is_empty() || texts.len() > MOST {
        return Err(ApiError::parameter(format!("`ids` has 1 to {MOST} ids, not {}", texts.len())));
    }
    let mut seen = HashSet::with_capacity(texts.len());
    let mut ids = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let id = text.parse().map_err(|_| ApiError::parameter(format!("`ids[{index}]` is not a task's id")))?;
        if seen.insert(id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

async fn act(app: &App, caller: &Caller, deed: Deed, ids: &[String]) -> ApiResult<Json<ActedOnMany>> {
    let ids = read_ids(ids)?;
    let answers = app.desk.tasks(&caller.actor, deed, ids.clone()).await?;
    let mut acted = ActedOnMany { action: deed.word(), ..ActedOnMany::default() };
    for (id, answer) in ids.into_iter().zip(answers) {
        let count = match answer {
            Answer::Done => &mut acted.done,
            Answer::Stopping => &mut acted.stopping,
            Answer::Refused(_) => &mut acted.refused,
            Answer::Gone => &mut acted.gone,
            Answer::Failed(_) => &mut acted.failed,
        };
        *count += 1;
        let status = match answer {
            Answer::Done | Answer::Stopping => continue,
            Answer::Refused(status) => Some(status.word()),
            Answer::Gone | Answer::Failed(_) => None,
        };
        acted.others.push(Other { task_id: id.to_string(), answer: answer.word(), status });
    }
    Ok(Json(acted))
}

/// Cancels many tasks.
#[utoipa::path(post, path = "/operator/tasks/cancel", tag = "operators", request_body = Many,
    responses(
        (status = 200, description = "What became of them, counted", body = ActedOnMany),
        (status = 403, description = "forbidden: for operators", body = ErrorBody),
        (status = 415, description = "unsupported_media: not JSON", body = ErrorBody),
        (status = 422, description = "invalid_parameter", body = ErrorBody)))]
pub(in crate::api) async fn cancel_many(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> ApiResult<Json<ActedOnMany>> {
    let Many { ids } = body::read(&app, &caller, request).await?;
    act(&app, &caller, Deed::Cancel, &ids).await
}

/// Queues many ended tasks again.
#[utoipa::path(post, path = "/operator/tasks/requeue", tag = "operators", request_body = Many,
    responses(
        (status = 200, description = "What became of them, counted", body = ActedOnMany),
        (status = 403, description = "forbidden: for operators", body = ErrorBody),
        (status = 415, description = "unsupported_media: not JSON", body = ErrorBody),
        (status = 422, description = "invalid_parameter", body = ErrorBody)))]
pub(in crate::api) async fn requeue_many(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> ApiResult<Json<ActedOnMany>> {
    let Many { ids } = body::read(&app, &caller, request).await?;
    act(&app, &caller, Deed::Requeue, &ids).await
}

/// Deletes many ended tasks.
#[utoipa::path(post, path = "/operator/tasks/delete", tag = "operators", request_body = Many,
    responses(
        (status = 200, description = "What became of them, counted", body = ActedOnMany),
        (status = 403, description = "forbidden: for operators", body = ErrorBody),
        (status = 415, description = "unsupported_media: not JSON", body = ErrorBody),
        (status = 422, description = "invalid_parameter", body = ErrorBody)))]
pub(in crate::api) async fn delete_many(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> ApiResult<Json<ActedOnMany>> {
    let Many { ids } = body::read(&app, &caller, request).await?;
    act(&app, &caller, Deed::Delete, &ids).await
}

/// Sets or moves the priority of many waiting tasks.
#[utoipa::path(post, path = "/operator/tasks/priority", tag = "operators", request_body = EitherPriorities,
    responses(
        (status = 200, description = "What became of them, counted", body = ActedOnMany),
        (status = 403, description = "forbidden: for operators", body = ErrorBody),
        (status = 415, description = "unsupported_media: not JSON", body = ErrorBody),
        (status = 422, description = "invalid_parameter", body = ErrorBody)))]
pub(in crate::api) async fn priority_many(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> ApiResult<Json<ActedOnMany>> {
    let ManyPriorities { ids, priority, by } = body::read(&app, &caller, request).await?;
    let deed = NewPriority { priority, by }.deed()?;
    act(&app, &caller, deed, &ids).await
}
