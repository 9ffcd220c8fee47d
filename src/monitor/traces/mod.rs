//! Requests and tasks as traces, for a collector that speaks OTLP (`otlp.endpoint`). Without one, nothing is made.
//!
//! A trace has routes, names, ids of requests and tasks, and numbers; no uid, no token and no word of a client but the
//! trace that a request says it belongs to (the header `traceparent` of W3C's Trace Context). It does not depend on the
//! level of the log.

#[cfg(not(feature = "otlp"))]
mod off;
#[cfg(feature = "otlp")]
mod otlp;

#[cfg(not(feature = "otlp"))]
use off as exporter;
#[cfg(feature = "otlp")]
use otlp as exporter;

use crate::task::Task;

/// Why there are no traces.
#[derive(Debug, thiserror::Error)]
#[error("otlp.endpoint: {0}")]
pub struct TracesError(String);

/// Where traces go. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Traces(Option<exporter::Exporter>);

/// What is said of a trace.
type Fields = Vec<(&'static str, Field)>;

/// A value of it.
#[derive(Debug, Clone)]
enum Field {
    Text(String),
    Number(i64),
}

impl From<&str> for Field {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Field {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// What it is for whom.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Answers a request.
    Server,
    /// Takes work from a queue.
    Consumer,
}

impl Traces {
    /// Traces go to the collector at `endpoint` (`http://host:4318`); empty: nowhere. Must be called on a tokio runtime.
    ///
    /// # Errors
    /// [`TracesError`]: it is none, or this program was built without.
    pub fn start(endpoint: &str, node: &str) -> Result<Self, TracesError> {
        if endpoint.is_empty() {
            return Ok(Self::default());
        }
        exporter::Exporter::start(endpoint, node).map(|exporter| Self(Some(exporter))).map_err(TracesError)
    }

    /// A request begins: its method, the template of its route, its id, and what it says it belongs to.
    pub fn request(&self, method: &'static str, route: &str, id: &str, parent: Option<&str>) -> Trace {
        let Some(exporter) = &self.0 else { return Trace(None) };
        let fields = vec![
            ("http.request.method", method.into()),
            ("http.route", route.into()),
            ("cipherdeck.request_id", id.into()),
        ];
        Trace(Some(exporter.begin(format!("{method} {route}"), Kind::Server, parent, fields)))
    }

    /// A worker begins to work on a task.
    pub fn task(&self, task: &Task) -> Trace {
        let Some(exporter) = &self.0 else { return Trace(None) };
        let worker = task.worker.as_ref().map(|worker| worker.0.as_str()).unwrap_or_default();
        let fields = vec![
            ("cipherdeck.task_id", task.id.to_string().as_str().into()),
            ("cipherdeck.use_case", task.use_case.as_str().into()),
            ("cipherdeck.worker", worker.into()),
            ("cipherdeck.attempt", u64::from(task.attempt).into()),
            ("cipherdeck.client", task.uid.tag().as_str().into()),
        ];
        Trace(Some(exporter.begin(format!("task {}", task.use_case), Kind::Consumer, None, fields)))
    }

    /// Sends what has not been sent, within a few seconds. What ends later is lost.
    pub async fn close(&self) {
        if let Some(exporter) = &self.0 {
            exporter.close().await;
        }
    }
}

/// Something that goes on. Dropped, it has ended.
#[derive(Debug)]
pub struct Trace(Option<exporter::Span>);

impl Trace {
    /// The request was answered with this status.
    pub fn answered(self, status: u16) {
        if let Some(span) = self.0 {
            span.end(vec![("http.response.status_code", u64::from(status).into())], status >= 500);
        }
    }

    /// The task has ended like this, after so many bootstraps.
    pub fn ended(self, outcome: &'static str, bootstraps: u64, failed: bool) {
        if let Some(span) = self.0 {
            let fields = vec![("cipherdeck.outcome", outcome.into()), ("cipherdeck.bootstraps", bootstraps.into())];
            span.end(fields, failed);
        }
    }
}
