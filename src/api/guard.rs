//! What surrounds every request: its id, its log line, the shape of errors, security headers, limits.

use std::{
    any::Any,
    time::{Duration, Instant},
};

use axum::{
    Json,
    body::{Body, HttpBody as _},
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tracing::Instrument as _;
use uuid::Uuid;

use super::{error::ApiError, label::Label, state::App};
use crate::{monitor::metrics::http::UNMATCHED, text::sanitise};

/// Names a request in answers and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A GET may carry so many bytes, which are ignored.
const MAX_GET_BODY: u64 = 4 << 10;

/// The longest that a request may take beside its upload: a long poll and some.
const ANSWER: Duration = Duration::from_secs(75);

/// Nothing may be loaded by an answer that is no page.
const CSP: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Browsers that have been here over TLS come back over TLS, for two years.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// What a request says it belongs to, in W3C's Trace Context.
const PARENT: &str = "traceparent";

/// The outermost middleware. A client's own request id is not looked at. Whatever is logged meanwhile carries method,
/// path and id of the request.
pub(super) async fn surround(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = Uuid::new_v4().simple().to_string();
    let (method, path) = (method(request.method()), loggable_path(&request));
    let route = request.extensions().get::<MatchedPath>().map_or(UNMATCHED, MatchedPath::as_str).to_owned();
    let parent = request.headers().get(PARENT).and_then(|value| value.to_str().ok());
    let trace = app.telemetry.traces.request(method, &route, &id, parent);
    let in_flight = app.telemetry.metrics.http.begin(&route, method);
    // Of the highest level, so that every filter of the log lets it through.
    let span = tracing::error_span!("request", method, path, request_id = id);
    let limit = Duration::from_secs(app.settings.server.upload_timeout_s) + ANSWER;
    let answered = tokio::time::timeout(limit, next.run(request)).instrument(span.clone()).await;
    let response = answered.unwrap_or_else(|_| {
        let detail = "The request took too long; try again in a moment.";
        ApiError::new(Label::StoreUnavailable, detail).retry_after(Duration::from_secs(5)).into_response()
    });
    let _within = span.enter();
    let mut response = shape(&app, response, &id);
    decorate(&mut response, &id, app.settings.tls.is_on());
    let status = response.status();
    in_flight.answered(status.as_u16(), began.elapsed());
    trace.answered(status.as_u16());
    log(method, status, began.elapsed());
    response
}

/// A method's name, from a closed set.
fn method(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// Reads that went well are many (status polls) and say nothing; everything else is worth a line.
fn log(method: &str, status: StatusCode, took: Duration) {
    let (status, ms) = (status.as_u16(), took.as_millis() as u64);
    match status {
        500.. => tracing::error!(status, ms, "request"),
        // Whoever asks too often does not fill the log with it.
        429 => tracing::debug!(status, ms, "request"),
        0..400 if method == "GET" || method == "HEAD" => tracing::debug!(status, ms, "request"),
        _ => tracing::info!(status, ms, "request"),
    }
}

/// The path without its query. Of a path that is none of ours, whatever looks like an id is left out, because clients
/// that guess wrong put their uid there.
fn loggable_path(request: &Request) -> String {
    if let Some(matched) = request.extensions().get::<MatchedPath>() {
        return matched.as_str().to_owned();
    }
    let path = sanitise(request.uri().path(), 120);
    path.split('/').map(|part| if part.len() > 24 { "…" } else { part }).collect::<Vec<_>>().join("/")
}

/// Gives every refusal the contract's body, and counts it.
fn shape(app: &App, mut response: Response, id: &str) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let error = response.extensions_mut().remove::<ApiError>().unwrap_or_else(|| ApiError::from_status(status));
    app.telemetry.metrics.http.refused(error.label().word());
    let mut shaped = (status, Json(error.body(id))).into_response();
    for name in [header::RETRY_AFTER, header::ALLOW, header::WWW_AUTHENTICATE] {
        if let Some(value) = response.headers_mut().remove(&name) {
            shaped.headers_mut().insert(name, value);
        }
    }
    shaped
}

/// Headers of every answer. Pages and public documents have set their own policies already.
fn decorate(response: &mut Response, id: &str, tls: bool) {
    let headers = response.headers_mut();
    if tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(CSP);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// Middleware: a GET or HEAD with more than a trifle of a body is refused.
pub(super) async fn small_gets(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads || request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let too_large = || ApiError::new(Label::TooLarge, "A GET has no body here.").into_response();
    // The header, as long as it is one: layers before this one have made a stream of the body.
    let announced =
        parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > MAX_GET_BODY) {
        return too_large();
    }
    let small = axum::body::to_bytes(body, MAX_GET_BODY as usize);
    match tokio::time::timeout(Duration::from_secs(5), small).await {
        Ok(Ok(_)) => next.run(Request::from_parts(parts, Body::empty())).await,
        _ => too_large(),
    }
}

/// A panic of a handler. Its message is in the log, not in the answer.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub(super) fn panicked(payload: Box<dyn Any + Send>) -> Response {
    let what = payload.downcast_ref::<&str>().copied().map(str::to_owned);
    let what = what.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
    ApiError::internal(&format!("a handler panicked: {}", sanitise(&what, 300))).into_response()
}

/// For paths that do not exist.
pub(super) async fn no_page() -> ApiError {
    ApiError::new(Label::NotFound, "There is nothing here. /docs lists what there is.")
}

/// For methods that a path does not have.
pub(super) async fn wrong_method() -> ApiError {
    let detail = "This path does not take this method. /docs lists what there is.";
    ApiError::new(Label::BadRequest, detail).with_status(StatusCode::METHOD_NOT_ALLOWED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_in_a_wrong_path_does_not_reach_the_log() {
        let request = Request::get("/get_key_status/936da01f-9abd-4d9d-80c7-02af85c822a8/x?uid=1").body(Body::empty());
        assert_eq!(loggable_path(&request.unwrap()), "/get_key_status/…/x");
    }
}
