//! How long, how much.

use std::{env, path::PathBuf, str::FromStr, time::Duration};

use crate::support::process::PROGRAM;

/// A result is kept so long after its task has ended.
pub(super) const RESULT_TTL: Duration = Duration::from_secs(6);
/// A uid is kept so long after its last use: the least that can be set.
pub(super) const KEY_TTL: Duration = Duration::from_secs(60);
/// Longer than a sweep takes to come by.
pub(super) const SWEEP: Duration = Duration::from_secs(3);

/// One run.
pub(super) struct Plan {
    /// So long everybody is busy.
    pub(super) churn: Duration,
    /// Cores that the server may use on average.
    pub(super) load: f64,
    /// Where the samples go.
    pub(super) csv: Option<PathBuf>,
    /// The program under test.
    pub(super) program: PathBuf,
}

impl Plan {
    pub(super) fn from_environment() -> Self {
        Self {
            churn: Duration::from_secs(number("CIPHERDECK_SOAK_SECONDS").unwrap_or(80)),
            load: number("CIPHERDECK_SOAK_LOAD").unwrap_or(0.5),
            csv: env::var_os("CIPHERDECK_SOAK_CSV").filter(|path| !path.is_empty()).map(PathBuf::from),
            program: env::var_os("CIPHERDECK_SOAK_PROGRAM").map_or_else(|| PathBuf::from(PROGRAM), PathBuf::from),
        }
    }

    /// Between two samples: several hundred in all, at most one in two seconds.
    pub(super) fn every(&self) -> Duration {
        (self.churn / 400).clamp(Duration::from_millis(200), Duration::from_secs(2))
    }
}

fn number<T: FromStr>(name: &str) -> Option<T> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}
