//! Times over time, and how often which time occurs.

use super::Sample;
use crate::task::Timestamp;

/// Runs that ended within one part of the span; seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Where it begins.
    pub at: Timestamp,
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
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Left end.
    pub from: Timestamp,
    /// Right end.
    pub to: Timestamp,
    /// Length of a bucket, milliseconds.
    pub bucket_ms: i64,
    /// Those with runs, oldest first.
    pub buckets: Vec<Bucket>,
}

/// Puts the samples from `from` to `to` (oldest first) into `count` buckets of equal length.
pub fn chart(samples: &[Sample], from: Timestamp, to: Timestamp, count: usize) -> Chart {
    let length = to.millis().saturating_sub(from.millis()).max(1);
    let count = i64::try_from(count.max(1)).unwrap_or(i64::MAX);
    // Rounded up, so that the last bucket reaches the end.
    let bucket_ms = length / count + i64::from(length % count != 0);
    let mut buckets: Vec<Bucket> = Vec::new();
    let inside = samples.iter().filter(|sample| (from..=to).contains(&sample.at));
    for Sample { at, seconds } in inside {
        // What ends exactly at the right end belongs to the last bucket.
        let index = ((at.millis() - from.millis()) / bucket_ms).min(count - 1);
        let begin = Timestamp::from_millis(from.millis() + index * bucket_ms);
        match buckets.last_mut().filter(|bucket| bucket.at == begin) {
            Some(bucket) => {
                bucket.n += 1;
                // A sum until the end.
                bucket.mean += seconds;
                bucket.min = bucket.min.min(*seconds);
                bucket.max = bucket.max.max(*seconds);
            }
            None => buckets.push(Bucket { at: begin, n: 1, mean: *seconds, min: *seconds, max: *seconds }),
        }
    }
    for bucket in &mut buckets {
        bucket.mean /= bucket.n as f64;
    }
    Chart { from, to, bucket_ms, buckets }
}

/// Equal classes from the shortest to the longest time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// Lower end of the first class, seconds.
    pub from_s: f64,
    /// Upper end of the last class, seconds.
    pub to_s: f64,
    /// Runs in each class.
    pub counts: Vec<u64>,
}

/// How often which time occurs.
pub fn histogram(samples: &[Sample], classes: usize) -> Histogram {
    let times = || samples.iter().map(|sample| sample.seconds);
    let (from_s, to_s) = (times().fold(f64::INFINITY, f64::min), times().fold(0.0, f64::max));
    if samples.is_empty() || classes == 0 {
        return Histogram::default();
    }
    let mut counts = vec![0; classes];
    for time in times() {
        let share = if to_s > from_s { (time - from_s) / (to_s - from_s) } else { 0.0 };
        let class = ((share * classes as f64) as usize).min(classes - 1);
        if let Some(count) = counts.get_mut(class) {
            *count += 1;
        }
    }
    Histogram { from_s, to_s, counts }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: &[(i64, f64)]) -> Vec<Sample> {
        values.iter().map(|(at, seconds)| Sample { at: Timestamp::from_millis(*at), seconds: *seconds }).collect()
    }

    #[test]
    fn every_run_of_the_span_is_in_exactly_one_bucket() {
        let samples = samples(&[(99, 9.0), (100, 1.0), (109, 3.0), (110, 5.0), (149, 2.0), (150, 4.0), (151, 9.0)]);
        let (from, to) = (Timestamp::from_millis(100), Timestamp::from_millis(150));
        let chart = chart(&samples, from, to, 5);
        let bucket = |at, n, mean, min, max| Bucket { at: Timestamp::from_millis(at), n, mean, min, max };
        let expected =
            vec![bucket(100, 2, 2.0, 1.0, 3.0), bucket(110, 1, 5.0, 5.0, 5.0), bucket(140, 2, 3.0, 2.0, 4.0)];
        assert_eq!(chart, Chart { from, to, bucket_ms: 10, buckets: expected });
    }

    #[test]
    fn strange_spans_are_no_danger() {
        let samples = samples(&[(100, 1.0)]);
        let at = Timestamp::from_millis;
        assert_eq!(chart(&samples, at(100), at(100), 0).buckets.len(), 1);
        assert_eq!(chart(&samples, at(200), at(100), 7).buckets.len(), 0);
        assert_eq!(chart(&samples, at(0), at(101), 60).bucket_ms, 2);
        assert_eq!(chart(&[], at(0), at(i64::MAX), 3).buckets.len(), 0);
    }

    #[test]
    fn a_histogram_counts_every_run_once() {
        let samples = samples(&[(0, 1.0), (0, 1.9), (0, 2.0), (0, 5.0), (0, 4.0)]);
        let expected = Histogram { from_s: 1.0, to_s: 5.0, counts: vec![2, 1, 0, 2] };
        assert_eq!(histogram(&samples, 4), expected);
        assert_eq!(histogram(&samples[..1], 3).counts, [1, 0, 0]);
        assert_eq!(histogram(&[], 3), Histogram::default());
    }
}
