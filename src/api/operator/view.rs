//! A task as operators see it: everything but the uid, of which there is the tag.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{error::ApiResult, state::App, tasks::details},
    task::{Status, Task, Timestamp},
};

/// One task.
#[derive(Serialize, ToSchema)]
pub(super) struct OperatorTask {
    pub(super) task_id: String,
    /// First 8 hex digits of SHA-256 of the uid.
    uid_tag: String,
    /// Whose share of the queue it counts against: a token's name, or the tag.
    client: String,
    use_case: String,
    /// `queued`, `started`, `success`, `completed`, `failure`, `revoked`.
    status: &'static str,
    /// The status as a sentence.
    details: String,
    /// A cancel was accepted; it stops at its next step.
    cancelling: bool,
    /// -10..=10, higher runs first.
    priority: i8,
    /// Place in the queue, 1-based, while it waits.
    position: Option<u64>,
    /// Number of waiting tasks, while it waits.
    queue_length: Option<u64>,
    /// Share of the work done, 0..=1, while it runs.
    progress: Option<f32>,
    /// How often it has been claimed since it was queued by a person.
    attempts: u32,
    /// Who runs it, or ran it last.
    worker: Option<String>,
    /// `cpu` or `cuda`.
    device: Option<String>,
    /// What a worker must have to run it.
    capability: String,
    /// Why it failed.
    failure: Option<Failure>,
    input_bytes: u64,
    result_bytes: Option<u64>,
    /// First byte of the submitting request.
    #[schema(value_type = String, format = DateTime)]
    received: Timestamp,
    /// When it was enqueued.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// When it was last claimed.
    #[schema(value_type = Option<String>, format = DateTime)]
    started: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished: Option<Timestamp>,
    /// When its result was first fetched whole.
    #[schema(value_type = Option<String>, format = DateTime)]
    fetched: Option<Timestamp>,
    /// When it will be removed.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
}

/// Why a task failed.
#[derive(Serialize, ToSchema)]
pub(super) struct Failure {
    /// `kernel_panic`, `time_limit`, `attempts_exhausted`, `key_missing`, `blob_missing`, `blob_corrupt`.
    label: &'static str,
    /// A sentence for the operator.
    detail: String,
}

impl OperatorTask {
    /// With its place in the queue as it is now.
    pub(super) async fn of(app: &App, task: Task) -> ApiResult<Self> {
        let waits = task.status == Status::Queued;
        let position = if waits { app.store.position(task.id).await? } else { None };
        Ok(Self {
            task_id: task.id.to_string(),
            uid_tag: task.uid.tag(),
            status: task.status.word(),
            details: details(&task, position),
            cancelling: task.cancelling,
            priority: task.priority,
            position: position.map(|it| it.place),
            queue_length: position.map(|it| it.length),
            progress: task.progress.filter(|_| task.status == Status::Started),
            attempts: task.attempt,
            worker: task.worker.map(|name| name.0),
            device: task.device,
            client: task.client.0,
            use_case: task.use_case,
            capability: task.capability,
            failure: task.failure.map(|it| Failure { label: it.label.word(), detail: it.detail }),
            input_bytes: task.input.len,
            result_bytes: task.result.map(|blob| blob.len),
            received: task.received,
            created: task.created,
            started: task.started,
            finished: task.finished,
            fetched: task.fetched,
            expires: task.expires,
        })
    }
}
