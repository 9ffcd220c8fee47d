//! What is known now, for Prometheus. A scrape reads counters, the head of the queue and the machine: what it costs does
//! not depend on how many tasks wait.

use std::{collections::BTreeMap, fmt, time::Duration};

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use super::{
    auth::Viewer,
    error::{ApiError, ApiResult, ErrorBody},
    state::App,
};
use crate::{
    monitor::metrics::{MEDIA_TYPE, Values, machine::Reading},
    store::{Counts, ListFilter, ListOrder, Node, StateFilter, Store, StoreError},
    task::{Status, Timestamp},
};

/// A store that does not answer within this time is away.
const PATIENCE: Duration = Duration::from_secs(1);

/// The longest wait is looked for among so many tasks at the head of the queue.
const HEAD: usize = 50;

/// The label of a use case that this server does not have.
const OTHER: &str = "other";

/// Metrics in the text format of `OpenMetrics`, which Prometheus reads.
///
/// A server whose store is away answers what it knows, with `cipherdeck_store_up` 0.
#[utoipa::path(get, path = "/metrics", tag = "operators",
    responses(
        (status = 200, description = "The metrics", content_type = "application/openmetrics-text", body = String),
        (status = 403, description = "forbidden: for viewers and operators", body = ErrorBody)))]
pub(super) async fn metrics(State(app): State<App>, _: Viewer) -> ApiResult<Response> {
    let metrics = app.telemetry.metrics.clone();
    let (stored, machine, disk_free) = tokio::join!(
        tokio::time::timeout(PATIENCE, Stored::read(&*app.store)),
        metrics.machine.read(),
        app.disks.free()
    );
    let stored = stored.ok().and_then(Result::ok);
    let known = Known { app, stored, machine: machine.unwrap_or_default(), disk_free };
    let process = known.machine.clone();
    let text = metrics.encode(move |values| known.write(values), move |values| process.write_process(values));
    let text = text.map_err(|_| ApiError::internal("the metrics cannot be written"))?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response())
}

/// What the store says, for all servers that share it.
struct Stored {
    counts: Counts,
    waiting: BTreeMap<String, u64>,
    paused: Vec<String>,
    oldest: Option<Timestamp>,
    nodes: Vec<Node>,
}

impl Stored {
    async fn read(store: &dyn Store) -> Result<Self, StoreError> {
        let filter = ListFilter { state: StateFilter::One(Status::Queued), ..ListFilter::default() };
        let head = store.list(ListOrder::Position, filter, None, HEAD).await?;
        Ok(Self {
            counts: store.counts().await?,
            waiting: store.waiting().await?,
            paused: store.paused().await?,
            oldest: head.tasks.iter().map(|task| task.created).min_by_key(|created| created.millis()),
            nodes: store.nodes().await?,
        })
    }
}

/// What is written for one scrape.
struct Known {
    app: App,
    stored: Option<Stored>,
    machine: Reading,
    /// Bytes.
    disk_free: Option<u64>,
}

impl Known {
    fn write(&self, values: &mut Values<'_>) -> fmt::Result {
        let Self { app, stored, machine, disk_free } = self;
        let version = [([("version", env!("CARGO_PKG_VERSION").to_owned())], 1_u64)];
        values.gauges("build_info", "The program's version.", version)?;
        values.gauge("draining", "Has a drain begun? 0 or 1.", app.draining.is_cancelled())?;
        values.gauge("http_waiting_requests", "Long polls that wait now.", app.watchers.waiting())?;
        let engine = [([("engine", app.store.engine().to_owned())], stored.is_some())];
        values.gauges("store_up", "Did the store answer this scrape? 0 or 1.", engine)?;
        if let Some(stored) = stored {
            self.write_queue(stored, values)?;
            Self::write_workers(&stored.nodes, values)?;
        }
        if let Some(free) = *disk_free {
            values.gauge("disk_free_bytes", "What may still be written to the fullest disk.", free)?;
        }
        values.gauge("disk_floor_bytes", "Below it nothing is taken in.", app.disks.floor())?;
        machine.write_machine(values)
    }

    fn write_queue(&self, stored: &Stored, values: &mut Values<'_>) -> fmt::Result {
        let states = Status::ALL.map(|status| ([("state", status.to_string())], stored.counts.of(status)));
        values.gauges("tasks", "Tasks in each state.", states)?;
        let mut waiting: BTreeMap<&str, u64> = self.app.use_cases.names().into_iter().map(|name| (name, 0)).collect();
        for (name, count) in &stored.waiting {
            let name = waiting.get_key_value(name.as_str()).map_or(OTHER, |(known, _)| known);
            *waiting.entry(name).or_default() += count;
        }
        let rows = waiting.into_iter().map(|(name, count)| ([("use_case", name.to_owned())], count));
        values.gauges("waiting_tasks", "Queued tasks of each use case.", rows)?;
        let waits = stored.oldest.map_or(0.0, |since| self.app.clock.now().since(since).as_secs_f64());
        values.gauge(
            "oldest_wait_seconds",
            "Time since the submission of the oldest task at the head of the queue.",
            waits,
        )?;
        let paused = self.app.use_cases.names().into_iter().map(|name| {
            let paused = stored.paused.iter().any(|paused| paused == name);
            ([("use_case", name.to_owned())], paused)
        });
        values.gauges("paused", "Is claiming of the use case paused? 0 or 1.", paused)
    }

    /// Of all servers together. Whoever has been silent for its lease is lost.
    fn write_workers(nodes: &[Node], values: &mut Values<'_>) -> fmt::Result {
        let mut workers = BTreeMap::from([("idle", 0_u64), ("busy", 0), ("draining", 0), ("lost", 0)]);
        for (node, slot) in nodes.iter().flat_map(|node| node.report.slots.iter().map(move |slot| (node, slot))) {
            let state = match slot {
                _ if !node.lives() => "lost",
                slot if node.draining.contains(&slot.worker) => "draining",
                slot if slot.task.is_some() => "busy",
                _ => "idle",
            };
            *workers.entry(state).or_default() += 1;
        }
        let rows = workers.into_iter().map(|(state, count)| ([("state", state.to_owned())], count));
        values.gauges("workers", "Workers of all servers, by what they do.", rows)
    }
}
