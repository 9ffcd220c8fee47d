//! `POST /start_task`.

use std::sync::Arc;

use async_trait::async_trait;
use axum::{
    Json,
    extract::{Request, State},
    http::HeaderMap,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        auth::Caller,
        error::{ApiError, ApiResult, ErrorBody},
        keys::owned_key,
        label::Label,
        params::Params,
        state::App,
        upload::{self, FileGate, FormSpec},
        use_cases::find,
    },
    blobs::Incoming,
    store::{Enqueued, NewTask, StoreError},
    task::{ClientId, TaskId, Uid},
    text::sanitise,
    use_cases::{InputError, InputFacts, UseCase},
    vault::to_the_end,
};

/// Name of the file's field.
const INPUT: &str = "encrypted_input";

/// Form of `POST /start_task`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the form")]
pub(in crate::api) struct StartTaskForm {
    #[schema(min_length = 1)]
    uid: String,
    /// Name of the use case.
    #[schema(min_length = 1)]
    task_name: String,
    /// The encrypted input.
    #[schema(value_type = String, format = Binary)]
    encrypted_input: Vec<u8>,
}

/// Answer of `POST /start_task`.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct TaskStarted {
    #[schema(value_type = String, format = Uuid)]
    task_id: TaskId,
}

struct InputGate<'a>(&'a App, &'a Caller);

#[async_trait]
impl FileGate for InputGate<'_> {
    /// What is known before the file comes is checked before it is read. A file that comes first may be as long as the
    /// longest valid input of any use case; its own limit is checked when all fields are known.
    async fn admit(&self, seen: &Params) -> ApiResult<u64> {
        let limit = match seen.get("task_name") {
            Some(_) => find(self.0, seen.required("task_name")?)?.info().max_input_bytes,
            None => self.0.use_cases.infos().iter().map(|info| info.max_input_bytes).max().unwrap_or(0),
        };
        if seen.get("uid").is_some() && seen.get("task_name").is_some() {
            parties(self.0, self.1, seen).await?;
        }
        Ok(limit)
    }
}

/// Starts a computation on an encrypted input.
///
/// With an `Idempotency-Key`, the same input sent again under the same uid and key gives the same task.
#[utoipa::path(post, path = "/start_task", tag = "tasks",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters",
        pattern = "^[!-~]{1,255}$")),
    request_body(content = StartTaskForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "Accepted: it survives a crash from now on", body = TaskStarted),
        (status = 404, description = "unknown_uid, unknown_use_case", body = ErrorBody),
        (status = 409, description = "key_required, idempotency_conflict, catalogue_changed", body = ErrorBody),
        (status = 413, description = "too_large", body = ErrorBody),
        (status = 422, description = "invalid_input, wrong_use_case, wrong_parameters, invalid_parameter",
         body = ErrorBody),
        (status = 429, description = "queue_full, rate_limited; Retry-After says when to try again", body = ErrorBody),
        (status = 503, description = "draining, store_unavailable", body = ErrorBody),
        (status = 507, description = "storage_full", body = ErrorBody)))]
pub(in crate::api) async fn start_task(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> ApiResult<Json<TaskStarted>> {
    const SPEC: FormSpec = FormSpec { texts: &["uid", "task_name"], files: &[INPUT] };
    let received = app.clock.now();
    app.admit_work()?;
    app.admit_bytes().await?;
    let idempotency_key = idempotency_key(request.headers())?;
    let mut form = upload::read(&app, request, &SPEC, &InputGate(&app, &caller)).await?;
    let (uid, use_case) = parties(&app, &caller, &form.params).await?;
    let input = form.file(INPUT).ok_or_else(|| ApiError::parameter(format!("`{INPUT}` is missing")))?;
    let info = use_case.info();
    if input.len() > info.max_input_bytes {
        return Err(upload::too_long(INPUT, info.max_input_bytes));
    }
    let facts = check(use_case, input.read().await?).await?;
    let id = TaskId::random();
    let client = caller.client(&app, uid);
    let (use_case, key, digest) = (info.name.to_owned(), idempotency_key.clone(), input.digest());
    let task = Submission { id, uid, client, use_case, facts, idempotency_key, received, input };
    let submitted = to_the_end(submit(app.clone(), task));
    let task_id = match key {
        Some(key) => app.turns.take(uid, key, digest, submitted).await?,
        None => submitted.await?,
    };
    Ok(Json(TaskStarted { task_id }))
}

fn idempotency_key(headers: &HeaderMap) -> ApiResult<Option<String>> {
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(key) = given.next() else { return Ok(None) };
    let key = key.as_bytes();
    let fits = (1..=255).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic) && given.next().is_none();
    match std::str::from_utf8(key) {
        Ok(key) if fits => Ok(Some(key.to_owned())),
        _ => Err(ApiError::parameter("Idempotency-Key must be given once, as 1 to 255 visible ASCII characters")),
    }
}

/// The uid and the use case, which must exist and fit each other.
async fn parties(app: &App, caller: &Caller, params: &Params) -> ApiResult<(Uid, Arc<dyn UseCase>)> {
    let name = params.required("task_name")?;
    let uid = params.uid()?;
    let record = owned_key(app, caller, uid).await?;
    let use_case = Arc::clone(find(app, name)?);
    if use_case.info().needs_key && record.key.is_none() {
        let detail =
            "This use case computes with an evaluation key, and this uid has none. Attach one with POST /add_key.";
        return Err(ApiError::new(Label::KeyRequired, detail));
    }
    Ok((uid, use_case))
}

/// Checks an untrusted input on a blocking thread.
async fn check(use_case: Arc<dyn UseCase>, input: Bytes) -> ApiResult<InputFacts> {
    match tokio::task::spawn_blocking(move || use_case.check(&input)).await {
        Ok(Ok(facts)) => Ok(facts),
        Ok(Err(error)) => {
            let label = match &error {
                InputError::Invalid(_) => Label::InvalidInput,
                InputError::WrongUseCase(_) => Label::WrongUseCase,
                InputError::WrongParameters(_) => Label::WrongParameters,
                InputError::CatalogueChanged(_) => Label::CatalogueChanged,
            };
            Err(ApiError::new(label, error.to_string()))
        }
        Err(panic) => {
            tracing::error!(problem = sanitise(&panic.to_string(), 300), "an input made its check panic");
            Err(ApiError::new(Label::InvalidInput, "This is not an input of this use case."))
        }
    }
}

struct Submission {
    id: TaskId,
    uid: Uid,
    client: ClientId,
    use_case: String,
    facts: InputFacts,
    idempotency_key: Option<String>,
    received: crate::task::Timestamp,
    input: Incoming,
}

/// Blob first, then the record that refers to it.
async fn submit(app: App, task: Submission) -> ApiResult<TaskId> {
    let Submission { id, uid, client, use_case, facts, idempotency_key, received, input } = task;
    let input = app.blobs.publish(input, &format!("inputs/{id}")).await?;
    let name = input.name.clone();
    let new = NewTask {
        id,
        uid,
        client,
        use_case: use_case.clone(),
        capability: facts.capability,
        input,
        idempotency_key,
        priority: 0,
        received,
    };
    let answer = app.store.enqueue(new).await;
    match &answer {
        Ok(Enqueued::New(id)) => tracing::info!(task = %id, uid = uid.tag(), use_case, "task accepted"),
        Ok(Enqueued::Existing(existing)) if *existing == id => {}
        // The task may exist: its input stays, and the sweep decides.
        Err(StoreError::Unavailable(_)) => {}
        Ok(Enqueued::Existing(_)) | Err(_) => {
            if let Err(error) = app.blobs.delete(&name).await {
                tracing::warn!(task = %id, %error, "an unused input could not be removed; the sweep will");
            }
        }
    }
    match answer {
        Ok(enqueued) => Ok(enqueued.id()),
        Err(error @ StoreError::QueueFull { waiting, per_client, .. }) => {
            let after = app.backlog.room(&app, waiting, per_client).await;
            let error = ApiError::from(error);
            Err(match after {
                Some(after) => error.retry_after(after),
                None => error,
            })
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn an_idempotency_key_is_one_to_255_visible_ascii_characters() {
        let with = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert("idempotency-key", HeaderValue::from_bytes(value).unwrap());
            idempotency_key(&headers)
        };
        assert_eq!(with(b"order-1").unwrap().as_deref(), Some("order-1"));
        assert_eq!(with(&[b'k'; 255]).unwrap().map(|key| key.len()), Some(255));
        for bad in [b"".as_slice(), &[b'k'; 256], b"a b", "ä".as_bytes(), b"a\tb"] {
            assert!(with(bad).is_err(), "{bad:?}");
        }
        assert_eq!(idempotency_key(&HeaderMap::new()).unwrap(), None);
    }
}
