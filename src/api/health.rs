//! Is the process alive, and can it take work?

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::{ApiResult, ErrorBody},
    state::App,
};

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
}

/// The server takes work: the store can be written, blobs can be reached, and no drain has begun.
#[utoipa::path(get, path = "/readyz", tag = "operators",
    responses(
        (status = 200, description = "Ready", body = Ready),
        (status = 503, description = "draining, store_unavailable", body = ErrorBody)))]
pub(super) async fn readyz(State(app): State<App>) -> ApiResult<Json<Ready>> {
    app.admit_work()?;
    app.store.ping().await?;
    app.blobs.exists("incoming/readyz").await?;
    Ok(Json(Ready { status: "ready", store: app.store.engine() }))
}

/// Nothing here is for crawlers.
#[utoipa::path(get, path = "/robots.txt", tag = "operators",
    responses((status = 200, description = "For crawlers", content_type = "text/plain", body = String)))]
pub(super) async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /\n"
}
