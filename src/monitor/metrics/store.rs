//! How long the store takes, and how it fails.

use std::time::Duration;

use prometheus_client::{
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

use super::{Histograms, Labels};

/// From an answer out of memory to a store that is away.
const SECONDS: [f64; 15] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Clones share the counts.
#[derive(Clone, Debug)]
pub struct StoreMetrics {
    durations: Histograms<1>,
    errors: Family<Labels<1>, Counter>,
}

impl StoreMetrics {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics =
            Self { durations: Family::new_with_constructor(|| Histogram::new(SECONDS)), errors: Family::default() };
        let Self { durations, errors } = metrics.clone();
        registry.register("store_operation_duration_seconds", "Seconds of the store's operations", durations);
        registry.register("store_errors", "Operations in which the store itself failed, by kind", errors);
        metrics
    }

    /// What may go wrong: its counts begin at 0.
    pub fn announce(&self, errors: &[&'static str]) {
        for error in errors {
            drop(self.errors.get_or_create(&[("error", (*error).into())]));
        }
    }

    /// An operation took so long.
    pub fn took(&self, operation: &'static str, time: Duration) {
        self.durations.get_or_create(&[("operation", operation.into())]).observe(time.as_secs_f64());
    }

    /// The store failed.
    pub fn failed(&self, error: &'static str) {
        self.errors.get_or_create(&[("error", error.into())]).inc();
    }
}
