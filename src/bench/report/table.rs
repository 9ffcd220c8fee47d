//! Runs reduced to one line for each use case and device, with the columns of the earlier server's table.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{bench::book::Row, monitor::history::Stats};

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Name of the use case.
    pub task: String,
    /// `cpu`, `cuda`.
    pub device: String,
    /// Seconds on the server.
    pub server: Stats,
    /// Seconds from encryption to decryption; `None` if no run has them.
    pub end_to_end: Option<Stats>,
}

/// The newest `last` runs of each use case and device, or all; sorted by name.
pub fn lines(rows: &[Row], last: Option<usize>) -> Vec<Line> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry((&row.use_case, &row.device)).or_default().push(row);
    }
    let line = |((task, device), mut rows): ((&str, &str), Vec<&Row>)| {
        rows.sort_by_key(|row| row.date);
        let rows = rows.split_off(rows.len().saturating_sub(last.unwrap_or(usize::MAX)));
        Some(Line {
            task: task.to_owned(),
            device: device.to_owned(),
            server: Stats::of(rows.iter().map(|row| row.server_s))?,
            end_to_end: Stats::of(rows.iter().filter_map(|row| row.end_to_end_s)),
        })
    };
    groups.into_iter().filter_map(line).collect()
}

const HEADER: &str = "\
Task | Device | Server time (avg ± std) | E2E time (avg ± std) | Server time range (s) | E2E time range (s)
-----|--------|-------------------------|----------------------|-----------------------|-------------------";

/// As Markdown, without an empty line around it.
pub fn markdown(lines: &[Line]) -> String {
    let mut text = HEADER.to_owned();
    for line in lines {
        let (server, range) = cells(&line.server);
        let (end_to_end, whole) = line.end_to_end.as_ref().map(cells).unwrap_or_default();
        // Names of use cases and devices hold no bars, but a file may be anybody's.
        let [task, device] = [&line.task, &line.device].map(|name| name.replace('|', "/"));
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{task} | {device} | {server} | {end_to_end} | {range} | {whole}");
    }
    text
}

/// `0.812 ± 0.010 s` and `0.801 - 0.830`; one run has no deviation.
fn cells(stats: &Stats) -> (String, String) {
    let Stats { mean, min, max, .. } = *stats;
    let places = places(mean);
    let deviation = stats.deviation().map_or_else(String::new, |std| format!(" ± {std:.places$}"));
    (format!("{mean:.places$}{deviation} s"), format!("{min:.places$} - {max:.places$}"))
}

/// `1 run`, `5 runs`.
pub fn runs(count: u64) -> String {
    format!("{count} {}", if count == 1 { "run" } else { "runs" })
}

/// Three figures of what is below ten seconds, hundredths above.
const fn places(seconds: f64) -> usize {
    match seconds {
        ..0.01 => 5,
        ..0.1 => 4,
        ..1.0 => 3,
        _ => 2,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::task::Timestamp;

    pub(in crate::bench::report) fn row(use_case: &str, second: i64, server_s: f64, end_to_end_s: Option<f64>) -> Row {
        Row {
            date: Timestamp::from_millis(second * 1_000),
            env: "dev".to_owned(),
            machine: "m".to_owned(),
            use_case: use_case.to_owned(),
            server_s,
            end_to_end_s,
            device: "cpu".to_owned(),
        }
    }

    #[test]
    fn the_table_has_the_earlier_servers_columns() {
        let mut cuda = row("ad_targeting", 9, 1.13, None);
        "cuda".clone_into(&mut cuda.device);
        let rows = [
            row("weight_stats", 1, 3.52, Some(6.71)),
            row("weight_stats", 2, 3.74, Some(6.88)),
            row("ad_targeting", 1, 0.004_7, Some(0.051_2)),
            cuda,
        ];
        let text = markdown(&lines(&rows, None));
        assert_eq!(
            text.lines().collect::<Vec<_>>(),
            [
                "Task | Device | Server time (avg ± std) | E2E time (avg ± std) | Server time range (s) | E2E time range (s)",
                "-----|--------|-------------------------|----------------------|-----------------------|-------------------",
                "ad_targeting | cpu | 0.00470 s | 0.0512 s | 0.00470 - 0.00470 | 0.0512 - 0.0512",
                "ad_targeting | cuda | 1.13 s |  | 1.13 - 1.13 | ",
                "weight_stats | cpu | 3.63 ± 0.16 s | 6.79 ± 0.12 s | 3.52 - 3.74 | 6.71 - 6.88",
            ]
        );
    }

    #[test]
    fn the_newest_runs_count_in_whatever_order_they_stand() {
        let rows = [row("a", 3, 3.0, None), row("a", 1, 9.0, None), row("a", 2, 1.0, None)];
        let line = &lines(&rows, Some(2))[0];
        assert_eq!((line.server.n, line.server.mean, line.server.max), (2, 2.0, 3.0));
        assert_eq!(lines(&rows, Some(10))[0].server.n, 3);
    }
}
