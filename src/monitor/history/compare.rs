//! The newest runs against those before them.

use super::stats::quantile;

/// How a regression is decided, for people.
pub const RULE: &str = "slower: the median of the newest 20 runs (10 at least) is more than 15 % above the median of up \
    to 200 runs before them (10 at least), and a one-sided Mann-Whitney rank test agrees with p < 0.001; faster: the \
    same the other way round; runs of every input size count alike";

/// So many are the newest.
const NEWEST: usize = 20;
/// So many before them are looked at.
const BEFORE: usize = 200;
/// Neither side may have fewer.
const LEAST: usize = 10;
/// The medians differ by more than this.
const RATIO: f64 = 1.15;
/// The standard normal distribution exceeds this with probability 0.001.
const Z: f64 = 3.090_232;

/// What a comparison found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Faster than before.
    Faster,
    /// No difference that counts.
    Same,
    /// A regression.
    Slower,
}

/// A comparison by [`RULE`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// How many are the newest.
    pub newest: u64,
    /// How many came before.
    pub before: u64,
    /// Median of the newest by median of those before.
    pub ratio: f64,
    /// What that means.
    pub verdict: Verdict,
}

/// Compares; `times` are oldest first. `None`: too few.
pub fn compare(times: &[f64]) -> Option<Comparison> {
    let newest = NEWEST.min(times.len().checked_sub(LEAST)?);
    if newest < LEAST {
        return None;
    }
    let (rest, newest) = times.split_at_checked(times.len() - newest)?;
    let before = rest.get(rest.len().saturating_sub(BEFORE)..)?;
    let ratio = median(newest) / median(before);
    let z = rank_test(newest, before);
    let verdict = match () {
        () if ratio > RATIO && z > Z => Verdict::Slower,
        () if ratio < 1.0 / RATIO && z < -Z => Verdict::Faster,
        () => Verdict::Same,
    };
    // Two medians of zero are the same time.
    let ratio = if ratio.is_finite() { ratio } else { 1.0 };
    Some(Comparison { newest: newest.len() as u64, before: before.len() as u64, ratio, verdict })
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, 0.5)
}

/// Mann and Whitney's statistic as a standard score, corrected for ties and continuity: positive where `a` is greater.
fn rank_test(a: &[f64], b: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> =
        a.iter().map(|value| (*value, true)).chain(b.iter().map(|value| (*value, false))).collect();
    all.sort_by(|x, y| x.0.total_cmp(&y.0));
    let (n1, n2) = (a.len() as f64, b.len() as f64);
    let n = n1 + n2;
    let (mut rank_sum, mut ties, mut before) = (0.0, 0.0, 0.0);
    for equal in all.chunk_by(|x, y| x.0.total_cmp(&y.0).is_eq()) {
        let count = equal.len() as f64;
        let mean_rank = before + f64::midpoint(count, 1.0);
        rank_sum += mean_rank * equal.iter().filter(|(_, of_a)| *of_a).count() as f64;
        ties += count.powi(3) - count;
        before += count;
    }
    let excess = rank_sum - n1 * (n1 + 1.0) / 2.0 - n1 * n2 / 2.0;
    let variance = n1 * n2 / 12.0 * (n + 1.0 - ties / (n * (n - 1.0)));
    if variance <= 0.0 {
        return 0.0;
    }
    (excess.abs() - 0.5).max(0.0).copysign(excess) / variance.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times around `centre`, spread by a fifth, the same ones in every run of the tests.
    fn times(centre: f64, count: usize) -> Vec<f64> {
        (0..count).map(|index| centre * (0.9 + 0.02 * ((index * 7) % 11) as f64)).collect()
    }

    fn verdict(before: &[f64], newest: &[f64]) -> Option<Verdict> {
        compare(&[before, newest].concat()).map(|comparison| comparison.verdict)
    }

    #[test]
    fn a_clear_difference_is_marked_in_both_directions_and_a_small_one_is_not() {
        let before = times(1.0, 200);
        assert_eq!(verdict(&before, &times(1.3, 20)), Some(Verdict::Slower));
        assert_eq!(verdict(&before, &times(0.7, 20)), Some(Verdict::Faster));
        for small in [1.0, 1.1, 0.95] {
            assert_eq!(verdict(&before, &times(small, 20)), Some(Verdict::Same), "{small}");
        }
    }

    #[test]
    fn a_few_outliers_are_no_regression() {
        let mut newest = times(1.0, 20);
        newest[3] = 60.0;
        newest[11] = 90.0;
        newest[12] = 5.0;
        assert_eq!(verdict(&times(1.0, 100), &newest), Some(Verdict::Same));
    }

    #[test]
    fn a_great_ratio_within_a_wide_scatter_is_no_regression() {
        // Two input sizes: the medians differ by what happened to be asked for.
        let mixed = |long: usize, count: usize| -> Vec<f64> {
            (0..count).map(|index| if index % count < long { 10.0 } else { 1.0 }).collect()
        };
        let comparison = compare(&[mixed(40, 100), mixed(11, 20)].concat()).unwrap();
        assert!(comparison.ratio > RATIO && comparison.verdict == Verdict::Same, "{comparison:?}");
    }

    #[test]
    fn both_sides_need_ten_and_the_newest_are_twenty_at_most() {
        assert_eq!(compare(&times(1.0, 19)), None);
        let sides = |count| compare(&times(1.0, count)).map(|comparison| (comparison.newest, comparison.before));
        assert_eq!(sides(20), Some((10, 10)));
        assert_eq!(sides(29), Some((19, 10)));
        assert_eq!(sides(30), Some((20, 10)));
        assert_eq!(sides(500), Some((20, 200)));
        // The least of each is enough to be sure.
        assert_eq!(verdict(&times(1.0, 10), &times(1.5, 10)), Some(Verdict::Slower));
    }

    #[test]
    fn equal_times_are_the_same_also_when_they_are_zero() {
        for time in [0.0, 2.0] {
            let comparison = compare(&[time; 60]).unwrap();
            assert_eq!((comparison.ratio, comparison.verdict), (1.0, Verdict::Same));
        }
    }

    #[test]
    fn the_rank_test_gives_the_textbook_score() {
        // U = 24 of 25 (only 5 < 6 is out of order), mean 12.5, variance 5*5*11/12; less one half for continuity.
        let z = rank_test(&[5.0, 7.0, 8.0, 9.0, 10.0], &[1.0, 2.0, 3.0, 4.0, 6.0]);
        assert!((z - (24.0 - 12.5 - 0.5) / (275.0_f64 / 12.0).sqrt()).abs() < 1e-12, "{z}");
        let mirrored = rank_test(&[1.0, 2.0, 3.0, 4.0, 6.0], &[5.0, 7.0, 8.0, 9.0, 10.0]);
        assert!((z + mirrored).abs() < 1e-12);
    }
}
