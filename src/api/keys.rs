//! Uids and their evaluation keys.

use async_trait::async_trait;
use axum::{
    Json,
    extract::{Request, State},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    auth::Caller,
    error::{ApiError, ApiResult, ErrorBody},
    label::Label,
    params::{Params, Query},
    state::App,
    upload::{self, FileGate, FormSpec},
};
use crate::{
    blobs::Incoming,
    fhe::{self, KeyError},
    store::{AttachKey, DeleteUid, KeyRecord},
    task::{Timestamp, Uid},
    text::sanitise,
};

const MIB: u64 = 1 << 20;

/// Form of `POST /add_key`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the form")]
pub(super) struct AddKeyForm {
    /// The compressed evaluation key.
    #[schema(value_type = Option<String>, format = Binary, nullable = false)]
    key: Option<Vec<u8>>,
    /// A use case. Without `key` it must be one that needs none.
    #[schema(nullable = false)]
    task_name: Option<String>,
    /// Attaches the key to this uid, which has none yet.
    #[schema(nullable = false, min_length = 1)]
    uid: Option<String>,
}

/// Answer of `POST /add_key`.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyAdded {
    /// The client's name and secret.
    uid: String,
}

struct KeyGate<'a>(&'a App, &'a Caller);

#[async_trait]
impl FileGate for KeyGate<'_> {
    async fn admit(&self, seen: &Params) -> ApiResult<u64> {
        known_use_case(self.0, seen)?;
        if seen.get("uid").is_some() {
            attachable(self.0, self.1, seen.uid()?).await?;
        }
        self.0.key_checks.admit()?;
        Ok(self.0.settings.limits.key_mib * MIB)
    }
}

/// Uploads an evaluation key and gives a uid; or gives a uid without a key; or attaches a key to such a uid.
///
/// Equal keys give a new uid each time. Anything refused leaves nothing stored.
#[utoipa::path(post, path = "/add_key", tag = "keys",
    request_body(content = AddKeyForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The uid", body = KeyAdded),
        (status = 404, description = "unknown_uid, unknown_use_case", body = ErrorBody),
        (status = 409, description = "key_exists: the uid has a key already", body = ErrorBody),
        (status = 413, description = "too_large", body = ErrorBody),
        (status = 422, description = "invalid_key, wrong_parameters, invalid_parameter", body = ErrorBody),
        (status = 429, description = "rate_limited: too many requests, uploads, key checks, uids of one client, or uids without a key", body = ErrorBody),
        (status = 503, description = "draining, store_unavailable", body = ErrorBody),
        (status = 507, description = "storage_full", body = ErrorBody)))]
pub(super) async fn add_key(State(app): State<App>, caller: Caller, request: Request) -> ApiResult<Json<KeyAdded>> {
    const SPEC: FormSpec = FormSpec { texts: &["task_name", "uid"], files: &["key"] };
    app.admit_work()?;
    app.admit_bytes().await?;
    let mut form = upload::read(&app, request, &SPEC, &KeyGate(&app, &caller)).await?;
    let needs_key = known_use_case(&app, &form.params)?;
    let key = form.file("key");
    let uid = match (form.params.get("uid"), key) {
        (Some(_), Some(key)) => attach(&app, &caller, form.params.uid()?, key).await?,
        (Some(_), None) => return Err(ApiError::parameter("`key` is missing: it is what a uid is given for here")),
        (None, Some(key)) => {
            check(&app, &key).await?;
            new_uid(&app, &caller, Some(key)).await?
        }
        (None, None) if needs_key == Some(false) => new_uid(&app, &caller, None).await?,
        (None, None) => {
            let detail = "`key` is missing; it may be left out only with the `task_name` of a use case that needs none";
            return Err(ApiError::parameter(detail));
        }
    };
    Ok(Json(KeyAdded { uid: uid.expose() }))
}

/// Does the use case that is named, if any, need a key?
fn known_use_case(app: &App, params: &Params) -> ApiResult<Option<bool>> {
    let Some(name) = params.get("task_name").filter(|name| !name.is_empty()) else { return Ok(None) };
    Ok(Some(super::use_cases::find(app, name)?.info().needs_key))
}

async fn new_uid(app: &App, caller: &Caller, key: Option<Incoming>) -> ApiResult<Uid> {
    let uid = Uid::random();
    let with_key = key.is_some();
    app.vault.add(uid, caller.client(app, uid), key).await?;
    tracing::info!(uid = uid.tag(), with_key, "uid added");
    Ok(uid)
}

/// What is known about a uid, for a caller that it belongs to; to others it is unknown.
pub(super) async fn owned_key(app: &App, caller: &Caller, uid: Uid) -> ApiResult<KeyRecord> {
    find_owned(app, caller, uid).await?.ok_or_else(ApiError::unknown_uid)
}

/// The same where an unknown uid is no error.
pub(super) async fn find_owned(app: &App, caller: &Caller, uid: Uid) -> ApiResult<Option<KeyRecord>> {
    Ok(app.store.key(uid).await?.filter(|record| caller.owns(uid, &record.client)))
}

async fn attachable(app: &App, caller: &Caller, uid: Uid) -> ApiResult<()> {
    match owned_key(app, caller, uid).await?.key {
        Some(_) => Err(key_exists()),
        None => Ok(()),
    }
}

fn key_exists() -> ApiError {
    ApiError::new(Label::KeyExists, "This uid has its key already. Another key needs another uid.")
}

async fn attach(app: &App, caller: &Caller, uid: Uid, key: Incoming) -> ApiResult<Uid> {
    attachable(app, caller, uid).await?;
    check(app, &key).await?;
    match app.vault.attach(uid, key).await? {
        AttachKey::Attached(_) => {
            tracing::info!(uid = uid.tag(), "key attached");
            Ok(uid)
        }
        AttachKey::HasKey => Err(key_exists()),
        AttachKey::Unknown => Err(ApiError::unknown_uid()),
    }
}

/// Checks an uploaded key. Few at once, because each takes about twice its size in memory; the
/// place goes with the work, so that clients which go away do not let more of them run.
async fn check(app: &App, key: &Incoming) -> ApiResult<()> {
    let place = app.key_checks.place().await?;
    let bytes: Bytes = key.read().await?;
    let checked = app.executor.check(move || {
        let _place = place;
        fhe::check_compressed_key(&bytes)
    });
    match checked.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(KeyError::Invalid(why))) => Err(ApiError::new(Label::InvalidKey, why)),
        Ok(Err(KeyError::WrongParameters(why))) => Err(ApiError::new(Label::WrongParameters, why)),
        Err(panic) => {
            tracing::error!(problem = sanitise(&panic.to_string(), 300), "a key made the key check panic");
            Err(ApiError::new(Label::InvalidKey, "This is not an evaluation key of this server's format."))
        }
    }
}

/// What is known about a uid.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyStatus {
    uid: String,
    /// Does it have an evaluation key?
    has_key: bool,
    /// Length of the key.
    key_bytes: Option<u64>,
    /// When the uid was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// Seconds since then.
    age_s: u64,
    /// When a task of it was last submitted or run.
    #[schema(value_type = String, format = DateTime)]
    last_used: Timestamp,
    /// When it is removed if nothing uses it.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
    /// Tasks that exist under it.
    tasks: u64,
}

/// Age, last use and expiry of a uid and its key.
#[utoipa::path(get, path = "/get_key_status", tag = "keys",
    params(("uid" = String, Query, description = "The uid", min_length = 1)),
    responses(
        (status = 200, description = "What is known", body = KeyStatus),
        (status = 404, description = "unknown_uid", body = ErrorBody),
        (status = 422, description = "invalid_parameter", body = ErrorBody)))]
pub(super) async fn get_key_status(
    State(app): State<App>,
    caller: Caller,
    Query(params): Query,
) -> ApiResult<Json<KeyStatus>> {
    let uid = params.uid()?;
    let record = owned_key(&app, &caller, uid).await?;
    let tasks = app.store.tasks_of(uid).await?;
    Ok(Json(KeyStatus {
        uid: uid.expose(),
        has_key: record.key.is_some(),
        key_bytes: record.key.map(|key| key.len),
        created: record.created,
        age_s: app.clock.now().since(record.created).as_secs(),
        last_used: record.last_used,
        expires: record.expires,
        tasks,
    }))
}

/// Form of `POST /delete_key`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the form")]
pub(super) struct DeleteKeyForm {
    #[schema(min_length = 1)]
    uid: String,
}

/// Answer of `POST /delete_key`.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyDeleted {
    uid: String,
    deleted: bool,
    /// Tasks that still have to stop; what is left goes with the last of them.
    running: u64,
}

/// Deletes a uid with its key, its tasks and their results. From now on the uid is unknown.
#[utoipa::path(post, path = "/delete_key", tag = "keys",
    request_body(content = DeleteKeyForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Deleted", body = KeyDeleted),
        (status = 404, description = "unknown_uid", body = ErrorBody),
        (status = 422, description = "invalid_parameter", body = ErrorBody)))]
pub(super) async fn delete_key(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> ApiResult<Json<KeyDeleted>> {
    let uid = upload::read_params(&app, request, &["uid"]).await?.uid()?;
    owned_key(&app, &caller, uid).await?;
    crate::vault::to_the_end(async move {
        match app.store.delete_uid(uid).await? {
            DeleteUid::Unknown => Err(ApiError::unknown_uid()),
            DeleteUid::Deleted { garbage, running } => {
                app.vault.remove(garbage).await;
                tracing::info!(uid = uid.tag(), running, "uid deleted");
                Ok(Json(KeyDeleted { uid: uid.expose(), deleted: true, running }))
            }
        }
    })
    .await
}
