//! JSON bodies of operators' requests.

use std::time::Duration;

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, header},
};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::{
    api::{
        error::{ApiError, ApiResult, Label},
        state::App,
    },
    store::Deed,
};

/// Ten thousand ids are 400 KB.
const MOST: usize = 1 << 20;

/// For actions that need to be told nothing more: `{}`, or nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// How a priority changes, in the description: one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = NewPriority)]
#[expect(dead_code, reason = "describes the body")]
pub(super) enum EitherPriority {
    To(SetPriority),
    By(MovePriority),
}

/// Sets it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the body")]
pub(super) struct SetPriority {
    /// To this; higher runs first.
    #[schema(minimum = -10, maximum = 10)]
    priority: i8,
}

/// Moves it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the body")]
pub(super) struct MovePriority {
    /// By so much, within -10..=10.
    #[schema(minimum = -20, maximum = 20)]
    by: i8,
}

/// A whole number as JSON has it: `3` and `3.0` are the same.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct Whole(i8);

impl TryFrom<f64> for Whole {
    type Error = &'static str;
    fn try_from(number: f64) -> Result<Self, Self::Error> {
        let whole = number.fract() == 0.0 && (f64::from(i8::MIN)..=f64::from(i8::MAX)).contains(&number);
        if whole { Ok(Self(number as i8)) } else { Err("expected a small whole number") }
    }
}

/// How a priority changes: one of the two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPriority {
    pub(super) priority: Option<Whole>,
    pub(super) by: Option<Whole>,
}

impl NewPriority {
    pub(super) fn deed(&self) -> ApiResult<Deed> {
        match (self.priority, self.by) {
            (Some(Whole(to @ -10..=10)), None) => Ok(Deed::Priority(to)),
            (None, Some(Whole(by @ -20..=20))) => Ok(Deed::Raise(by)),
            _ => Err(ApiError::parameter("give either `priority`, -10..=10, or `by`, -20..=20")),
        }
    }
}

/// Reads a body that must call itself JSON; none at all counts as `{}`.
pub(super) async fn read<T: DeserializeOwned>(app: &App, request: Request) -> ApiResult<T> {
    if !is_json(request.headers()) {
        let detail = "Send JSON with its Content-Type: application/json (with curl: --json '{}').";
        return Err(ApiError::new(Label::UnsupportedMedia, detail));
    }
    let limit = Duration::from_secs(app.settings.server.upload_timeout_s);
    let body = tokio::time::timeout(limit, axum::body::to_bytes(request.into_body(), MOST)).await;
    let body = body.map_err(|_| {
        let detail = format!("The body did not arrive within {} s.", limit.as_secs());
        ApiError::new(Label::BadRequest, detail).with_status(StatusCode::REQUEST_TIMEOUT)
    })?;
    let body = body.map_err(|_| ApiError::new(Label::TooLarge, format!("The body has at most {MOST} bytes.")))?;
    let text = if body.is_empty() { b"{}" } else { body.as_ref() };
    // A list would do for serde, its elements in the order of the fields.
    if text.trim_ascii_start().first() != Some(&b'{') {
        return Err(ApiError::parameter("the body is not as expected: it must be a JSON object"));
    }
    serde_json::from_slice(text).map_err(|error| ApiError::parameter(format!("the body is not as expected: {error}")))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}
