//! What is known now, in the Prometheus text format.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    auth::Viewer,
    error::{ApiResult, ErrorBody},
    state::App,
};
use crate::task::Status;

/// Answers by class, 1xx to 5xx.
#[derive(Default)]
pub(super) struct Requests([AtomicU64; 5]);

impl Requests {
    pub(super) fn count(&self, status: StatusCode) {
        if let Some(class) = self.0.get(usize::from(status.as_u16() / 100).saturating_sub(1)) {
            class.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Metrics in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "operators",
    responses(
        (status = 200, description = "The metrics", content_type = "text/plain", body = String),
        (status = 403, description = "forbidden: for viewers and operators", body = ErrorBody),
        (status = 503, description = "store_unavailable", body = ErrorBody)))]
pub(super) async fn metrics(State(app): State<App>, _: Viewer) -> ApiResult<Response> {
    let (counts, paused) = (app.store.counts().await?, app.store.paused().await?);
    let mut text = String::with_capacity(2048);
    family(&mut text, "cipherdeck_build_info", "gauge", "The program's version.");
    sample(&mut text, "cipherdeck_build_info", &format!("version=\"{}\"", env!("CARGO_PKG_VERSION")), 1);
    family(&mut text, "cipherdeck_uptime_seconds", "gauge", "Seconds since the start.");
    sample(&mut text, "cipherdeck_uptime_seconds", "", app.started.elapsed().as_secs());
    family(&mut text, "cipherdeck_tasks", "gauge", "Tasks in each state.");
    for status in Status::ALL {
        sample(&mut text, "cipherdeck_tasks", &format!("state=\"{status}\""), counts.of(status));
    }
    family(&mut text, "cipherdeck_paused", "gauge", "Is claiming of the use case paused?");
    for name in app.use_cases.names() {
        let paused = paused.iter().any(|it| it == name);
        sample(&mut text, "cipherdeck_paused", &format!("use_case=\"{name}\""), u64::from(paused));
    }
    family(&mut text, "cipherdeck_draining", "gauge", "Has a drain begun?");
    sample(&mut text, "cipherdeck_draining", "", u64::from(app.draining.is_cancelled()));
    family(&mut text, "cipherdeck_http_requests_total", "counter", "Answered requests by class of status.");
    for (class, count) in app.requests.0.iter().enumerate() {
        let label = format!("class=\"{}xx\"", class + 1);
        sample(&mut text, "cipherdeck_http_requests_total", &label, count.load(Ordering::Relaxed));
    }
    family(&mut text, "cipherdeck_http_waiting_requests", "gauge", "Long polls that wait now.");
    sample(&mut text, "cipherdeck_http_waiting_requests", "", app.watchers.waiting());
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

fn family(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn sample(text: &mut String, name: &str, labels: &str, value: u64) {
    let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
    let _ = writeln!(text, "{name}{labels} {value}");
}
