//! `GET /operator/workers`, `POST /operator/workers/{name}/drain` and `undrain`.

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
        auth::{Caller, Viewer},
        error::{ApiError, ApiResult, ErrorBody},
        label::Label,
        state::App,
    },
    operator::Answer,
    store::{Node, SlotReport},
    task::Timestamp,
};

/// Every node that works.
#[derive(Serialize, ToSchema)]
pub(super) struct Workers {
    nodes: Vec<WorkerNode>,
}

/// One process with worker slots.
#[derive(Serialize, ToSchema)]
pub(super) struct WorkerNode {
    /// `host:pid:uuid`, never reused.
    name: String,
    version: String,
    /// When its workers started.
    #[schema(value_type = String, format = DateTime)]
    started: Timestamp,
    /// Its last sign of life.
    #[schema(value_type = String, format = DateTime)]
    seen: Timestamp,
    /// Seconds since then.
    age_s: f64,
    /// Threads that its slots share.
    threads: usize,
    /// `cpu`, `cuda`.
    devices: Vec<String>,
    /// Executed so far.
    bootstraps: u64,
    key_cache: KeyCache,
    slots: Vec<WorkerSlot>,
}

/// Decompressed server keys in memory.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyCache {
    entries: u64,
    bytes: u64,
    capacity_bytes: u64,
    hits: u64,
    misses: u64,
}

/// One worker slot.
#[derive(Serialize, ToSchema)]
pub(super) struct WorkerSlot {
    /// `host:pid:uuid/index`.
    name: String,
    device: String,
    /// What it runs.
    task_id: Option<String>,
    use_case: Option<String>,
    /// Share of the work done, 0..=1.
    progress: Option<f32>,
    /// Since when it runs that, or nothing.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// Tasks it ended with a result.
    done: u64,
    /// Tasks it ended as failed.
    failed: u64,
    /// Seconds spent on tasks.
    busy_s: f64,
    /// It is asked to claim nothing more.
    draining: bool,
}

impl From<Node> for WorkerNode {
    fn from(node: Node) -> Self {
        let Node { report, draining, seen, age } = node;
        let slot = |slot: SlotReport| WorkerSlot {
            draining: draining.contains(&slot.worker),
            name: slot.worker.0,
            device: slot.device,
            task_id: slot.task.as_ref().map(|task| task.id.to_string()),
            progress: slot.task.as_ref().map(|task| task.progress),
            use_case: slot.task.map(|task| task.use_case),
            since: slot.since,
            done: slot.done,
            failed: slot.failed,
            busy_s: slot.busy.as_secs_f64(),
        };
        Self {
            name: report.name.0,
            version: report.version,
            started: report.started,
            seen,
            age_s: age.as_secs_f64(),
            threads: report.threads,
            devices: report.devices,
            bootstraps: report.bootstraps,
            key_cache: KeyCache {
                entries: report.keys.entries,
                bytes: report.keys.bytes,
                capacity_bytes: report.keys.capacity,
                hits: report.keys.hits,
                misses: report.keys.misses,
            },
            slots: report.slots.into_iter().map(slot).collect(),
        }
    }
}

/// Nodes and their workers, as they last said.
#[utoipa::path(get, path = "/operator/workers", tag = "operators",
    responses(
        (status = 200, description = "The workers", body = Workers),
        (status = 403, description = "forbidden: for viewers and operators", body = ErrorBody)))]
pub(in crate::api) async fn workers(State(app): State<App>, _: Viewer) -> ApiResult<Json<Workers>> {
    Ok(Json(Workers { nodes: app.store.nodes().await?.into_iter().map(Into::into).collect() }))
}

/// What became of a worker.
#[derive(Serialize, ToSchema)]
pub(super) struct WorkerChanged {
    worker: String,
    /// `drain` or `undrain`.
    action: &'static str,
    /// Always `done`, also if it was so before.
    answer: &'static str,
}

async fn change(app: &App, caller: &Caller, worker: String, draining: bool) -> ApiResult<Json<WorkerChanged>> {
    match app.desk.drain(&caller.actor, &worker, draining).await? {
        Answer::Done => {
            let action = if draining { "drain" } else { "undrain" };
            Ok(Json(WorkerChanged { worker, action, answer: Answer::Done.word() }))
        }
        Answer::Failed(_) => Err(unavailable()),
        _ => Err(ApiError::new(Label::NotFound, "There is no such worker; GET /operator/workers lists them.")),
    }
}

/// Lets a worker, or every worker of a node, finish its task and claim no more.
#[utoipa::path(post, path = "/operator/workers/{name}/drain", tag = "operators",
    params(("name" = String, Path, description = "Of a slot or a node; its slash is written %2F")),
    request_body = Nothing,
    responses(
        (status = 200, description = "Asked to", body = WorkerChanged),
        (status = 403, description = "forbidden: for operators", body = ErrorBody),
        (status = 404, description = "not_found: there is no such worker", body = ErrorBody),
        (status = 415, description = "unsupported_media: not JSON", body = ErrorBody)))]
pub(in crate::api) async fn drain(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    request: Request,
) -> ApiResult<Json<WorkerChanged>> {
    body::read::<Nothing>(&app, &caller, request).await?;
    change(&app, &caller, name, true).await
}

/// Lets a drained worker, or every worker of a node, claim again.
#[utoipa::path(post, path = "/operator/workers/{name}/undrain", tag = "operators",
    params(("name" = String, Path, description = "Of a slot or a node; its slash is written %2F")),
    request_body = Nothing,
    responses(
        (status = 200, description = "Asked to", body = WorkerChanged),
        (status = 403, description = "forbidden: for operators", body = ErrorBody),
        (status = 404, description = "not_found: there is no such worker", body = ErrorBody),
        (status = 415, description = "unsupported_media: not JSON", body = ErrorBody)))]
pub(in crate::api) async fn undrain(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    request: Request,
) -> ApiResult<Json<WorkerChanged>> {
    body::read::<Nothing>(&app, &caller, request).await?;
    change(&app, &caller, name, false).await
}
