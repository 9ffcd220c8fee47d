//! The run history reduced to figures, as the console's benchmarks screen shows them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    monitor::history::{Comparison, Measure, Sample, Series, Stats, Timed, Verdict, compare},
    task::Run,
};

/// The times of one use case on one device.
#[derive(Serialize, ToSchema)]
pub(super) struct Figures {
    use_case: String,
    /// `cpu` or `cuda`.
    device: String,
    measure: MeasureWord,
    /// Runs counted.
    n: u64,
    mean_s: f64,
    /// Standard deviation of the sample.
    std_s: f64,
    min_s: f64,
    max_s: f64,
    p50_s: f64,
    p95_s: f64,
    p99_s: f64,
    /// The newest runs against those before them; null with too few.
    comparison: Option<Change>,
}

/// Which time.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum MeasureWord {
    /// Pure computation.
    Server,
    /// First byte of the submitting request to the last byte of the first whole result.
    EndToEnd,
}

/// The newest runs against those before them.
#[derive(Serialize, ToSchema)]
pub(super) struct Change {
    newest: u64,
    before: u64,
    /// Median of the newest by median of those before.
    ratio: f64,
    verdict: VerdictWord,
}

/// What a comparison found.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum VerdictWord {
    /// Faster than before.
    Faster,
    /// No difference that counts.
    Same,
    /// A regression.
    Slower,
}

impl From<Comparison> for Change {
    fn from(comparison: Comparison) -> Self {
        let Comparison { newest, before, ratio, verdict } = comparison;
        let verdict = match verdict {
            Verdict::Faster => VerdictWord::Faster,
            Verdict::Same => VerdictWord::Same,
            Verdict::Slower => VerdictWord::Slower,
        };
        Self { newest, before, ratio, verdict }
    }
}

/// Figures of everything that is timed in these runs.
pub(super) fn of(runs: &[Run]) -> Vec<Figures> {
    Series::of(runs).times.into_iter().filter_map(|(timed, samples)| figures(timed, &samples)).collect()
}

fn figures(timed: Timed, samples: &[Sample]) -> Option<Figures> {
    let seconds: Vec<f64> = samples.iter().map(|sample| sample.seconds).collect();
    let Stats { n, mean, std, min, max, p50, p95, p99 } = Stats::of(seconds.iter().copied())?;
    Some(Figures {
        use_case: timed.use_case,
        device: timed.device,
        measure: match timed.measure {
            Measure::Server => MeasureWord::Server,
            Measure::EndToEnd => MeasureWord::EndToEnd,
        },
        n,
        mean_s: mean,
        std_s: std,
        min_s: min,
        max_s: max,
        p50_s: p50,
        p95_s: p95,
        p99_s: p99,
        comparison: compare(&seconds).map(Into::into),
    })
}
