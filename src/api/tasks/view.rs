//! How a task looks on the wire, and how one is looked up on behalf of a uid.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{auth::Caller, error::ApiResult, params::Params, state::App},
    store::Position,
    task::{Status, Task, TaskId, Timestamp, Uid},
    text::sanitise,
};

/// Where a task stands. Every key is always there; what is absent is null.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(in crate::api) struct TaskStatus {
    /// As asked for.
    pub task_id: Option<String>,
    /// As asked for.
    pub uid: Option<String>,
    /// `queued`, `started`, `success` (the result waits), `completed` (it has been fetched whole), `failure`, `revoked`,
    /// `unknown`; old clients also accept `reserved`, which is never sent.
    pub status: &'static str,
    /// The same as a sentence.
    pub details: String,
    /// Who runs it, or ran it last.
    pub worker: Option<String>,
    /// Place in the queue, 1-based, while it waits.
    pub position: Option<u64>,
    /// Number of waiting tasks, while it waits.
    pub queue_length: Option<u64>,
    /// Share of the work done, 0..=1, while it runs.
    pub progress: Option<f32>,
    /// How often it has been claimed.
    pub attempts: Option<u32>,
    /// When it was submitted.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created: Option<Timestamp>,
    /// When it was last claimed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished: Option<Timestamp>,
}

impl TaskStatus {
    /// Of a task that was found. It may leave the queue between two reads of the store; it is then read again.
    pub(in crate::api) async fn of(app: &App, mut task: Task) -> ApiResult<Option<Self>> {
        loop {
            if task.status != Status::Queued {
                return Ok(Some(Self::from_record(&task, None)));
            }
            if let Some(position) = app.store.position(task.id).await? {
                return Ok(Some(Self::from_record(&task, Some(position))));
            }
            match app.store.task(task.id).await? {
                Some(again) => task = again,
                None => return Ok(None),
            }
        }
    }

    /// From the record, and the place in the queue if it waits.
    pub(super) fn from_record(task: &Task, position: Option<Position>) -> Self {
        Self {
            task_id: Some(task.id.to_string()),
            uid: Some(task.uid.expose()),
            status: task.status.word(),
            details: details(task, position),
            worker: task.worker.as_ref().map(ToString::to_string),
            position: position.map(|it| it.place),
            queue_length: position.map(|it| it.length),
            progress: task.progress.filter(|_| task.status == Status::Started),
            attempts: Some(task.attempt),
            created: Some(task.created),
            started: task.started,
            finished: task.finished,
        }
    }

    /// Of a task that does not exist, is another uid's, or whose id is none: all alike.
    pub(super) fn unknown(params: &Params) -> Self {
        let echo = |name| params.get(name).map(|text| sanitise(text, 64));
        let empty = params.get("task_id").is_none_or(str::is_empty);
        let details = if empty { "Task ID is None or Empty" } else { "Task may not exist" };
        Self {
            task_id: echo("task_id"),
            uid: echo("uid"),
            status: "unknown",
            details: details.to_owned(),
            ..Self::default()
        }
    }
}

/// The contract's sentences.
pub(in crate::api) fn details(task: &Task, position: Option<Position>) -> String {
    match task.status {
        Status::Queued => match position {
            Some(at) => format!("Task is queued, position {} of {}", at.place, at.length),
            None => "Task is queued".to_owned(),
        },
        Status::Started if task.cancelling => "Task is in progress, cancelling".to_owned(),
        Status::Started => match task.progress {
            Some(share) => format!("Task is in progress, {} %", (share.clamp(0.0, 1.0) * 100.0).floor()),
            None => "Task is in progress".to_owned(),
        },
        Status::Success => "Task successfully completed".to_owned(),
        Status::Completed => match task.finished {
            Some(at) => format!("Task completed on {at}. The result is stored."),
            None => "Task completed. The result is stored.".to_owned(),
        },
        Status::Failure => match &task.failure {
            Some(failure) => format!("Task failed: {}", failure.label),
            None => "Task failed".to_owned(),
        },
        Status::Revoked => "Task was cancelled".to_owned(),
    }
}

/// A task on behalf of a caller who gave this uid.
pub(super) async fn owned(app: &App, caller: &Caller, id: TaskId, uid: Uid) -> ApiResult<Option<Task>> {
    Ok(app.store.task(id).await?.filter(|task| task.uid == uid && caller.owns(uid, &task.client)))
}
