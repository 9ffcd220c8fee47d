//! Everything a session reads from the store at once.

use std::{collections::BTreeSet, time::Duration};

use cipherdeck_ui::{
    Row, TaskState,
    snapshot::{Attempt, Counts, Detail, Oldest, Page, Queue, Total},
};

use super::{
    Host,
    flow::Flow,
    pager::{self, Place, Start},
    shown::{logs, rows},
};
use crate::{
    monitor::logs::{From, Query},
    store::{ListFilter, ListOrder, Node, Result, StateFilter, Store, StoreError},
    task::{Status, Task, TaskId, Timestamp},
};

/// A store that does not answer for so long is unreachable.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many tasks at the head of the queue are looked at for the longest wait.
const HEAD: usize = 50;
/// Ended tasks that are counted into the flow when a session begins, in pages of 200.
const PAGES: usize = 5;
/// Log lines of the task in the details pane.
const LINES: usize = 50;

/// What is to be read: what every screen shows, and what is asked for here.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// A page of tasks.
    pub(super) page: Option<Place>,
    /// The task in the details pane.
    pub(super) watched: Option<TaskId>,
    /// The queues of these use cases.
    pub(super) queues: Option<Vec<String>>,
}

/// What was read.
#[derive(Debug)]
pub(super) struct View {
    pub(super) page: Option<(Page, Option<Start>)>,
    pub(super) counts: Counts,
    pub(super) oldest: Option<Oldest>,
    pub(super) paused: Vec<String>,
    pub(super) watched: Option<Row>,
    pub(super) detail: Detail,
    pub(super) queues: Vec<Queue>,
    /// Does anybody claim tasks, here or elsewhere?
    pub(super) workers: bool,
}

/// Reads a view.
pub(super) async fn view(host: &Host, wanted: &Wanted) -> Result<View> {
    let store = &*host.store;
    patiently(async {
        let counts = rows::counts(&store.counts().await?);
        let page = match &wanted.page {
            Some(place) => Some(page(store, place, &counts, host.clock.now()).await?),
            None => None,
        };
        let (watched, detail) = match wanted.watched {
            Some(id) => (watched_row(store, id).await?, detail(host, id).await?),
            None => (None, Detail::default()),
        };
        let oldest = if counts.queued > 0 { oldest(store, counts.queued).await? } else { None };
        let paused = store.paused().await?;
        let queues = match &wanted.queues {
            Some(use_cases) => queues(store, use_cases, &paused).await?,
            None => Vec::new(),
        };
        // A process with workers of its own need not ask for others.
        let workers = host.workers > 0 || store.nodes().await?.iter().any(Node::claims);
        Ok(View { page, counts, oldest, paused, watched, detail, queues, workers })
    })
    .await
}

async fn page(store: &dyn Store, place: &Place, counts: &Counts, now: Timestamp) -> Result<(Page, Option<Start>)> {
    let loaded = pager::load(store, place, now).await?;
    let rows = shown(store, &loaded.tasks, place.filter.is_empty()).await?;
    let listed = place.start.before + rows.len() as u64;
    let total = match (place.filter.is_empty(), loaded.complete) {
        (true, _) => Total::Exactly(place.tab.count(counts).max(listed)),
        (false, true) => Total::Exactly(listed),
        (false, false) => Total::AtLeast(listed),
    };
    let page = Page { tab: place.tab, before: place.start.before, more: loaded.next.is_some(), rows, total };
    Ok((page, loaded.next))
}

/// Every use case that can be paused, or is.
async fn queues(store: &dyn Store, use_cases: &[String], paused: &[String]) -> Result<Vec<Queue>> {
    let waiting = store.waiting().await?;
    let names: BTreeSet<&String> = use_cases.iter().chain(paused).chain(waiting.keys()).collect();
    let queue = |name: &&String| Queue {
        use_case: (*name).clone(),
        queued: Some(Total::Exactly(waiting.get(*name).copied().unwrap_or(0))),
        paused: paused.contains(name),
    };
    Ok(names.iter().map(queue).collect())
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
                        flow.read(task.id, at, task.status == Status::Failure);
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

/// Waits for the store, not for ever.
pub(super) async fn patiently<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
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

/// The tries that are known, and the newest log lines of a task. The store keeps the last try only.
async fn detail(host: &Host, id: TaskId) -> Result<Detail> {
    let task = host.store.task(id).await?;
    let (logs, text) = (host.logs.clone(), id.to_string());
    let query = Query { level: tracing::Level::TRACE, text, from: From::Newest, limit: LINES };
    let window = tokio::task::spawn_blocking(move || logs.window(&query)).await.unwrap_or_default();
    Ok(Detail { attempts: task.as_ref().and_then(attempt).into_iter().collect(), log: logs::lines(&window) })
}

fn attempt(task: &Task) -> Option<Attempt> {
    let (worker, started) = (task.worker.as_ref()?, task.started?);
    let outcome = match &task.failure {
        Some(failure) => failure.label.word().to_owned(),
        None if task.status.is_terminal() => task.status.word().to_owned(),
        None => String::new(),
    };
    Some(Attempt {
        number: task.attempt,
        worker: rows::short(&worker.0),
        started: started.millis(),
        ended: task.finished.map(Timestamp::millis),
        outcome,
    })
}

/// The longest wait, as far as the head of the queue shows it.
async fn oldest(store: &dyn Store, queued: u64) -> Result<Option<Oldest>> {
    let filter = ListFilter { state: StateFilter::One(Status::Queued), ..ListFilter::default() };
    let head = store.list(ListOrder::Position, filter, None, HEAD).await?;
    let since = head.tasks.iter().map(|task| task.created.millis()).min();
    Ok(since.map(|since| Oldest { since, at_least: queued > HEAD as u64 }))
}
