//! `GET /get_task_result`.

use std::time::Duration;

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures::stream;
use serde_json::{Map, Value};
use tracing::{Instrument as _, Span};

use super::{TaskStatus, view::owned};
use crate::{
    api::{
        auth::Caller,
        error::{ApiError, ApiResult, ErrorBody},
        label::Label,
        params::Query,
        state::App,
        wait,
    },
    blobs::BlobError,
    codec,
    task::{Status, Task, TaskId, Timestamp},
    use_cases::Output,
};

/// The body is handed over in pieces of this size.
const PIECE: usize = 64 << 10;

/// A requeue replaces a result; a reader that meets one looks again, so often at most.
const LOOKS: usize = 3;

/// The encrypted result.
///
/// A use case with one output answers its bytes, with the task's status in the header `status`; one with several answers
/// JSON: each output in base64 under its name, beside `status`. Without a result (yet) the answer is the JSON of
/// `/get_task_status`. With `wait`, it is held back until the task has ended, at most so many seconds. The first answer
/// that is handed over whole turns `success` into `completed`; it can be fetched again until it expires.
#[utoipa::path(get, path = "/get_task_result", tag = "tasks",
    params(
        ("task_name" = Option<String>, Query, description = "The task's use case"),
        ("task_id" = Option<String>, Query, description = "The task"),
        ("uid" = Option<String>, Query, description = "Whose it is"),
        ("wait" = Option<u8>, Query, description = "Seconds to wait for the end", minimum = 0, maximum = 60)),
    responses(
        (status = 200, description = "The result, or the status of a task that has none", content(
            (Vec<u8> = "application/octet-stream"),
            (TaskStatus = "application/json"))),
        (status = 422, description = "invalid_parameter", body = ErrorBody),
        (status = 500, description = "blob_missing, blob_corrupt: the stored result is damaged", body = ErrorBody)))]
pub(in crate::api) async fn get_task_result(
    State(app): State<App>,
    caller: Caller,
    method: Method,
    Query(params): Query,
) -> ApiResult<Response> {
    let wait = params.wait()?;
    let (id, uid) = params.task_and_uid();
    let unknown = || Ok(Json(TaskStatus::unknown(&params)).into_response());
    let asked = params.get("task_name").unwrap_or_default();
    let Some(task) = owned(&app, &caller, id, uid).await?.filter(|task| task.use_case == asked) else {
        return unknown();
    };
    let task = settled(&app, task, wait).await?;
    let Some((task, output)) = load(&app, task).await? else { return unknown() };
    let Some(output) = output else {
        return match TaskStatus::of(&app, task).await? {
            Some(status) => Ok(Json(status).into_response()),
            None => unknown(),
        };
    };
    let (bytes, mut response) = render(&task, output);
    if method == Method::HEAD {
        return Ok(response);
    }
    let finished = task.finished.filter(|_| task.status == Status::Success);
    *response.body_mut() = Body::from_stream(handed_over(app, id, finished, bytes));
    Ok(response)
}

/// The task once it has ended or the wait is over; the record at hand if it was removed meanwhile.
async fn settled(app: &App, task: Task, wait: Duration) -> ApiResult<Option<Task>> {
    if wait.is_zero() || task.status.is_terminal() {
        return Ok(Some(task));
    }
    wait::until(app, task.id, wait, |task| task.status.is_terminal()).await
}

/// The task as it is when its result is read, and the result if it has one.
async fn load(app: &App, mut found: Option<Task>) -> ApiResult<Option<(Task, Option<Output>)>> {
    for _ in 0..LOOKS {
        let Some(task) = found else { return Ok(None) };
        let Some(blob) = task.result.clone().filter(|_| task.status.has_result()) else {
            return Ok(Some((task, None)));
        };
        match app.blobs.get(&blob).await {
            Ok(bytes) => {
                let output = decode(task.id, &bytes)?;
                return Ok(Some((task, Some(output))));
            }
            Err(error @ (BlobError::Missing(_) | BlobError::Corrupt(_))) => {
                found = app.store.task(task.id).await?;
                if found.as_ref().is_some_and(|again| again.result.as_ref() == Some(&blob)) {
                    return Err(error.into());
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    let detail = "The result is being replaced; try again in a moment.";
    Err(ApiError::new(Label::StoreUnavailable, detail).retry_after(Duration::from_secs(1)))
}

fn decode(id: TaskId, bytes: &Bytes) -> ApiResult<Output> {
    codec::decode(bytes).map_err(|error| {
        tracing::error!(task = %id, %error, "a stored result cannot be decoded");
        ApiError::new(Label::BlobCorrupt, "The stored result is damaged.")
    })
}

/// Body and head. Nothing in the head comes from a client.
fn render(task: &Task, output: Output) -> (Bytes, Response) {
    let (bytes, media) = match output {
        Output::One(document) => (Bytes::from(document), "application/octet-stream"),
        Output::Named(documents) => {
            let mut object = Map::new();
            for (name, document) in documents {
                object.insert(name, Value::String(BASE64_STANDARD.encode(document)));
            }
            object.insert("status".to_owned(), Value::from(task.status.word()));
            object.insert("task_id".to_owned(), Value::from(task.id.to_string()));
            (Bytes::from(Value::Object(object).to_string()), "application/json")
        }
    };
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert("status", HeaderValue::from_static(task.status.word()));
    if media == "application/octet-stream" {
        let file = HeaderValue::from_static("attachment; filename=\"result.cdr\"");
        headers.insert(header::CONTENT_DISPOSITION, file);
    }
    (bytes, response)
}

/// The body in pieces. Its end is sent only after the store knows that all of it was handed over: a client that sees the
/// end sees `completed` from then on, and one that goes away in the middle completes nothing. (That is why the length is
/// not announced: the connection would take the last byte for the end and not come back.)
fn handed_over(
    app: App,
    id: TaskId,
    finished: Option<Timestamp>,
    bytes: Bytes,
) -> impl futures::Stream<Item = Result<Bytes, std::convert::Infallible>> + Send + 'static {
    // The body is sent when the request has been answered already: its lines belong to it all the same.
    let span = Span::current();
    stream::unfold((app, bytes, finished), move |place| hand_over(id, place).instrument(span.clone()))
}

/// What is left to hand over, and the `finished` time of a result that its fetch completes.
type Rest = (App, Bytes, Option<Timestamp>);

async fn hand_over(
    id: TaskId,
    (app, mut rest, finished): Rest,
) -> Option<(Result<Bytes, std::convert::Infallible>, Rest)> {
    if !rest.is_empty() {
        let piece = rest.split_to(rest.len().min(PIECE));
        app.telemetry.metrics.http.served(piece.len() as u64);
        return Some((Ok(piece), (app, rest, finished)));
    }
    if let Some(finished) = finished {
        let last_byte = app.clock.now();
        match app.store.fetched(id, finished, last_byte).await {
            Ok(()) => tracing::info!(task = %id, "result fetched"),
            Err(error) => {
                tracing::warn!(task = %id, %error, "a fetched result is not marked as such; the next fetch will");
            }
        }
    }
    None
}
