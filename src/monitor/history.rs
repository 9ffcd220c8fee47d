//! What the run history says: pure functions over its rows.
//!
//! - [`Series`]: the times of each use case on each device, [`Measure`] by measure, oldest first.
//! - [`Stats`]: a sample reduced. [`compare`]: the newest runs against those before them, by [`RULE`].
//! - [`chart`], [`histogram`]: over time, and how often. [`csv()`]: the runs as a file.

mod chart;
mod compare;
mod export;
mod stats;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

pub use chart::{Bucket, Chart, Histogram, chart, histogram};
pub use compare::{Comparison, RULE, Verdict, compare};
pub use export::{COLUMNS, CsvError, csv};
pub use stats::Stats;
pub(crate) use stats::quantile;

use crate::task::{Run, RunOrigin, TaskId, Timestamp};

/// One run has no rate.
pub const LEAST_RUNS: usize = 2;
/// Three runs within a minute are no 180 an hour.
pub const LEAST_SPAN: Duration = Duration::from_mins(5);

/// Which time of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Pure computation.
    Server,
    /// First byte of the request to the last byte of the result.
    EndToEnd,
}

/// What is timed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timed {
    /// Use case.
    pub use_case: String,
    /// `cpu`, `cuda`.
    pub device: String,
    /// Which time.
    pub measure: Measure,
}

/// One run's time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// When the run finished.
    pub at: Timestamp,
    /// How long it took.
    pub seconds: f64,
}

/// The times of everything that is timed, each oldest first. About 16 bytes a time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// By what is timed.
    pub times: BTreeMap<Timed, Vec<Sample>>,
    /// Runs looked at.
    pub runs: u64,
}

impl Series {
    /// From rows in any order. Times that are no times are left out, and so are tasks that the bench command has
    /// measured and entered a row of its own for: its end-to-end time is the whole one.
    pub fn of(runs: &[Run]) -> Self {
        let is_bench = |run: &&Run| run.origin == RunOrigin::Bench;
        let benched: BTreeSet<TaskId> = runs.iter().filter(is_bench).map(|run| run.task).collect();
        let mut times: BTreeMap<Timed, Vec<Sample>> = BTreeMap::new();
        for run in runs.iter().filter(|run| run.origin == RunOrigin::Bench || !benched.contains(&run.task)) {
            let both = [(Measure::Server, Some(run.server_s)), (Measure::EndToEnd, run.end_to_end_s)];
            for (measure, seconds) in both {
                let Some(seconds) = seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0) else { continue };
                let timed = Timed { use_case: run.use_case.clone(), device: run.device.clone(), measure };
                times.entry(timed).or_default().push(Sample { at: run.finished, seconds });
            }
        }
        for samples in times.values_mut() {
            samples.sort_by_key(|sample| sample.at);
        }
        Self { times, runs: runs.len() as u64 }
    }
}

/// The samples at `since` or later.
pub fn within(samples: &[Sample], since: Option<Timestamp>) -> &[Sample] {
    let first = since.map_or(0, |since| samples.partition_point(|sample| sample.at < since));
    samples.get(first..).unwrap_or_default()
}

/// Runs an hour until `now`, counted from the first of them. `None`: there are fewer than [`LEAST_RUNS`], or the first
/// of them is younger than [`LEAST_SPAN`].
pub fn per_hour(samples: &[Sample], now: Timestamp) -> Option<f64> {
    let first = samples.first().filter(|_| samples.len() >= LEAST_RUNS)?;
    let span = now.since(first.at);
    (span >= LEAST_SPAN).then(|| samples.len() as f64 * 3_600.0 / span.as_secs_f64())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::task::{RunOrigin, TaskId};

    /// A run that finished at this second.
    pub(crate) fn run(use_case: &str, second: i64, server_s: f64, end_to_end_s: Option<f64>) -> Run {
        Run {
            task: TaskId::random(),
            origin: RunOrigin::Task,
            use_case: use_case.to_owned(),
            device: "cpu".to_owned(),
            finished: Timestamp::from_millis(second * 1_000),
            upload_s: 0.1,
            queue_s: 0.2,
            server_s,
            end_to_end_s,
            bootstraps: 5,
        }
    }

    #[test]
    fn times_are_kept_apart_by_use_case_device_and_measure_in_order() {
        let mut cuda = run("a", 4, 9.0, None);
        cuda.device = "cuda".to_owned();
        let runs = [run("a", 3, 3.0, Some(4.0)), run("b", 2, 2.0, None), run("a", 1, 1.0, None), cuda];
        let series = Series::of(&runs);
        let times = |use_case: &str, device: &str, measure| -> Vec<f64> {
            let timed = Timed { use_case: use_case.to_owned(), device: device.to_owned(), measure };
            series.times.get(&timed).into_iter().flatten().map(|sample| sample.seconds).collect()
        };
        assert_eq!(times("a", "cpu", Measure::Server), [1.0, 3.0]);
        assert_eq!(times("a", "cpu", Measure::EndToEnd), [4.0]);
        assert_eq!(times("a", "cuda", Measure::Server), [9.0]);
        assert_eq!(times("b", "cpu", Measure::Server), [2.0]);
        assert_eq!((series.times.len(), series.runs), (4, 4));
    }

    #[test]
    fn a_task_that_was_benchmarked_counts_once_with_its_whole_time() {
        let task = run("a", 1, 1.0, Some(2.0));
        let bench = Run { origin: RunOrigin::Bench, end_to_end_s: Some(2.5), ..task.clone() };
        let series = Series::of(&[bench, run("a", 2, 1.0, Some(2.0)), task]);
        let seconds: Vec<f64> = series.times.values().flatten().map(|sample| sample.seconds).collect();
        assert_eq!(seconds, [1.0, 1.0, 2.5, 2.0]);
    }

    #[test]
    fn what_is_no_time_is_left_out() {
        let runs = [run("a", 1, f64::NAN, Some(-1.0)), run("a", 2, f64::INFINITY, Some(2.0))];
        let series = Series::of(&runs);
        assert_eq!(series.times.values().map(Vec::len).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn a_span_and_a_rate_count_from_its_first_run() {
        let series = Series::of(&[run("a", 0, 1.0, None), run("a", 1_800, 1.0, None), run("a", 3_600, 1.0, None)]);
        let samples = series.times.values().next().unwrap();
        let at = |second: i64| Timestamp::from_millis(second * 1_000);
        assert_eq!(within(samples, None).len(), 3);
        assert_eq!(within(samples, Some(at(1_800))).len(), 2);
        assert_eq!(within(samples, Some(at(9_999))).len(), 0);
        assert_eq!(per_hour(samples, at(7_200)), Some(1.5));
        assert_eq!(per_hour(within(samples, Some(at(1_800))), at(5_400)), Some(2.0));
    }

    #[test]
    fn few_runs_and_a_short_time_are_no_rate() {
        let series = Series::of(&[run("a", 0, 1.0, None), run("a", 10, 1.0, None), run("a", 20, 1.0, None)]);
        let samples = series.times.values().next().unwrap();
        let at = |second: i64| Timestamp::from_millis(second * 1_000);
        assert_eq!(per_hour(&[], at(600)), None);
        assert_eq!(per_hour(&samples[..1], at(600)), None, "one run");
        assert_eq!(per_hour(samples, at(20)), None);
        assert_eq!(per_hour(samples, at(299)), None);
        assert_eq!(per_hour(samples, at(300)), Some(36.0));
        assert_eq!(per_hour(samples, at(-1)), None, "the clock stepped back");
    }
}
