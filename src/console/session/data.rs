//! Store events, loads and samples become the snapshot.

use std::io;

use cipherdeck_ui::{
    Snapshot, TaskState,
    snapshot::{Alert, Machine, Server},
};
use ratatui::backend::Backend;
use tokio::{sync::broadcast::error::RecvError, time::Instant};

use super::{RELOAD, RETRY, Session};
use crate::{
    console::{
        Host,
        flow::Flow,
        load::{self, View},
        rows,
    },
    monitor::sampler::{INTERVAL, Load},
    store::{Event, EventKind, Events, StoreError},
    task::{Status, TaskId},
};

/// What a read brought.
pub(super) struct Incoming {
    view: Result<View, StoreError>,
    flow: Option<Flow>,
}

/// What is known before anything was read.
pub(super) fn first_snapshot(host: &Host, node: String) -> Snapshot {
    let now = host.clock.now().millis();
    Snapshot {
        now,
        utc_offset_s: utc_offset_s(now),
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
        alerts: if host.workers == 0 { vec![Alert::NoWorkers] } else { Vec::new() },
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
    /// The page has to be read again, soon.
    pub(super) fn want_reload(&mut self) {
        if !self.reload.wanted {
            let earliest = self.loaded_at.map_or_else(Instant::now, |at| at + RELOAD);
            self.reload.not_before = self.reload.not_before.max(earliest);
        }
        self.reload.wanted = true;
    }

    /// Is there something to read? While the screen is frozen only what the operator asked for.
    pub(super) fn may_load(&self) -> bool {
        self.reload.wanted && (self.state.frozen.is_none() || self.asked)
    }

    /// Starts a read, if one is due and none is under way.
    pub(super) fn start_load(&mut self) {
        let due = self.may_load() && self.reload.not_before <= Instant::now();
        if !due || self.loading.is_some() {
            return;
        }
        self.reload.wanted = false;
        self.asked = false;
        self.loaded_at = Some(Instant::now());
        let (store, place) = (std::sync::Arc::clone(&self.host.store), self.place.clone());
        let watched = self.watched.as_ref().and_then(|id| id.as_str().parse::<TaskId>().ok());
        let flow_at = self.reload.flow.then(|| self.host.clock.now());
        self.loading = Some(tokio::spawn(async move {
            let flow = match flow_at {
                Some(now) => load::flow(&*store, now).await.ok(),
                None => None,
            };
            Incoming { view: load::view(&*store, &place, watched).await, flow }
        }));
    }

    pub(super) fn loaded(&mut self, incoming: Option<Incoming>) {
        let Some(Incoming { view, flow }) = incoming else { return };
        if let Some(flow) = flow {
            self.flow = flow;
            self.reload.flow = false;
        }
        match view {
            Ok(view) => self.show(view),
            Err(error) => {
                self.unreachable = Some(error.to_string());
                self.show_alerts();
                self.reload.wanted = true;
                self.reload.not_before = Instant::now() + RETRY;
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
        self.next = view.next;
        self.paused = view.paused;
        self.snapshot.page = Some(view.page);
        self.snapshot.counts = view.counts;
        self.snapshot.oldest = view.oldest;
        self.snapshot.watched = view.watched;
        self.unreachable = None;
        self.show_alerts();
        self.update(cipherdeck_ui::Event::Refreshed);
    }

    /// Alerts, most urgent first.
    pub(super) fn show_alerts(&mut self) {
        let mut alerts = Vec::new();
        let unreachable = self.unreachable.clone();
        alerts.extend(unreachable.map(|reason| Alert::StoreUnreachable { since: self.good_at, reason }));
        if self.host.workers == 0 {
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
    #[expect(clippy::needless_pass_by_value, reason = "an event is consumed")]
    pub(super) fn store_event(&mut self, event: Result<Event, RecvError>, events: &mut Option<Events>) {
        match event {
            Ok(Event { kind: EventKind::Progress { id, progress }, .. }) => self.progress(id, progress),
            Ok(Event { kind: EventKind::Task { status, .. }, .. }) => {
                if let Some(ended @ (Status::Success | Status::Failure)) = status {
                    self.flow.record(self.host.clock.now(), ended == Status::Failure);
                }
                self.want_reload();
            }
            Ok(_) => self.want_reload(),
            Err(RecvError::Lagged(n)) => {
                let before = self.dropped.map_or(0, |(n, _)| n);
                self.dropped = Some((before + n, Instant::now()));
                self.reload.flow = true;
                self.want_reload();
            }
            Err(RecvError::Closed) => {
                *events = None;
                self.unreachable = Some("the store has stopped".to_owned());
                self.show_alerts();
            }
        }
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

    /// Samples are taken exactly while they are on the screen.
    pub(super) fn watch_machine(&mut self) {
        let wanted = self.state.wants_samples(&self.snapshot);
        if wanted != self.samples.is_some() {
            self.samples = wanted.then(|| self.host.sampler.subscribe());
            self.snapshot.sampling = wanted;
            self.drawn.dirty = true;
        }
    }

    pub(super) fn sampled(&mut self, load: Option<&Load>) {
        let Some(load) = load else { return };
        self.snapshot.machine = Some(Machine {
            cores: load.cores.clone(),
            cpu: load.cpu.clone(),
            memory: load.memory.clone(),
            memory_used: load.memory_used,
            memory_total: load.memory_total,
            process: load.process,
            load: load.average,
            interval_s: INTERVAL.as_secs() as u32,
        });
        self.drawn.dirty = true;
    }
}
