//! The run history, reduced to what one screen shows.

use cipherdeck_ui::{
    HistoryQuery,
    snapshot::{Bucket, Chart, Chosen, Comparison, Histogram, History, Measure, Stats, Summary, Timed, Total, Verdict},
};

use crate::{
    monitor::history::{self, RULE, Sample, Series},
    task::Timestamp,
};

/// Most buckets and classes that anybody can see.
const MOST: usize = 1_000;

/// What the query asks for, at `now`. `complete`: every run that is kept was looked at.
pub(in crate::console) fn history(series: &Series, query: &HistoryQuery, now: Timestamp, complete: bool) -> History {
    let since = query.span.millis().map(|span| Timestamp::from_millis(now.millis().saturating_sub(span)));
    let mut rows = Vec::new();
    let mut chosen = None;
    let mut runs = 0;
    for (timed, samples) in &series.times {
        let within = history::within(samples, since);
        let Some(stats) = history::Stats::of(within.iter().map(|sample| sample.seconds)) else { continue };
        let shown = shown(timed);
        if shown.measure == Measure::Server {
            runs += stats.n;
        }
        if chosen.is_none() && query.chosen.as_ref().is_none_or(|wanted| *wanted == shown) {
            chosen = Some(detail(shown.clone(), within, since, now, query));
        }
        let times: Vec<f64> = samples.iter().map(|sample| sample.seconds).collect();
        rows.push(Summary {
            timed: shown,
            stats: figures(&stats),
            per_hour: history::per_hour(within, now),
            comparison: history::compare(&times).map(comparison),
        });
    }
    let runs = if complete { Total::Exactly(runs) } else { Total::AtLeast(runs) };
    History { span: query.span, rows, chosen, runs, rule: RULE.to_owned() }
}

fn detail(timed: Timed, within: &[Sample], since: Option<Timestamp>, now: Timestamp, query: &HistoryQuery) -> Chosen {
    let from = since.or_else(|| within.first().map(|sample| sample.at)).unwrap_or(now);
    let last = within.last().map_or(now, |sample| sample.at);
    let chart = history::chart(within, from, now.max(last), query.buckets.clamp(1, MOST));
    let histogram = history::histogram(within, query.classes.clamp(1, MOST));
    Chosen {
        timed,
        chart: Chart {
            from: chart.from.millis(),
            to: chart.to.millis(),
            bucket_ms: chart.bucket_ms,
            buckets: chart.buckets.iter().map(bucket).collect(),
        },
        histogram: Histogram { from_s: histogram.from_s, to_s: histogram.to_s, counts: histogram.counts },
    }
}

fn shown(timed: &history::Timed) -> Timed {
    let measure = match timed.measure {
        history::Measure::Server => Measure::Server,
        history::Measure::EndToEnd => Measure::EndToEnd,
    };
    Timed { use_case: timed.use_case.clone(), device: timed.device.clone(), measure }
}

const fn figures(stats: &history::Stats) -> Stats {
    let history::Stats { n, mean, std, min, max, p50, p95, p99 } = *stats;
    Stats { n, mean, std, min, max, p50, p95, p99 }
}

const fn bucket(bucket: &history::Bucket) -> Bucket {
    let history::Bucket { at, n, mean, min, max } = *bucket;
    Bucket { at: at.millis(), n, mean, min, max }
}

const fn comparison(comparison: history::Comparison) -> Comparison {
    let verdict = match comparison.verdict {
        history::Verdict::Faster => Verdict::Faster,
        history::Verdict::Same => Verdict::Same,
        history::Verdict::Slower => Verdict::Slower,
    };
    let history::Comparison { newest, before, ratio, .. } = comparison;
    Comparison { newest, before, ratio, verdict }
}

#[cfg(test)]
mod tests {
    use cipherdeck_ui::snapshot::Span;

    use super::*;
    use crate::task::{Run, RunOrigin, TaskId};

    fn run(use_case: &str, second: i64, server_s: f64, end_to_end_s: Option<f64>) -> Run {
        Run {
            task: TaskId::random(),
            origin: RunOrigin::Task,
            use_case: use_case.to_owned(),
            device: "cpu".to_owned(),
            finished: Timestamp::from_millis(second * 1_000),
            upload_s: 0.0,
            queue_s: 0.0,
            server_s,
            end_to_end_s,
            bootstraps: 0,
        }
    }

    fn query(span: Span, chosen: Option<Timed>) -> HistoryQuery {
        HistoryQuery { span, chosen, buckets: 10, classes: 4 }
    }

    #[test]
    fn figures_are_of_the_span_and_the_comparison_of_everything_kept() {
        let mut runs: Vec<Run> = (0..30).map(|n| run("a", n, 1.0, Some(2.0))).collect();
        runs.extend((0..12).map(|n| run("a", 90_000 + n, 4.0, None)));
        let (series, now) = (Series::of(&runs), Timestamp::from_millis(90_012_000));
        let shown = history(&series, &query(Span::Hour, None), now, true);
        assert_eq!((shown.rows.len(), shown.runs), (1, Total::Exactly(12)), "nothing was fetched within the hour");
        let row = &shown.rows[0];
        assert_eq!((row.stats.n, row.stats.mean, row.timed.measure), (12, 4.0, Measure::Server));
        let comparison = row.comparison.unwrap();
        assert_eq!((comparison.newest, comparison.before, comparison.verdict), (20, 22, Verdict::Slower));
        let all = history(&series, &query(Span::All, None), now, false);
        assert_eq!((all.rows.len(), all.runs), (2, Total::AtLeast(42)));
        assert_eq!(all.chosen.unwrap().chart.from, 0);
    }

    #[test]
    fn the_chosen_line_is_shown_in_detail_else_the_first() {
        let runs = [run("a", 1, 1.0, None), run("b", 1, 3.0, Some(5.0))];
        let (series, now) = (Series::of(&runs), Timestamp::from_millis(2_000));
        let timed = Timed { use_case: "b".to_owned(), device: "cpu".to_owned(), measure: Measure::EndToEnd };
        let chosen = history(&series, &query(Span::Day, Some(timed.clone())), now, true).chosen.unwrap();
        assert_eq!((chosen.timed, chosen.histogram.from_s), (timed, 5.0));
        let first = history(&series, &query(Span::Day, None), now, true).chosen.unwrap();
        assert_eq!((first.timed.use_case.as_str(), first.histogram.counts.iter().sum::<u64>()), ("a", 1));
    }
}
