//! `POST /operator/history`.

use std::collections::HashSet;

use axum::{
    Json,
    extract::{Request, State},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{act::unavailable, body};
use crate::{
    api::{
        auth::Caller,
        error::{ApiError, ApiResult, ErrorBody},
        state::App,
    },
    operator::Desk,
    task::TaskId,
};

/// No run takes longer.
const LONGEST_S: f64 = 1e6;

/// What `cipherdeck bench run --url` has measured.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Measured {
    /// At most 1,000, each task once.
    #[schema(min_items = 1, max_items = 1000)]
    runs: Vec<MeasuredRun>,
}

/// One run.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MeasuredRun {
    task_id: String,
    /// From the beginning of the encryption to the end of the decryption, by the client's clock.
    #[schema(minimum = 0, maximum = 1_000_000)]
    end_to_end_s: f64,
}

/// What became of them.
#[derive(Serialize, ToSchema)]
pub(super) struct Entered {
    /// Entered into the history.
    recorded: u64,
    /// There already.
    known: u64,
    /// Of tasks that are not among the newest 20,000 rows of the history.
    gone: u64,
}

impl Measured {
    fn timed(&self) -> ApiResult<Vec<(TaskId, f64)>> {
        let most = Desk::BENCHED_AT_ONCE;
        if self.runs.is_empty() || self.runs.len() > most {
            return Err(ApiError::parameter(format!("`runs` has 1 to {most} entries, not {}", self.runs.len())));
        }
        let mut seen = HashSet::new();
        let mut timed = Vec::with_capacity(self.runs.len());
        for run in &self.runs {
            if !(0.0..=LONGEST_S).contains(&run.end_to_end_s) {
                return Err(ApiError::parameter(format!("`end_to_end_s` is seconds, 0..={LONGEST_S}")));
            }
            // What is no id is one that nobody has.
            let task = run.task_id.parse().unwrap_or_else(|_| TaskId::random());
            if !seen.insert(task) {
                return Err(ApiError::parameter("a task is given twice; give it once"));
            }
            timed.push((task, run.end_to_end_s));
        }
        Ok(timed)
    }
}

/// Enters what the bench command has measured.
///
/// Only the end-to-end time is taken from the request: use case, device and server times are what the server itself has
/// recorded of the task, and the origin is `bench`. Such a row supersedes the task's own one in all figures.
#[utoipa::path(post, path = "/operator/history", tag = "operators", request_body = Measured,
    responses(
        (status = 200, description = "What became of them", body = Entered),
        (status = 403, description = "forbidden: for operators", body = ErrorBody),
        (status = 415, description = "unsupported_media: not JSON", body = ErrorBody),
        (status = 422, description = "invalid_parameter", body = ErrorBody),
        (status = 503, description = "store_unavailable", body = ErrorBody)))]
pub(in crate::api) async fn record(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> ApiResult<Json<Entered>> {
    let timed = body::read::<Measured>(&app, &caller, request).await?.timed()?;
    let done = app.desk.bench(&caller.actor, &timed).await?.map_err(|_| unavailable())?;
    Ok(Json(Entered { recorded: done.recorded, known: done.known, gone: done.gone }))
}
