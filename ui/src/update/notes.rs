//! Texts to read: whole log lines, all figures of a row.

use crate::{
    clock::{date_time, duration},
    snapshot::{AuditRow, LogLine, Node, Summary, Worker},
    state::Note,
    text::{number, seconds},
};

fn note<const N: usize>(title: &str, fields: [(&str, String); N]) -> Note {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Note { title: title.to_owned(), fields, from: 0 }
}

/// A log line in whole.
pub(super) fn line(line: &LogLine, offset_s: i32) -> Note {
    note(
        "Log line",
        [
            ("time", date_time(line.at, offset_s)),
            ("level", line.level.word().to_owned()),
            ("target", line.target.clone()),
            ("text", line.text.clone()),
        ],
    )
}

/// What an operator did.
pub(super) fn act(row: &AuditRow, offset_s: i32) -> Note {
    note(
        "Audit",
        [
            ("time", date_time(row.at, offset_s)),
            ("who", row.actor.clone()),
            ("door", row.door.clone()),
            ("action", row.action.clone()),
            ("object", row.object.clone()),
            ("result", row.result.clone()),
        ],
    )
}

/// All figures of a row of the run history; `rule` says how a regression is decided.
pub(super) fn figures(row: &Summary, rule: &str) -> Note {
    let stats = &row.stats;
    let newest = row.comparison.map_or_else(
        || "too few runs to compare".to_owned(),
        |compared| {
            let (newest, before) = (number(compared.newest), number(compared.before));
            format!("{newest} newest runs take {:.2} times as long as the {before} before", compared.ratio)
        },
    );
    let too_early = || "too few or too new for a rate".to_owned();
    let rate = row.per_hour.map_or_else(too_early, |rate| format!("{rate:.1} an hour"));
    let mut figures = note(
        "Figures",
        [
            ("use case", row.timed.use_case.clone()),
            ("device", row.timed.device.clone()),
            ("time", row.timed.measure.word().to_owned()),
            ("runs", format!("{}, {rate}", number(stats.n))),
            ("mean ± std", format!("{} ± {}", seconds(stats.mean), seconds(stats.std))),
            ("min – max", format!("{} – {}", seconds(stats.min), seconds(stats.max))),
            ("p50", seconds(stats.p50)),
            ("p95", seconds(stats.p95)),
            ("p99", seconds(stats.p99)),
            ("newest", newest),
        ],
    );
    if !rule.is_empty() {
        figures.fields.push(("rule".to_owned(), rule.to_owned()));
    }
    figures
}

/// A worker that has no task.
pub(super) fn worker(worker: &Worker) -> Note {
    let mean = worker.mean_s.map_or_else(|| "no task yet".to_owned(), seconds);
    note(
        "Worker",
        [
            ("name", worker.name.clone()),
            ("node", worker.node.clone()),
            ("device", worker.device.clone()),
            ("state", if worker.draining { "draining, idle" } else { "idle" }.to_owned()),
            ("done", number(worker.done)),
            ("failed", number(worker.failed)),
            ("mean time", mean),
        ],
    )
}

/// A node.
pub(super) fn node(node: &Node, workers: usize, offset_s: i32) -> Note {
    let up = duration(node.heartbeat - node.started);
    note(
        "Node",
        [
            ("name", node.name.clone()),
            ("version", node.version.clone()),
            ("started", format!("{}, {up} before its last heartbeat", date_time(node.started, offset_s))),
            ("heartbeat", date_time(node.heartbeat, offset_s)),
            ("threads", number(node.threads as u64)),
            ("workers", number(workers as u64)),
        ],
    )
}
