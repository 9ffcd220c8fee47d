//! What is counted and measured, for Prometheus. Every process counts for itself; what is read at a scrape (the queue, the
//! machine) is written by whoever knows it, with [`Values`].
//!
//! Labels come from closed sets (routes, methods, labels, use cases, devices, states): no id, no uid, no word of a client.
//! The list of everything is in docs/metrics.md, which a test compares with a running server.
//!
//! - [`http`], [`tasks`], [`store`]: counters and histograms, one file per room that counts.
//! - [`machine`]: processor, memory and this process, read at a scrape. [`gpus`]: GPUs, if they are being sampled anyway.
//! - Another room adds a file here with its counters and a field in [`Metrics`], or registers a collector of its own with
//!   [`Metrics::register`].

pub mod gpus;
pub mod http;
pub mod machine;
pub mod store;
pub mod tasks;
mod values;

use std::{borrow::Cow, fmt, sync::Arc};

use parking_lot::Mutex;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, text},
    metrics::{family::Family, histogram::Histogram},
    registry::Registry,
};

pub use self::values::{Value, Values};
use self::{http::HttpMetrics, machine::Machine, store::StoreMetrics, tasks::TaskMetrics};

/// The media type of what [`Metrics::encode`] writes.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Names and values of labels.
pub type Labels<const N: usize> = [(&'static str, Cow<'static, str>); N];

/// A histogram for each set of labels.
pub(crate) type Histograms<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;

/// Everything that a process counts. Clones share it; make one per server.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    /// Requests.
    pub http: HttpMetrics,
    /// Tasks that run here.
    pub tasks: TaskMetrics,
    /// Operations of the store.
    pub store: StoreMetrics,
    /// The machine and this process.
    pub machine: Machine,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("cipherdeck");
        Self {
            http: HttpMetrics::new(&mut registry),
            tasks: TaskMetrics::new(&mut registry),
            store: StoreMetrics::new(&mut registry),
            machine: Machine::default(),
            registry: Arc::new(Mutex::new(registry)),
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Adds values that are read at each scrape; their names get the prefix `cipherdeck_`.
    pub fn register(&self, read: impl Fn(&mut Values<'_>) -> fmt::Result + Send + Sync + 'static) {
        self.registry.lock().register_collector(Box::new(Read(read)));
    }

    /// Everything in the text format of `OpenMetrics`, which Prometheus reads; `known` writes what was found out for this
    /// scrape (names with the prefix `cipherdeck_`), `process` what has Prometheus' own names for a process.
    ///
    /// # Errors
    /// When a value cannot be written: a bug.
    pub fn encode(
        &self,
        known: impl Fn(&mut Values<'_>) -> fmt::Result + Send + Sync + 'static,
        process: impl Fn(&mut Values<'_>) -> fmt::Result + Send + Sync + 'static,
    ) -> Result<String, fmt::Error> {
        let mut text = String::with_capacity(64 << 10);
        let (mut ours, mut standard) = (Registry::with_prefix("cipherdeck"), Registry::default());
        ours.register_collector(Box::new(Read(known)));
        standard.register_collector(Box::new(Read(process)));
        text::encode_registry(&mut text, &ours)?;
        text::encode_registry(&mut text, &self.registry.lock())?;
        text::encode_registry(&mut text, &standard)?;
        text::encode_eof(&mut text)?;
        Ok(text)
    }
}

/// A collector that is a function.
struct Read<F>(F);

impl<F> fmt::Debug for Read<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Read")
    }
}

impl<F: Fn(&mut Values<'_>) -> fmt::Result + Send + Sync + 'static> Collector for Read<F> {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        (self.0)(&mut Values::new(encoder))
    }
}
