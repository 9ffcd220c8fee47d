//! `GET` and `POST /operator/log_level`.

use axum::{
    Json,
    extract::{Request, State},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body;
use crate::api::{
    auth::{Caller, Viewer},
    error::{ApiError, ApiResult, ErrorBody},
    params::Query,
    state::App,
};

/// Which lines the log has.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Level {
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,cipherdeck::worker=debug`.
    #[schema(max_length = 1000)]
    level: String,
}

/// The filter of the log now and before.
#[derive(Serialize, ToSchema)]
pub(super) struct LevelChanged {
    /// Now.
    level: String,
    /// Before.
    before: String,
}

/// Which lines the log has now.
#[utoipa::path(get, path = "/operator/log_level", tag = "operators",
    responses(
        (status = 200, description = "The filter in force", body = Level),
        (status = 403, description = "forbidden: for viewers and operators", body = ErrorBody),
        (status = 422, description = "invalid_parameter", body = ErrorBody)))]
pub(in crate::api) async fn log_level(
    State(app): State<App>,
    _: Viewer,
    Query(params): Query,
) -> ApiResult<Json<Level>> {
    params.only(&[])?;
    Ok(Json(Level { level: app.logs.level().text() }))
}

/// Changes which lines the log of this server has, on stderr, at `/logs` and in the console, until it ends.
#[utoipa::path(post, path = "/operator/log_level", tag = "operators", request_body = Level,
    responses(
        (status = 200, description = "Changed", body = LevelChanged),
        (status = 403, description = "forbidden: for operators", body = ErrorBody),
        (status = 415, description = "unsupported_media: not JSON", body = ErrorBody),
        (status = 422, description = "invalid_parameter: no filter; nothing was changed", body = ErrorBody)))]
pub(in crate::api) async fn set_log_level(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> ApiResult<Json<LevelChanged>> {
    let Level { level } = body::read(&app, &caller, request).await?;
    let set = app.desk.set_log_level(&caller.actor, app.logs.level(), &level).await?;
    let before = set.map_err(|error| ApiError::parameter(format!("`level`: {error}")))?;
    Ok(Json(LevelChanged { level, before }))
}
