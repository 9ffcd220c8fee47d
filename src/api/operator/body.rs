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
        auth::Caller,
        error::{ApiError, ApiResult},
        label::Label,
        pace,
        state::App,
    },
    operator::Role,
    store::Deed,
    text::sanitise,
};

/// Ten thousand ids are 400 KB.
const MOST: usize = 1 << 20;

/// Of those who are no operators: enough to name what they may not do.
const MOST_OF_OTHERS: usize = 16 << 10;

/// With them.
const PATIENCE: Duration = Duration::from_secs(5);

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
///
/// What a caller may do, the desk decides, which keeps the log and therefore wants to know what was asked for. So the body
/// is read before, of those who are no operators only a small and quick one; whatever is wrong with it, they are told
/// that they may not.
pub(super) async fn read<T: DeserializeOwned>(app: &App, caller: &Caller, request: Request) -> ApiResult<T> {
    let Err(refusal) = caller.must_be(Role::Operator) else {
        let limit = Duration::from_secs(app.settings.server.upload_timeout_s);
        return parsed(app, request, MOST, limit).await;
    };
    let path = request.uri().path().to_owned();
    let read = parsed(app, request, MOST_OF_OTHERS, PATIENCE).await;
    if read.is_err() {
        app.desk.turned_away(&caller.actor, "request", sanitise(&path, 40)).await;
    }
    read.map_err(|_| refusal)
}

async fn parsed<T: DeserializeOwned>(app: &App, request: Request, most: usize, limit: Duration) -> ApiResult<T> {
    if !is_json(request.headers()) {
        let detail = "Send JSON with its Content-Type: application/json (with curl: --json '{}').";
        return Err(ApiError::new(Label::UnsupportedMedia, detail));
    }
    let (body, verdict) = pace::watched(request.into_body(), &app.settings.server);
    let body = tokio::time::timeout(limit, axum::body::to_bytes(body, most)).await;
    let body = body.map_err(|_| {
        let detail = format!("The body did not arrive within {} s.", limit.as_secs());
        ApiError::new(Label::BadRequest, detail).with_status(StatusCode::REQUEST_TIMEOUT)
    })?;
    if verdict.is_too_slow() {
        return Err(pace::refusal(&app.settings.server));
    }
    let body = body.map_err(|_| ApiError::new(Label::TooLarge, format!("The body has at most {most} bytes.")))?;
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
