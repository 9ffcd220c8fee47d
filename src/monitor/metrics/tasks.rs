//! What the workers of this process do.

use std::time::Duration;

use prometheus_client::{
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

use super::{Histograms, Labels};

/// From an ad targeting on many cores to the time limit.
const SECONDS: [f64; 18] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0];

/// How a claim ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskEnd {
    /// With a result.
    Success,
    /// Without one.
    Failure,
    /// Cancelled.
    Revoked,
    /// Given back to the queue by a drain.
    GivenBack,
    /// The claim was lost: another worker has the task, or the store did not take its end.
    Lost,
}

impl TaskEnd {
    /// Every end.
    pub const ALL: [Self; 5] = [Self::Success, Self::Failure, Self::Revoked, Self::GivenBack, Self::Lost];

    /// The label's value.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Revoked => "revoked",
            Self::GivenBack => "given_back",
            Self::Lost => "lost",
        }
    }
}

/// Clones share the counts.
#[derive(Clone, Debug)]
pub struct TaskMetrics {
    durations: Histograms<3>,
    waits: Histograms<2>,
    failures: Family<Labels<2>, Counter>,
    bootstraps: Family<Labels<2>, Counter>,
}

impl TaskMetrics {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            durations: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            waits: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            failures: Family::default(),
            bootstraps: Family::default(),
        };
        let Self { durations, waits, failures, bootstraps } = metrics.clone();
        registry.register("task_duration_seconds", "Seconds from a claim to its end, by how it ended", durations);
        registry.register("task_wait_seconds", "Seconds from the submission of a task to its first claim", waits);
        registry.register("task_failures", "Tasks that failed, by label", failures);
        registry.register("bootstraps", "Bootstraps executed, those of running tasks included", bootstraps);
        metrics
    }

    /// What may run here: its counts begin at 0.
    pub fn announce(&self, use_cases: &[&'static str], device: &'static str, failures: &[&'static str]) {
        for use_case in use_cases {
            for end in TaskEnd::ALL {
                drop(self.durations.get_or_create(&ended(use_case, device, end)));
            }
            drop(self.waits.get_or_create(&ran(use_case, device)));
            drop(self.bootstraps.get_or_create(&ran(use_case, device)));
            for label in failures {
                drop(self.failures.get_or_create(&failed(use_case, label)));
            }
        }
    }

    /// A task is claimed for the first time, after it has waited so long.
    pub fn claimed(&self, use_case: &str, device: &'static str, waited: Duration) {
        self.waits.get_or_create(&ran(use_case, device)).observe(waited.as_secs_f64());
    }

    /// A claim has ended.
    pub fn ended(&self, use_case: &str, device: &'static str, end: TaskEnd, took: Duration) {
        self.durations.get_or_create(&ended(use_case, device, end)).observe(took.as_secs_f64());
    }

    /// A task has failed.
    pub fn failed(&self, use_case: &str, label: &'static str) {
        self.failures.get_or_create(&failed(use_case, label)).inc();
    }

    /// Where the bootstraps of a task are counted while it runs.
    pub fn bootstraps(&self, use_case: &str, device: &'static str) -> impl Fn(u64) + Send + Sync + 'static {
        let counter = self.bootstraps.get_or_create_owned(&ran(use_case, device));
        move |bootstraps| {
            counter.inc_by(bootstraps);
        }
    }
}

fn ran(use_case: &str, device: &'static str) -> Labels<2> {
    [("use_case", use_case.to_owned().into()), ("device", device.into())]
}

fn ended(use_case: &str, device: &'static str, end: TaskEnd) -> Labels<3> {
    [("use_case", use_case.to_owned().into()), ("device", device.into()), ("outcome", end.word().into())]
}

fn failed(use_case: &str, label: &'static str) -> Labels<2> {
    [("use_case", use_case.to_owned().into()), ("label", label.into())]
}
