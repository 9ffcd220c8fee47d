//! A sample reduced to a few figures.

/// All but `n` in the sample's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    /// Values.
    pub n: u64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation of the sample (divided by n - 1); 0 for one value.
    pub std: f64,
    /// Least.
    pub min: f64,
    /// Greatest.
    pub max: f64,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
}

impl Stats {
    /// `None` for no values. Percentiles are interpolated between the two nearest values (Hyndman and Fan's type 7).
    pub fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.collect();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let n = sorted.len() as f64;
        let mean = sorted.iter().sum::<f64>() / n;
        let squares = sorted.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        let std = if sorted.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 };
        let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|share| quantile(&sorted, share));
        Some(Self { n: sorted.len() as u64, mean, std, min, max, p50, p95, p99 })
    }

    /// The standard deviation; one value has none.
    pub fn deviation(&self) -> Option<f64> {
        (self.n > 1).then_some(self.std)
    }
}

/// The value below which this share of the sorted values lies; 0 for none.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let at = |index: f64| sorted.get(index as usize).copied().unwrap_or(0.0);
    let (low, high) = (at(place.floor()), at(place.ceil()));
    low + (high - low) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn figures_are_those_that_numpy_gives() {
        // numpy: mean, std(ddof=1), percentile(50, 95, 99) of [2, 4, 4, 4, 5, 5, 7, 9].
        let stats = Stats::of([9.0, 2.0, 4.0, 5.0, 4.0, 7.0, 4.0, 5.0].into_iter()).unwrap();
        assert_eq!((stats.n, stats.min, stats.max), (8, 2.0, 9.0));
        assert!(near(stats.mean, 5.0) && near(stats.std, 2.138_089_935_299_395), "{stats:?}");
        assert!(near(stats.p50, 4.5) && near(stats.p95, 8.3) && near(stats.p99, 8.86), "{stats:?}");
    }

    #[test]
    fn one_value_is_every_figure_and_none_is_none() {
        let stats = Stats::of(std::iter::once(3.0)).unwrap();
        assert_eq!((stats.mean, stats.std, stats.p50, stats.p99), (3.0, 0.0, 3.0, 3.0));
        assert_eq!(Stats::of(std::iter::empty()), None);
    }
}
