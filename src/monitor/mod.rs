//! What the process observes of itself and of its past.
//!
//! - [`metrics`]: what is counted, for Prometheus. [`traces`]: requests and tasks, for an OTLP collector.
//! - [`logs`]: log lines, windows of them, and which are written. [`history`]: what the run history says.
//! - [`disk`]: is there room for more?
//! - [`sampler`]: load of the machine. [`gpu`]: its GPUs. [`on_demand`]: both only while somebody looks.

pub mod disk;
pub mod gpu;
pub mod history;
pub mod logs;
pub mod metrics;
pub mod on_demand;
pub mod past;
pub mod sampler;
pub mod traces;

/// Where a server counts and reports what it does. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Telemetry {
    /// For Prometheus.
    pub metrics: metrics::Metrics,
    /// For an OTLP collector, if there is one.
    pub traces: traces::Traces,
}
