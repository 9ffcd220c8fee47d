//! What the screens besides the tasks show: run history, log lines, audit log.

use std::sync::Arc;

use cipherdeck_ui::{
    HistoryQuery, LogQuery,
    snapshot::{AuditPage, AuditRow, History, Logs, Total},
};

use super::{
    Host, load,
    shown::{audit, history, logs},
};
use crate::{
    monitor::history::Series,
    store::{AuditFilter, Result, RunFilter, StoreError},
};

/// Runs that are looked at, the newest ones.
const RUNS: usize = 200_000;
/// Pages of the audit log that are looked at for one page of what matches.
const PAGES: usize = 50;

/// What to read.
#[derive(Debug, Clone)]
pub(super) enum Request {
    /// With the runs that were read before, unless they have become stale.
    History(HistoryQuery, Option<Arc<Series>>),
    Logs(LogQuery),
    Audit(AuditPlace),
}

/// What was read.
#[derive(Debug)]
pub(super) enum Answer {
    History(Arc<Series>, History),
    Logs(Logs),
    /// The page, and where the next one begins.
    Audit(AuditPage, Option<AuditStart>),
}

/// Where a page of the audit log begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AuditStart {
    cursor: Option<String>,
    /// Matching rows behind the cursor that belong to the page before.
    skip: usize,
    pub(super) before: u64,
}

/// A page of the audit log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AuditPlace {
    pub(super) text: String,
    pub(super) start: AuditStart,
    pub(super) limit: usize,
}

pub(super) async fn read(host: &Host, request: Request) -> Result<Answer> {
    match request {
        Request::History(query, series) => {
            let (series, history) = read_history(host, query, series).await?;
            Ok(Answer::History(series, history))
        }
        Request::Logs(query) => {
            let (ring, query) = (host.logs.clone(), logs::query(&query));
            let window = in_background(move || ring.window(&query)).await?;
            Ok(Answer::Logs(logs::window(&window)))
        }
        Request::Audit(place) => {
            let (page, next) = load::patiently(read_audit(host, &place)).await?;
            Ok(Answer::Audit(page, next))
        }
    }
}

async fn read_history(host: &Host, query: HistoryQuery, known: Option<Arc<Series>>) -> Result<(Arc<Series>, History)> {
    let now = host.clock.now();
    let rows = match known {
        Some(series) => Ok(series),
        None => Err(host.store.runs(RunFilter { limit: RUNS, ..RunFilter::default() }).await?),
    };
    in_background(move || {
        let series = rows.unwrap_or_else(|runs| Arc::new(Series::of(&runs)));
        let history = history::history(&series, &query, now, series.runs < RUNS as u64);
        (series, history)
    })
    .await
}

async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// Walks the log until the page is full of rows that match.
async fn read_audit(host: &Host, place: &AuditPlace) -> Result<(AuditPage, Option<AuditStart>)> {
    let (text, limit) = (place.text.to_lowercase(), place.limit.clamp(1, 1_000));
    let mut at = place.start.clone();
    let mut rows: Vec<AuditRow> = Vec::new();
    for _ in 0..PAGES {
        let page = host.desk.audited(AuditFilter::default(), at.cursor.clone(), limit).await?;
        let matching = page.rows.iter().map(audit::row).filter(|row| audit::contains(row, &text));
        for (skip, row) in matching.enumerate().skip(at.skip) {
            if rows.len() == limit {
                let next = AuditStart { cursor: at.cursor, skip, before: place.start.before + limit as u64 };
                return Ok((shown(place, rows, false), Some(next)));
            }
            rows.push(row);
        }
        match page.cursor {
            Some(cursor) => at = AuditStart { cursor: Some(cursor), skip: 0, before: at.before },
            None => return Ok((shown(place, rows, true), None)),
        }
    }
    // So far nothing was found: the next page goes on from here.
    let next = AuditStart { before: place.start.before + rows.len() as u64, ..at };
    Ok((shown(place, rows, false), Some(next)))
}

fn shown(place: &AuditPlace, rows: Vec<AuditRow>, complete: bool) -> AuditPage {
    let listed = place.start.before + rows.len() as u64;
    let total = if complete { Total::Exactly(listed) } else { Total::AtLeast(listed) };
    AuditPage { rows, before: place.start.before, more: !complete, total }
}
