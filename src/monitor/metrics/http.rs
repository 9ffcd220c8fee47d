//! Requests, connections, refusals, bytes.

use std::time::Duration;

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{Histograms, Labels};

/// From an answer out of memory to a long poll.
const SECONDS: [f64; 15] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// The route of what matches none.
pub const UNMATCHED: &str = "unmatched";

/// The status of a request whose client went away before the answer.
const GONE: &str = "gone";

/// What is uploaded.
const UPLOADS: [(&str, &str); 2] = [("key", "key"), ("encrypted_input", "input")];

/// Clones share the counts.
#[derive(Clone, Debug)]
pub struct HttpMetrics {
    requests: Family<Labels<3>, Counter>,
    durations: Histograms<2>,
    rejections: Family<Labels<1>, Counter>,
    uploaded: Family<Labels<1>, Counter>,
    served: Counter,
    connections: Gauge,
}

impl HttpMetrics {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            rejections: Family::default(),
            uploaded: Family::default(),
            served: Counter::default(),
            connections: Gauge::default(),
        };
        let Self { requests, durations, rejections, uploaded, served, connections } = metrics.clone();
        registry.register("http_requests", "Requests by route, method and status of the answer", requests);
        let help = "Seconds from a request's head to the head of its answer, long polls included";
        registry.register("http_request_duration_seconds", help, durations);
        registry.register("rejections", "Answers that refuse, by label", rejections);
        registry.register("upload_bytes", "Bytes of uploaded files, refused ones included", uploaded);
        registry.register("result_bytes", "Bytes of results that were handed over", served);
        registry.register("http_connections", "Connections that are open", connections);
        for (_, kind) in UPLOADS {
            drop(metrics.uploaded.get_or_create(&[("kind", kind.into())]));
        }
        metrics
    }

    /// Labels that may be answered: their counts begin at 0.
    pub fn announce_labels(&self, labels: impl IntoIterator<Item = &'static str>) {
        for label in labels {
            drop(self.rejections.get_or_create(&[("label", label.into())]));
        }
    }

    /// A request begins. `route` is a template of ours or [`UNMATCHED`], `method` from a closed set.
    pub fn begin(&self, route: &str, method: &'static str) -> InFlight {
        InFlight { metrics: self.clone(), route: route.to_owned(), method, answered: false }
    }

    /// An answer refuses.
    pub fn refused(&self, label: &'static str) {
        self.rejections.get_or_create(&[("label", label.into())]).inc();
    }

    /// Bytes of a form's file have come in.
    pub fn uploaded(&self, field: &str, bytes: u64) {
        if let Some((_, kind)) = UPLOADS.iter().find(|(name, _)| *name == field) {
            self.uploaded.get_or_create(&[("kind", (*kind).into())]).inc_by(bytes);
        }
    }

    /// Bytes of a result have been handed over.
    pub fn served(&self, bytes: u64) {
        self.served.inc_by(bytes);
    }

    /// A connection is open until this is dropped.
    pub fn connected(&self) -> Connected {
        self.connections.inc();
        Connected(self.connections.clone())
    }
}

/// An open connection.
#[derive(Debug)]
pub struct Connected(Gauge);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A request that is being answered. Dropped without an answer, its client went away.
#[derive(Debug)]
pub struct InFlight {
    metrics: HttpMetrics,
    route: String,
    method: &'static str,
    answered: bool,
}

impl InFlight {
    /// It was answered with this status, after this time.
    pub fn answered(mut self, status: u16, took: Duration) {
        self.answered = true;
        self.count(status.to_string());
        let labels = [("route", self.route.clone().into()), ("method", self.method.into())];
        self.metrics.durations.get_or_create(&labels).observe(took.as_secs_f64());
    }

    fn count(&self, status: String) {
        let route = self.route.clone();
        let labels = [("route", route.into()), ("method", self.method.into()), ("status", status.into())];
        self.metrics.requests.get_or_create(&labels).inc();
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if !self.answered {
            self.count(GONE.to_owned());
        }
    }
}
