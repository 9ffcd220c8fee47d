//! `GET /operator/audit`.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::LIMIT;
use crate::{
    api::{
        auth::Viewer,
        error::{ApiResult, ErrorBody},
        params::Query,
        state::App,
    },
    store::{AuditFilter, AuditRow},
    task::Timestamp,
};

/// Rows of one page at most.
const MOST: usize = 1_000;

/// One page of the audit log.
#[derive(Serialize, ToSchema)]
pub(super) struct Audit {
    /// Newest first.
    rows: Vec<Entry>,
    /// Give it back with the same filters to go on behind the last row; null at the end.
    cursor: Option<String>,
}

/// One thing that was done, or refused.
#[derive(Serialize, ToSchema)]
pub(super) struct Entry {
    /// Counts up by one per row.
    number: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `terminal`, `ssh`, `http`, `server`.
    door: String,
    /// The terminal's user, a key's fingerprint, a token's name.
    actor: String,
    role: String,
    action: String,
    object: String,
    /// `done`, `stopping`, `refused: <status>`, `gone`, `failed`, `denied`.
    result: String,
}

impl From<AuditRow> for Entry {
    fn from(AuditRow { number, at, entry }: AuditRow) -> Self {
        let by = entry.by;
        Self {
            number,
            at,
            door: by.door,
            actor: by.name,
            role: by.role,
            action: entry.action,
            object: entry.object,
            result: entry.result,
        }
    }
}

/// What operators, and the server itself, have done.
#[utoipa::path(get, path = "/operator/audit", tag = "operators",
    params(
        ("actor" = Option<String>, Query, description = "The actor's name begins with this"),
        ("action" = Option<String>, Query, description = "The action is this"),
        ("object" = Option<String>, Query, description = "The object begins with this"),
        ("cursor" = Option<String>, Query, description = "Of the page before", pattern = "^([0-9]{1,18})?$"),
        ("limit" = Option<u16>, Query, description = "Rows on the page", minimum = 1, maximum = 1000)),
    responses(
        (status = 200, description = "The page", body = Audit),
        (status = 403, description = "forbidden: for viewers and operators", body = ErrorBody),
        (status = 422, description = "invalid_parameter", body = ErrorBody)))]
pub(in crate::api) async fn audit(State(app): State<App>, _: Viewer, Query(params): Query) -> ApiResult<Json<Audit>> {
    params.only(&["actor", "action", "object", "cursor", "limit"])?;
    let text = |name: &str| params.some(name).map(str::to_owned);
    let filter = AuditFilter { actor: text("actor"), action: text("action"), object: text("object") };
    let page = app.desk.audited(filter, text("cursor"), params.limit(LIMIT.0, MOST)?).await?;
    Ok(Json(Audit { rows: page.rows.into_iter().map(Into::into).collect(), cursor: page.cursor }))
}
