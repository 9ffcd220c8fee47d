//! `GET /list_current_tasks`.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::details;
use crate::{
    api::{
        auth::Caller,
        error::{ApiResult, ErrorBody},
        keys::find_owned,
        params::Query,
        state::App,
    },
    operator::Role,
    store::{ListFilter, ListOrder, StateFilter},
    task::{Status, Uid},
};

/// No answer has more entries of one state.
const MOST: usize = 1000;

/// The store's own page size.
const PAGE: usize = 200;

/// One task of the list.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ListedTask {
    task_id: String,
    /// `started` or `queued`.
    status: &'static str,
    /// Who runs it.
    worker: Option<String>,
    /// The status as a sentence.
    details: String,
}

/// Current tasks: those that run (last started first), then those that wait (first to run first), at most 1,000 of each.
///
/// With `uid`, that uid's; an unknown uid has none. Without, everybody's: for viewers and operators, in dev for
/// everyone who reaches the server. Ended tasks are not current: ask for them by id.
#[utoipa::path(get, path = "/list_current_tasks", tag = "tasks",
    params(("uid" = Option<String>, Query, description = "Whose tasks")),
    responses(
        (status = 200, description = "The tasks", body = Vec<ListedTask>),
        (status = 403, description = "forbidden: everybody's tasks are for viewers and operators", body = ErrorBody)))]
pub(in crate::api) async fn list_current_tasks(
    State(app): State<App>,
    caller: Caller,
    Query(params): Query,
) -> ApiResult<Json<Vec<ListedTask>>> {
    // A malformed or empty uid is nobody's, never everybody's.
    let uid = params.get("uid").map(|text| text.parse().unwrap_or_else(|_| Uid::random()));
    if uid.is_none() {
        caller.must_be(Role::Viewer)?;
    }
    // A foreign uid is answered like an unknown one, and as quickly.
    if let Some(uid) = uid
        && find_owned(&app, &caller, uid).await?.is_none()
    {
        return Ok(Json(Vec::new()));
    }
    let mut tasks = Vec::new();
    collect(&app, uid, Status::Started, ListOrder::Started, &mut tasks).await?;
    collect(&app, uid, Status::Queued, ListOrder::Position, &mut tasks).await?;
    Ok(Json(tasks))
}

async fn collect(
    app: &App,
    uid: Option<Uid>,
    status: Status,
    order: ListOrder,
    tasks: &mut Vec<ListedTask>,
) -> ApiResult<()> {
    let filter = ListFilter { state: StateFilter::One(status), uid, ..ListFilter::default() };
    let (mut cursor, mut listed) = (None, 0);
    loop {
        let page = app.store.list(order, filter.clone(), cursor, PAGE).await?;
        for task in page.tasks {
            let position = if status == Status::Queued { app.store.position(task.id).await? } else { None };
            tasks.push(ListedTask {
                task_id: task.id.to_string(),
                status: task.status.word(),
                worker: task.worker.as_ref().map(ToString::to_string),
                details: details(&task, position),
            });
            listed += 1;
        }
        cursor = page.cursor;
        if cursor.is_none() || listed >= MOST {
            return Ok(());
        }
    }
}
