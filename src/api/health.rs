//! Is the process alive, and can it take work?

use std::time::{Duration, Instant};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    auth,
    error::{ApiError, ApiResult, ErrorBody},
    label::Label,
    state::App,
};

/// A write so long ago still says that the store can be written.
const LATELY: Duration = Duration::from_millis(500);

/// Answer of `GET /healthz`.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// Always `ok`: an ill server answers with an error, or not at all.
    status: &'static str,
    /// Of the program.
    version: &'static str,
    /// Since its start.
    uptime_s: u64,
}

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "operators",
    responses((status = 200, description = "Alive", body = Health)))]
pub(super) async fn healthz(State(app): State<App>) -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION"), uptime_s: app.started.elapsed().as_secs() })
}

/// Answer of `GET /readyz`.
#[derive(Serialize, ToSchema)]
pub(super) struct Ready {
    /// Always `ready`.
    status: &'static str,
    /// The store's engine.
    store: &'static str,
    /// What was looked at, and what was seen; for those who have a token where one is needed.
    checks: Option<Checks>,
}

/// What makes a server ready, each in a few words for people.
#[derive(Serialize, ToSchema)]
pub(super) struct Checks {
    /// The store can be written.
    store: &'static str,
    /// Blobs can be reached.
    blobs: &'static str,
    /// More is free than must be.
    disk: String,
    /// A worker is alive.
    workers: String,
}

/// The server takes work, and somebody does it: no drain has begun, the store can be written, blobs can be reached, the
/// disk is not nearly full, and a worker is alive: one of its own, or where it has none, any.
#[utoipa::path(get, path = "/readyz", tag = "operators",
    responses(
        (status = 200, description = "Ready", body = Ready),
        (status = 429, description = "rate_limited", body = ErrorBody),
        (status = 503, description = "draining, store_unavailable, storage_full, no_worker", body = ErrorBody)))]
pub(super) async fn readyz(State(app): State<App>, headers: HeaderMap) -> ApiResult<Json<Ready>> {
    app.admit_work()?;
    written(&app).await?;
    app.blobs.exists("incoming/readyz").await?;
    let (disk, workers) = (disk(&app).await?, workers(&app).await?);
    let checks = Checks { store: "can be written", blobs: "can be reached", disk, workers };
    let checks = auth::caller(&app, &headers).is_ok().then_some(checks);
    Ok(Json(Ready { status: "ready", store: app.store.engine(), checks }))
}

/// The store has been written lately. Anybody may ask, and a write reaches the disk: so it is one for all who ask.
async fn written(app: &App) -> ApiResult<()> {
    let mut last = app.written.lock().await;
    if last.is_none_or(|at| at.elapsed() >= LATELY) {
        app.store.ping().await?;
        *last = Some(Instant::now());
    }
    Ok(())
}

async fn disk(app: &App) -> ApiResult<String> {
    app.disks.check().await.map_err(|_| app.nearly_full().with_status(StatusCode::SERVICE_UNAVAILABLE))?;
    let floor = app.disks.floor() >> 20;
    Ok(match app.disks.free().await {
        Some(free) => format!("{} MiB free, {floor} must be", free >> 20),
        None => "the system does not say what is free".to_owned(),
    })
}

async fn workers(app: &App) -> ApiResult<String> {
    let (alive, whose) = match &app.workers {
        Some(own) => (own.alive(app.settings.worker.lease()), "here"),
        None => (elsewhere(app).await?, "on all nodes"),
    };
    if alive == 0 {
        let detail = "No worker is alive: tasks would wait until one is. Start one, with this store and these blobs.";
        return Err(ApiError::new(Label::NoWorker, detail));
    }
    Ok(format!("{alive} alive {whose}"))
}

/// Slots of nodes that have been heard of lately.
async fn elsewhere(app: &App) -> ApiResult<usize> {
    let nodes = app.store.nodes().await?;
    Ok(nodes.iter().filter(|node| node.lives()).map(|node| node.report.slots.len()).sum())
}

/// Nothing here is for crawlers.
#[utoipa::path(get, path = "/robots.txt", tag = "operators",
    responses((status = 200, description = "For crawlers", content_type = "text/plain", body = String)))]
pub(super) async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /\n"
}
