//! By what lists can be sorted. The store pages in its own orders only: a list of tasks is sorted page by page, and the
//! screen says so.

use std::cmp::Ordering;

use crate::snapshot::{AuditRow, Row, Summary, Tab, TaskState, Worker};

/// One way to sort rows.
#[derive(Debug, Clone, Copy)]
pub struct Order<R> {
    /// Title of the column.
    pub title: &'static str,
    /// Smallest first.
    pub compare: fn(&R, &R) -> Ordering,
}

const fn by<R>(title: &'static str, compare: fn(&R, &R) -> Ordering) -> Order<R> {
    Order { title, compare }
}

const ID: Order<Row> = by("ID", |a, b| a.id.cmp(&b.id));
const STATE: Order<Row> = by("STATE", |a, b| a.state.cmp(&b.state));
const USE_CASE: Order<Row> = by("USE CASE", |a, b| a.use_case.cmp(&b.use_case));
const USER: Order<Row> = by("USER", |a, b| a.uid_tag.cmp(&b.uid_tag));
const WAITS: Order<Row> = by("WAITS", |a, b| b.created.cmp(&a.created));
const PRIORITY: Order<Row> = by("PRIORITY", |a, b| a.priority.cmp(&b.priority));
const ATTEMPTS: Order<Row> = by("ATTEMPTS", |a, b| a.attempt.cmp(&b.attempt));
const INPUT: Order<Row> = by("INPUT", |a, b| a.input_bytes.cmp(&b.input_bytes));
const RESULT: Order<Row> = by("RESULT", |a, b| a.result_bytes.cmp(&b.result_bytes));
const RECEIVED: Order<Row> = by("RECEIVED", |a, b| a.received.cmp(&b.received));
const PROGRESS: Order<Row> =
    by("PROGRESS", |a, b| a.progress.unwrap_or_default().total_cmp(&b.progress.unwrap_or_default()));
const RUNS: Order<Row> = by("RUNS", |a, b| b.started.cmp(&a.started));
const WORKER: Order<Row> = by("WORKER", |a, b| a.worker_short.cmp(&b.worker_short));
const DEVICE: Order<Row> = by("DEVICE", |a, b| a.device.cmp(&b.device));
const WAITED: Order<Row> = by("WAITED", |a, b| a.waited().cmp(&b.waited()));
const TOOK: Order<Row> = by("TOOK", |a, b| a.ran().cmp(&b.ran()));
const ENDED: Order<Row> = by("ENDED", |a, b| a.finished.cmp(&b.finished));
const EXPIRES: Order<Row> = by("EXPIRES", |a, b| a.expires.cmp(&b.expires));
const ERROR: Order<Row> = by("ERROR", |a, b| a.failure.cmp(&b.failure));
const AT: Order<Row> = by("AT", |a, b| entered(a).cmp(&entered(b)));

/// When it came to be in its state.
pub fn entered(row: &Row) -> Option<crate::clock::Millis> {
    match row.state {
        TaskState::Queued => Some(row.created),
        TaskState::Started => row.started,
        TaskState::Completed => row.fetched.or(row.finished),
        _ => row.finished,
    }
}

/// The orders of a list of tasks; the titles are those of its columns.
pub const fn tasks(tab: Tab) -> &'static [Order<Row>] {
    match tab {
        Tab::All => const { &[STATE, ID, USE_CASE, USER, AT, WORKER, DEVICE, ATTEMPTS] },
        Tab::Queued => const { &[ID, USE_CASE, USER, WAITS, PRIORITY, RECEIVED, ATTEMPTS, INPUT] },
        Tab::Started => const { &[ID, USE_CASE, USER, PROGRESS, RUNS, WORKER, DEVICE, ATTEMPTS] },
        Tab::Finished => const { &[STATE, ID, USE_CASE, USER, WAITED, TOOK, ENDED, DEVICE, RESULT, EXPIRES] },
        Tab::Failed => const { &[ID, USE_CASE, USER, ENDED, TOOK, ATTEMPTS, ERROR] },
        Tab::Revoked => const { &[ID, USE_CASE, USER, ENDED, RECEIVED, WORKER, EXPIRES] },
    }
}

/// The orders of the workers of a node.
pub const WORKERS: &[Order<Worker>] = &[
    by("NAME", |a, b| a.short.cmp(&b.short)),
    by("DEVICE", |a, b| a.device.cmp(&b.device)),
    by("DONE", |a, b| a.done.cmp(&b.done)),
    by("FAILED", |a, b| a.failed.cmp(&b.failed)),
    by("MEAN", |a, b| a.mean_s.unwrap_or_default().total_cmp(&b.mean_s.unwrap_or_default())),
    by("HEARD", |a, b| b.heartbeat.cmp(&a.heartbeat)),
];

/// The orders of the run history.
pub const HISTORY: &[Order<Summary>] = &[
    by("N", |a, b| a.stats.n.cmp(&b.stats.n)),
    by("MEAN", |a, b| a.stats.mean.total_cmp(&b.stats.mean)),
    by("P50", |a, b| a.stats.p50.total_cmp(&b.stats.p50)),
    by("P95", |a, b| a.stats.p95.total_cmp(&b.stats.p95)),
    by("P99", |a, b| a.stats.p99.total_cmp(&b.stats.p99)),
    by("NEWEST", |a, b| ratio(a).total_cmp(&ratio(b))),
];

fn ratio(summary: &Summary) -> f64 {
    summary.comparison.map_or(0.0, |comparison| comparison.ratio)
}

/// The orders of the audit log.
pub const AUDIT: &[Order<AuditRow>] = &[
    by("WHO", |a, b| a.actor.cmp(&b.actor)),
    by("ACTION", |a, b| a.action.cmp(&b.action)),
    by("OBJECT", |a, b| a.object.cmp(&b.object)),
    by("RESULT", |a, b| a.result.cmp(&b.result)),
];
