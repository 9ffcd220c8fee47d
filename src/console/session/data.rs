//! Store events and reads become the snapshot.

use std::{io, time::Duration};

use cipherdeck_ui::{
    Role as ShownRole, ScreenKind, Snapshot, TaskState,
    snapshot::{Alert, Server},
};
use ratatui::backend::Backend;
use tokio::{sync::broadcast::error::RecvError, time::Instant};

use super::Session;
use crate::{
    console::{
        Host,
        flow::Flow,
        load::{self, View, Wanted},
        shown::rows,
    },
    operator::{Actor, Role},
    store::{Event, EventKind, Events, StoreError, or_lagged},
    task::{Status, TaskId},
};

/// A process without workers looks again whether others have some.
const NODES_AGAIN: Duration = Duration::from_secs(2);

/// What a read brought.
pub(super) struct Incoming {
    view: Result<View, StoreError>,
    flow: Option<Flow>,
}

/// What is known before anything was read.
pub(super) fn first_snapshot(host: &Host, actor: &Actor, node: String) -> Snapshot {
    let now = host.clock.now().millis();
    Snapshot {
        now,
        utc_offset_s: utc_offset_s(now),
        role: if actor.role >= Role::Operator { ShownRole::Operator } else { ShownRole::Viewer },
        actor: actor.to_string(),
        server: Server {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            node,
            environment: host.environment.to_owned(),
            address: host.address.to_string(),
            store: host.store.engine().to_owned(),
            started: host.started.millis(),
            workers: host.workers,
            use_cases: host.use_cases.clone(),
        },
        ..Snapshot::default()
    }
}

/// The operator's time zone at this moment.
fn utc_offset_s(now: i64) -> i32 {
    let zone = jiff::tz::TimeZone::system();
    jiff::Timestamp::from_millisecond(now).map_or(0, |at| zone.to_offset(at).seconds())
}

impl<B> Session<B>
where
    B: Backend + io::Write,
    B::Error: Send + Sync + 'static,
{
    /// Starts what is due to be read.
    pub(super) fn start_reads(&mut self) {
        let frozen = self.state.frozen.is_some();
        if self.main.is_due(frozen) {
            self.start_main();
        }
        if self.aside.is_due(frozen) {
            self.start_aside();
        }
    }

    fn start_main(&mut self) {
        let host = self.host.clone();
        let wanted = Wanted {
            page: (self.looked == ScreenKind::Tasks).then(|| self.place.clone()),
            watched: self.watched.as_ref().and_then(|id| id.as_str().parse::<TaskId>().ok()),
            queues: self.state.wants_queues().then(|| self.host.use_cases.clone()),
        };
        let flow_at = self.flow_stale.then(|| self.host.clock.now());
        if flow_at.is_some() {
            self.flow.begin();
        }
        self.main.started(tokio::spawn(async move {
            let flow = match flow_at {
                Some(now) => load::flow(&*host.store, now).await.ok(),
                None => None,
            };
            Incoming { view: load::view(&host, &wanted).await, flow }
        }));
    }

    pub(super) fn loaded(&mut self, incoming: Option<Incoming>) {
        let Some(Incoming { view, flow }) = incoming else { return };
        if let Some(flow) = flow {
            self.flow.replace(flow);
            self.flow_stale = false;
        }
        match view {
            Ok(view) => self.show(view),
            Err(error) => {
                self.unreachable = Some(error.to_string());
                self.show_alerts();
                self.main.retry();
            }
        }
        self.drawn.dirty = true;
    }

    fn show(&mut self, view: View) {
        self.good_at = self.host.clock.now().millis();
        if self.state.frozen.is_some() {
            // The operator looks at another page of a frozen screen: it shows this moment from now on.
            self.snapshot.now = self.good_at;
        }
        self.paused = view.paused;
        self.workers = view.workers;
        if self.host.workers == 0 {
            // Nobody tells of nodes that come and go.
            self.main.want_in(NODES_AGAIN);
        }
        if let Some((page, next)) = view.page {
            self.snapshot.page = Some(page);
            self.next = next;
            self.drawn.release();
        }
        self.snapshot.counts = view.counts;
        self.snapshot.oldest = view.oldest;
        self.snapshot.watched = view.watched;
        self.snapshot.detail = view.detail;
        self.snapshot.queues = view.queues;
        self.unreachable = None;
        self.show_alerts();
        self.update(cipherdeck_ui::Event::Refreshed);
    }

    /// Alerts, most urgent first.
    pub(super) fn show_alerts(&mut self) {
        let mut alerts = Vec::new();
        let unreachable = self.unreachable.clone();
        alerts.extend(unreachable.map(|reason| Alert::StoreUnreachable { since: self.good_at, reason }));
        if self.host.draining.is_cancelled() {
            alerts.push(Alert::Draining);
        }
        if !self.workers {
            alerts.push(Alert::NoWorkers);
        }
        if !self.paused.is_empty() {
            alerts.push(Alert::Paused(self.paused.clone()));
        }
        alerts.extend(self.dropped.map(|(n, _)| Alert::EventsDropped(n)));
        self.snapshot.alerts = alerts;
        self.drawn.dirty = true;
    }

    /// Something changed. Progress is shown at once, everything else is read again.
    pub(super) fn store_event(&mut self, event: Result<Event, RecvError>, events: &mut Option<Events>) {
        match or_lagged(event) {
            Ok(Event { kind: EventKind::Progress { id, progress }, .. }) => self.progress(id, progress),
            Ok(Event { kind, .. }) => {
                if let EventKind::Task { id, status } = kind {
                    self.task_event(id, status);
                }
                self.main.want();
                self.event_aside();
            }
            Err(RecvError::Lagged(n)) => {
                let before = self.dropped.map_or(0, |(n, _)| n);
                self.dropped = Some((before + n, Instant::now()));
                self.flow_stale = true;
                self.series_stale();
                self.main.want();
                self.event_aside();
            }
            Err(RecvError::Closed) => {
                *events = None;
                self.unreachable = Some("the store has stopped".to_owned());
                self.show_alerts();
            }
        }
    }

    fn task_event(&mut self, id: TaskId, status: Option<Status>) {
        match status {
            Some(ended @ (Status::Success | Status::Failure)) => {
                self.flow.heard(id, self.host.clock.now(), ended == Status::Failure);
                self.series_stale();
            }
            Some(Status::Completed) => self.series_stale(),
            Some(Status::Queued) => self.flow.queued(id),
            _ => {}
        }
    }

    /// Is the operator told that the server drains?
    pub(super) fn is_draining(&self) -> bool {
        self.snapshot.alerts.contains(&Alert::Draining)
    }

    pub(super) fn drains(&mut self) {
        self.show_alerts();
    }

    fn progress(&mut self, id: TaskId, progress: f32) {
        if self.state.frozen.is_some() {
            return;
        }
        let id = rows::shown(id);
        let page = self.snapshot.page.iter_mut().flat_map(|page| &mut page.rows);
        for row in page.chain(&mut self.snapshot.watched) {
            if row.id == id && row.state == TaskState::Started {
                row.progress = Some(progress);
                self.drawn.dirty = true;
            }
        }
    }
}
