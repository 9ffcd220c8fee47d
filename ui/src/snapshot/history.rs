//! Times of past runs, as the host has reduced them: a few figures for each thing that is timed.

use super::Total;
use crate::clock::Millis;

/// Which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Measure {
    /// Pure computation.
    #[default]
    Server,
    /// First byte of the request to the last byte of the result.
    EndToEnd,
}

impl Measure {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Server, Self::EndToEnd];

    /// Its name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::EndToEnd => "end-to-end",
        }
    }
}

/// What is timed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timed {
    /// Use case.
    pub use_case: String,
    /// `cpu`, `cuda`.
    pub device: String,
    /// Which time.
    pub measure: Measure,
}

/// How far back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Span {
    /// The last hour.
    Hour,
    /// The last 24 hours.
    #[default]
    Day,
    /// The last 7 days.
    Week,
    /// Everything that is kept.
    All,
}

impl Span {
    /// Every span, shortest first.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::All];

    /// Its name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hour => "1 h",
            Self::Day => "24 h",
            Self::Week => "7 d",
            Self::All => "all",
        }
    }

    /// The same in a sentence.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Hour => "the last hour",
            Self::Day => "the last 24 hours",
            Self::Week => "the last 7 days",
            Self::All => "all that is kept",
        }
    }

    /// Its length in milliseconds; `None`: no limit.
    pub const fn millis(self) -> Option<i64> {
        match self {
            Self::Hour => Some(3_600_000),
            Self::Day => Some(86_400_000),
            Self::Week => Some(604_800_000),
            Self::All => None,
        }
    }
}

/// A sample reduced; all but `n` in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stats {
    /// Runs.
    pub n: u64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation of the sample.
    pub std: f64,
    /// Shortest.
    pub min: f64,
    /// Longest.
    pub max: f64,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
}

/// What a comparison found, by [`History::rule`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Verdict {
    /// Faster than before.
    Faster,
    /// No difference that counts.
    #[default]
    Same,
    /// A regression.
    Slower,
}

/// The newest runs against those before them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Comparison {
    /// How many are the newest.
    pub newest: u64,
    /// How many came before.
    pub before: u64,
    /// Time of the newest by time of those before.
    pub ratio: f64,
    /// What that means.
    pub verdict: Verdict,
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// What is timed.
    pub timed: Timed,
    /// Its times within the span.
    pub stats: Stats,
    /// Runs an hour within the span, counted from the first of them; `None`: too few, or within too short a time.
    pub per_hour: Option<f64>,
    /// The newest against those before; `None`: too few runs.
    pub comparison: Option<Comparison>,
}

/// Runs that ended within one part of the span; seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bucket {
    /// Where it begins.
    pub at: Millis,
    /// Runs.
    pub n: u64,
    /// Mean.
    pub mean: f64,
    /// Shortest.
    pub min: f64,
    /// Longest.
    pub max: f64,
}

/// Times over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chart {
    /// Left end.
    pub from: Millis,
    /// Right end.
    pub to: Millis,
    /// Length of a bucket, milliseconds.
    pub bucket_ms: i64,
    /// Those with runs, oldest first.
    pub buckets: Vec<Bucket>,
}

/// How often which time occurs: equal classes from `from_s` to `to_s`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// Lower end of the first class, seconds.
    pub from_s: f64,
    /// Upper end of the last class, seconds.
    pub to_s: f64,
    /// Runs in each class.
    pub counts: Vec<u64>,
}

/// What the table's highlighted line looks like in detail.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chosen {
    /// What is timed.
    pub timed: Timed,
    /// Over time.
    pub chart: Chart,
    /// Distribution within the span.
    pub histogram: Histogram,
}

/// The run history, reduced.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// How far back it looks.
    pub span: Span,
    /// One line for each thing that is timed.
    pub rows: Vec<Summary>,
    /// The one asked for by [`crate::HistoryQuery::chosen`].
    pub chosen: Option<Chosen>,
    /// How many runs were looked at.
    pub runs: Total,
    /// How a regression is decided, as a sentence.
    pub rule: String,
}
