//! How long something took, many times.

use std::time::Duration;

use serde::Serialize;

use crate::monitor::history::quantile;

/// All times, in seconds: a run has so few that none needs to be rounded into a bucket.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Latencies(Vec<f64>);

/// Times reduced, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(missing_docs, reason = "their names say it")]
pub struct Percentiles {
    pub n: u64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub max: f64,
}

impl Latencies {
    /// One more.
    pub fn add(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64());
    }

    /// `None` of none.
    pub fn percentiles(&self) -> Option<Percentiles> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let [p50, p90, p99] = [0.5, 0.9, 0.99].map(|share| quantile(&sorted, share));
        Some(Percentiles { n: sorted.len() as u64, p50, p90, p99, max: *sorted.last()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_sorted_times() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.percentiles(), None);
        for millis in (0..=100).rev() {
            latencies.add(Duration::from_millis(millis));
        }
        let percentiles = latencies.percentiles().unwrap();
        assert_eq!((percentiles.n, percentiles.max), (101, 0.1));
        for (found, expected) in [(percentiles.p50, 0.05), (percentiles.p90, 0.09), (percentiles.p99, 0.099)] {
            assert!((found - expected).abs() < 1e-9, "{percentiles:?}");
        }
    }
}
