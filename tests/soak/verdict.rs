//! Is it flat? What grows is found by two robust measures, which a single burst does not move: the medians of the second
//! and the last quarter of the time, and the slope of the second half (Theil-Sen: the median of the slopes between all
//! pairs of samples).
//!
//! | | last quarter | slope |
//! |---|---|---|
//! | memory | at most 1.1 times the second quarter | below 1 MiB a minute, or 5 % of its median in the half, if that is more |
//! | descriptors, threads | at most 3 more | |
//! | store | at most 1.1 times and 1 MiB more | |
//!
//! At rest, when everything has expired, there must be no blob, and no more descriptors and threads than before the churn, but
//! for the same few.

use std::fmt;

use super::vitals::Sample;

const MIB: f64 = 1_048_576.0;
/// A few more, of whatever is under way.
const FEW: f64 = 3.0;
/// The store's four readers open two files each when they are first needed, and keep them.
const READERS: f64 = 8.0;
/// Threads for blocking work live on for ten seconds after their last use, so that their number varies by so many.
const POOL: f64 = 8.0;

/// What became of one measure.
struct Row {
    what: &'static str,
    unit: f64,
    at_rest: f64,
    second: f64,
    last: f64,
    most: f64,
    /// A minute.
    slope: f64,
    end: f64,
    /// What is wrong with it.
    wrong: Option<String>,
}

/// What became of everything.
pub(super) struct Table(Vec<Row>);

impl Table {
    /// `samples` of the churn, and what there was before and after it at rest.
    pub(super) fn of(samples: &[Sample], at_rest: &Sample, end: &Sample) -> Self {
        assert!(samples.len() >= 40, "{} samples are too few", samples.len());
        let row = |what, unit: f64, of: fn(&Sample) -> u64| {
            let points: Vec<(f64, f64)> = samples.iter().map(|sample| (sample.at, of(sample) as f64 / unit)).collect();
            let quarter = points.len() / 4;
            Row {
                what,
                unit,
                at_rest: of(at_rest) as f64 / unit,
                second: median(values(&points[quarter..2 * quarter])),
                last: median(values(&points[3 * quarter..])),
                most: values(&points).into_iter().fold(0.0, f64::max),
                slope: 60.0 * slope(&points[2 * quarter..]),
                end: of(end) as f64 / unit,
                wrong: None,
            }
        };
        let half = (samples[samples.len() - 1].at - samples[samples.len() / 2].at) / 60.0;
        let mut rows = vec![
            row("memory, MiB", MIB, |sample| sample.memory),
            row("descriptors", 1.0, |sample| sample.descriptors),
            row("threads", 1.0, |sample| sample.threads),
            row("blobs", 1.0, |sample| sample.blobs),
            row("blobs, MiB", MIB, |sample| sample.blob_bytes),
            row("store, MiB", MIB, |sample| sample.store_bytes),
        ];
        let [memory, descriptors, threads, blobs, blob_bytes, store] = rows.as_mut_slice() else { unreachable!() };
        memory.at_most(1.1 * memory.second);
        memory.no_steeper_than((1.0_f64).max(0.05 * memory.last / half));
        descriptors.at_most(descriptors.second + FEW);
        descriptors.rests_at(descriptors.at_rest + READERS);
        threads.at_most(threads.second + POOL);
        threads.rests_at(threads.second + POOL);
        for row in [blobs, blob_bytes] {
            row.rests_at(0.0);
        }
        store.at_most(1.1 * store.second + 1.0);
        Self(rows)
    }

    pub(super) fn assert_flat(&self) {
        let wrong: Vec<String> =
            self.0.iter().filter_map(|row| Some(format!("{}: {}", row.what, row.wrong.as_ref()?))).collect();
        assert!(wrong.is_empty(), "{wrong:#?}\n{self}");
    }
}

impl Row {
    fn at_most(&mut self, bound: f64) {
        if self.last > bound {
            self.wrong = Some(format!("the last quarter has {:.1}, more than {bound:.1}", self.last));
        }
    }

    fn no_steeper_than(&mut self, bound: f64) {
        if self.slope > bound {
            self.wrong = Some(format!("it grows by {:.2} a minute, more than {bound:.2}", self.slope));
        }
    }

    fn rests_at(&mut self, bound: f64) {
        if self.end > bound {
            self.wrong = Some(format!("at rest there are {:.1}, more than {bound:.1}", self.end));
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = ["before", "2nd quarter", "last quarter", "most", "a minute", "after"];
        write!(f, "{:12}", "")?;
        heads.iter().try_for_each(|head| write!(f, "{head:>13}"))?;
        for Row { what, unit, at_rest, second, last, most, slope, end, wrong } in &self.0 {
            let digits = usize::from(*unit > 1.0);
            write!(f, "\n{what:12}{at_rest:13.digits$}{second:13.digits$}{last:13.digits$}{most:13.digits$}")?;
            write!(f, "{slope:13.2}{end:13.digits$}")?;
            write!(f, "   {}", wrong.as_deref().unwrap_or("flat"))?;
        }
        Ok(())
    }
}

fn values(points: &[(f64, f64)]) -> Vec<f64> {
    points.iter().map(|point| point.1).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Theil and Sen's: the median of the slopes between all pairs.
fn slope(points: &[(f64, f64)]) -> f64 {
    let pairs = points.iter().enumerate().flat_map(|(index, a)| points[index + 1..].iter().map(move |b| (a, b)));
    median(pairs.filter(|(a, b)| b.0 > a.0).map(|(a, b)| (b.1 - a.1) / (b.0 - a.0)).collect())
}

/// An hour, a sample every two seconds: memory as it is with keys coming and going, and whatever `grow` adds by then.
#[cfg(test)]
fn hour(grow: impl Fn(f64, &mut Sample)) -> Vec<Sample> {
    let sample = |n: u64| {
        let mut sample = Sample {
            at: 2.0 * n as f64,
            memory: (250 + (n * 7_919) % 97) << 20,
            descriptors: 40 + n % 3,
            threads: 20,
            ..Sample::default()
        };
        if n.is_multiple_of(50) {
            sample.memory += 500 << 20;
            sample.descriptors += 200;
        }
        grow(sample.at, &mut sample);
        sample
    };
    (0..1_800).map(sample).collect()
}

#[test]
fn what_goes_up_and_down_is_flat_and_what_grows_is_found() {
    let rest = Sample { descriptors: 38, threads: 20, ..Sample::default() };
    let wrong = |samples: &[Sample], end: &Sample| {
        Table::of(samples, &rest, end)
            .0
            .iter()
            .filter(|row| row.wrong.is_some())
            .map(|row| row.what)
            .collect::<Vec<_>>()
    };
    assert_eq!(wrong(&hour(|_, _| ()), &rest), [""; 0]);
    let leak = |bytes_a_second: f64| hour(move |at, sample| sample.memory += (at * bytes_a_second) as u64);
    assert_eq!(wrong(&leak(30_000.0), &rest), ["memory, MiB"], "1.7 MiB a minute");
    assert_eq!(wrong(&leak(5_000.0), &rest), [""; 0], "a history that fills, 18 MiB in the hour, is no leak");
    // A level that is reached and kept is none either; one that is reached at every key is.
    assert_eq!(wrong(&hour(|at, sample| sample.memory += u64::from(at > 600.0) << 27), &rest), [""; 0]);
    let per_minute = hour(|at, sample| sample.descriptors += (at / 60.0) as u64);
    assert_eq!(wrong(&per_minute, &rest), ["descriptors"]);
    assert_eq!(wrong(&hour(|at, sample| sample.threads += (at / 180.0) as u64), &rest), ["threads"]);
    assert_eq!(wrong(&hour(|at, sample| sample.store_bytes += (at * 5_000.0) as u64), &rest), ["store, MiB"]);
    let left = Sample { blobs: 1, blob_bytes: 100, descriptors: 60, ..rest };
    assert_eq!(wrong(&hour(|_, _| ()), &left), ["descriptors", "blobs", "blobs, MiB"]);
}

#[test]
fn one_burst_does_not_move_the_slope() {
    let line = |n: u32| (f64::from(n), 2.0 * f64::from(n) + if n.is_multiple_of(9) { 1_000.0 } else { 0.0 });
    assert!((slope(&(0..100).map(line).collect::<Vec<_>>()) - 2.0).abs() < 0.5);
}
