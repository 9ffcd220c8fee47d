//! `GET /operator/history`.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    figures::{self, Figures},
    list::duration,
};
use crate::{
    api::{
        auth::Viewer,
        error::{ApiError, ApiResult, ErrorBody},
        params::{Params, Query},
        state::App,
    },
    monitor::{history, sampler::node_name},
    store::RunFilter,
    task::{Run, RunOrigin, Timestamp},
    text::sanitise,
};

/// Rows when nothing is said, and at most.
const ROWS: (usize, usize) = (1_000, 100_000);

const CSV: &str = "text/csv";

/// The run history.
#[derive(Serialize, ToSchema)]
pub(super) struct History {
    /// Of the rows below, by use case, device and measure.
    statistics: Vec<Figures>,
    /// How `faster` and `slower` are decided.
    rule: &'static str,
    /// Newest first.
    runs: Vec<Entry>,
}

/// One successful execution.
#[derive(Serialize, ToSchema)]
pub(super) struct Entry {
    task_id: String,
    /// `task` (a client's) or `bench`.
    origin: RunWord,
    use_case: String,
    /// `cpu` or `cuda`.
    device: String,
    #[schema(value_type = String, format = DateTime)]
    finished: Timestamp,
    /// First byte of the submitting request to the enqueue.
    upload_s: f64,
    /// Enqueue to the last claim.
    queue_s: f64,
    /// Pure computation.
    server_s: f64,
    /// First byte of the submitting request to the last byte of the first whole result; null until it is fetched.
    end_to_end_s: Option<f64>,
    /// Bootstraps executed.
    bootstraps: u64,
}

/// Who caused a run.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum RunWord {
    /// A client.
    Task,
    /// The bench command.
    Bench,
}

impl From<Run> for Entry {
    fn from(run: Run) -> Self {
        Self {
            task_id: run.task.to_string(),
            origin: match run.origin {
                RunOrigin::Task => RunWord::Task,
                RunOrigin::Bench => RunWord::Bench,
            },
            use_case: run.use_case,
            device: run.device,
            finished: run.finished,
            upload_s: run.upload_s,
            queue_s: run.queue_s,
            server_s: run.server_s,
            end_to_end_s: run.end_to_end_s,
            bootstraps: run.bootstraps,
        }
    }
}

/// Successful executions, newest first. They outlive their tasks and restarts.
///
/// As JSON, or with `format=csv` or `Accept: text/csv` as CSV with the columns
/// `date;env;machine;task_name;server_execution_time(s);end_to_end_execution_time(s);device`.
#[utoipa::path(get, path = "/operator/history", tag = "operators",
    params(
        ("use_case" = Option<String>, Query, description = "Of this use case"),
        ("origin" = Option<String>, Query, description = "task (of clients) or bench", pattern = "^(task|bench)?$"),
        ("age" = Option<String>, Query, description = "Finished within this time: 90s, 5m, 2h, 7d; up to five digits",
            pattern = "^([0-9]{1,5}[smhd])?$"),
        ("limit" = Option<u32>, Query, description = "Rows", minimum = 1, maximum = 100_000),
        ("format" = Option<String>, Query, description = "json or csv", pattern = "^(json|csv)?$")),
    responses(
        (status = 200, description = "The rows", content(
            (History = "application/json"),
            (String = "text/csv"))),
        (status = 403, description = "forbidden: for viewers and operators", body = ErrorBody),
        (status = 422, description = "invalid_parameter", body = ErrorBody)))]
pub(in crate::api) async fn run_history(
    State(app): State<App>,
    _: Viewer,
    headers: HeaderMap,
    Query(params): Query,
) -> ApiResult<Response> {
    params.only(&["use_case", "origin", "age", "limit", "format"])?;
    let wants_csv = headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(CSV.as_bytes()));
    let csv = params.word("format", &[("json", false), ("csv", true)])?.unwrap_or(wants_csv);
    let runs = app.store.runs(filter(&params, app.clock.now())?).await?;
    if !csv {
        let statistics = figures::of(&runs);
        let runs = runs.into_iter().map(Into::into).collect();
        return Ok(Json(History { statistics, rule: history::RULE, runs }).into_response());
    }
    let mut text = Vec::new();
    history::csv(&mut text, &runs, app.settings.env.word(), &node_name())
        .map_err(|error| ApiError::internal(&error.to_string()))?;
    let kind = format!("{CSV}; charset=utf-8");
    let file = "attachment; filename=\"history.csv\"".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, file)], text).into_response())
}

fn filter(params: &Params, now: Timestamp) -> ApiResult<RunFilter> {
    let since = match params.some("age") {
        None => None,
        Some(text) => {
            let age = duration(text).ok_or_else(|| {
                ApiError::parameter(format!("`age` is like 90s, 5m, 2h or 7d, not \"{}\"", sanitise(text, 40)))
            })?;
            let millis = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
            Some(Timestamp::from_millis(now.millis().saturating_sub(millis)))
        }
    };
    Ok(RunFilter {
        use_case: params.some("use_case").map(str::to_owned),
        origin: params.word("origin", &[("task", RunOrigin::Task), ("bench", RunOrigin::Bench)])?,
        since,
        limit: params.limit(ROWS.0, ROWS.1)?,
    })
}
