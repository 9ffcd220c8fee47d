//! Everything a session reads from the store at once.

use std::time::Duration;

use cipherdeck_ui::{
    Row, TaskState,
    snapshot::{Counts, Oldest, Page, Total},
};

use super::{
    flow::Flow,
    pager::{self, Place, Start},
    rows,
};
use crate::{
    store::{ListFilter, ListOrder, Result, StateFilter, Store, StoreError},
    task::{Status, Task, TaskId, Timestamp},
};

/// A store that does not answer for so long is unreachable.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many tasks at the head of the queue are looked at for the longest wait.
const HEAD: usize = 50;
/// Ended tasks that are counted into the flow when a session begins, in pages of 200.
const PAGES: usize = 5;

/// What was read.
#[derive(Debug)]
pub(super) struct View {
    pub(super) page: Page,
    pub(super) next: Option<Start>,
    pub(super) counts: Counts,
    pub(super) oldest: Option<Oldest>,
    pub(super) paused: Vec<String>,
    pub(super) watched: Option<Row>,
}

/// Reads a view.
pub(super) async fn view(store: &dyn Store, place: &Place, watched: Option<TaskId>) -> Result<View> {
    patiently(async {
        let counts = rows::counts(&store.counts().await?);
        let loaded = pager::load(store, place).await?;
        let rows = shown(store, &loaded.tasks, place.filter.is_empty()).await?;
        let listed = place.start.before + rows.len() as u64;
        let total = match (place.filter.is_empty(), loaded.complete) {
            (true, _) => Total::Exactly(place.tab.count(&counts).max(listed)),
            (false, true) => Total::Exactly(listed),
            (false, false) => Total::AtLeast(listed),
        };
        let watched = match watched {
            Some(id) => watched_row(store, id).await?,
            None => None,
        };
        let page = Page { tab: place.tab, before: place.start.before, more: loaded.next.is_some(), rows, total };
        let oldest = if counts.queued > 0 { oldest(store, counts.queued).await? } else { None };
        Ok(View { page, next: loaded.next, counts, oldest, paused: store.paused().await?, watched })
    })
    .await
}

/// What ended lately, for the rate at the start and after events were missed.
pub(super) async fn flow(store: &dyn Store, now: Timestamp) -> Result<Flow> {
    patiently(async {
        let (mut flow, mut cursor, horizon) = (Flow::default(), None, Flow::horizon(now));
        for _ in 0..PAGES {
            let filter = ListFilter { state: StateFilter::Terminal, ..ListFilter::default() };
            let page = store.list(ListOrder::Finished, filter, cursor, 200).await?;
            for task in &page.tasks {
                match task.finished {
                    Some(at) if at >= horizon && task.status != Status::Revoked => {
                        flow.record(at, task.status == Status::Failure);
                    }
                    Some(at) if at < horizon => return Ok(flow),
                    _ => {}
                }
            }
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
        Ok(flow)
    })
    .await
}

async fn patiently<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let late = |_| StoreError::Unavailable(format!("no answer within {} s", PATIENCE.as_secs()));
    tokio::time::timeout(PATIENCE, work).await.map_err(late)?
}

/// Rows with their places in the queue. Without a filter the queued tasks of a page follow each other, so that one
/// place gives all.
async fn shown(store: &dyn Store, tasks: &[Task], contiguous: bool) -> Result<Vec<Row>> {
    let mut rows = Vec::with_capacity(tasks.len());
    let mut last = None;
    for task in tasks {
        let place = match (task.status, last) {
            (Status::Queued, Some(place)) if contiguous => Some(place + 1),
            (Status::Queued, _) => store.position(task.id).await?.map(|position| position.place),
            _ => None,
        };
        last = place;
        rows.push(rows::row(task, place));
    }
    Ok(rows)
}

async fn watched_row(store: &dyn Store, id: TaskId) -> Result<Option<Row>> {
    let Some(task) = store.task(id).await? else { return Ok(None) };
    let position = store.position(id).await?.map(|position| position.place);
    let mut row = rows::row(&task, position);
    if row.state != TaskState::Queued {
        row.position = None;
    }
    Ok(Some(row))
}

/// The longest wait, as far as the head of the queue shows it.
async fn oldest(store: &dyn Store, queued: u64) -> Result<Option<Oldest>> {
    let filter = ListFilter { state: StateFilter::One(Status::Queued), ..ListFilter::default() };
    let head = store.list(ListOrder::Position, filter, None, HEAD).await?;
    let since = head.tasks.iter().map(|task| task.created.millis()).min();
    Ok(since.map(|since| Oldest { since, at_least: queued > HEAD as u64 }))
}
