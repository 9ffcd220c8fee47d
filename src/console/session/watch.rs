//! What is sampled for this session: exactly what is on its screen.

use std::{io, sync::Arc};

use cipherdeck_ui::{ScreenKind, snapshot::Machine};
use ratatui::backend::Backend;
use tokio::sync::watch;

use super::Session;
use crate::{
    console::{
        fleet::Sample,
        shown::{fleet, gpus},
    },
    monitor::{
        gpu::Gpus,
        on_demand::Samples,
        sampler::{INTERVAL, Load, Loads},
    },
};

/// Receivers of samples; without one nothing is sampled for this session.
#[derive(Default)]
pub(super) struct Watched {
    machine: Option<Loads>,
    gpus: Option<Samples<Gpus>>,
    fleet: Option<Samples<Sample>>,
    /// The queues are on the screen.
    queues: bool,
    /// Counts log lines.
    lines: Option<watch::Receiver<u64>>,
}

/// Something new.
pub(super) enum Sampled {
    Machine(Arc<Load>),
    Gpus(Arc<Gpus>),
    Fleet(Arc<Sample>),
    Lines,
}

impl Watched {
    /// The next sample of anything.
    pub(super) async fn next(&mut self) -> Sampled {
        tokio::select! {
            load = next(&mut self.machine) => Sampled::Machine(load),
            gpus = next(&mut self.gpus) => Sampled::Gpus(gpus),
            fleet = next(&mut self.fleet) => Sampled::Fleet(fleet),
            () = changed(&mut self.lines) => Sampled::Lines,
        }
    }
}

async fn next<T>(samples: &mut Option<Samples<T>>) -> Arc<T> {
    loop {
        changed(samples).await;
        let sample = samples.as_mut().and_then(|samples| samples.borrow_and_update().clone());
        if let Some(sample) = sample {
            return sample;
        }
    }
}

async fn changed<T>(receiver: &mut Option<watch::Receiver<T>>) {
    let Some(watched) = receiver else { return std::future::pending().await };
    if watched.changed().await.is_err() {
        // Nobody samples any more.
        *receiver = None;
        std::future::pending::<()>().await;
    }
}

impl<B> Session<B>
where
    B: Backend + io::Write,
    B::Error: Send + Sync + 'static,
{
    /// Begins and ends sampling as the screen wants it.
    pub(super) fn watch(&mut self) {
        let live = self.state.frozen.is_none();
        let (host, samples) = (&self.host, &mut self.samples);
        let machine = self.state.wants_samples(&self.snapshot);
        if machine != samples.machine.is_some() {
            samples.machine = machine.then(|| host.sampler.subscribe());
            self.snapshot.sampling = machine;
            self.drawn.dirty = true;
        }
        let gpus = live && self.state.wants_gpus();
        if gpus != samples.gpus.is_some() {
            samples.gpus = gpus.then(|| host.gpus.subscribe());
        }
        let queues = self.state.wants_queues();
        if std::mem::replace(&mut samples.queues, queues) != queues && queues {
            self.main.ask();
        }
        // A frozen screen shows the moment at which it was looked at.
        let fleet = self.looked == ScreenKind::Workers && (live || self.snapshot.fleet.is_none());
        if fleet != samples.fleet.is_some() {
            samples.fleet = fleet.then(|| host.fleet.subscribe());
        }
        let lines = live && (self.looked == ScreenKind::Logs || self.watched.is_some());
        if lines != samples.lines.is_some() {
            samples.lines = lines.then(|| host.logs.written());
        }
    }

    pub(super) fn sampled(&mut self, sampled: &Sampled) {
        match sampled {
            Sampled::Machine(load) => {
                self.snapshot.machine = Some(machine(load));
            }
            Sampled::Gpus(sample) => {
                let tasks = self.samples.fleet.as_ref().and_then(|fleet| fleet.borrow().as_deref().map(fleet::on_gpus));
                self.snapshot.gpus = gpus::gpus(sample, &tasks.unwrap_or_default());
            }
            Sampled::Fleet(sample) => {
                self.snapshot.fleet = Some(fleet::fleet(sample));
                self.snapshot.keys = fleet::keys(sample);
                self.snapshot.bootstraps = fleet::bootstraps(sample);
                self.update(cipherdeck_ui::Event::Refreshed);
            }
            Sampled::Lines => return self.lines_written(),
        }
        self.drawn.dirty = true;
    }
}

fn machine(load: &Load) -> Machine {
    Machine {
        cores: load.cores.clone(),
        cpu: load.cpu.clone(),
        memory: load.memory.clone(),
        memory_used: load.memory_used,
        memory_total: load.memory_total,
        process: load.process,
        load: load.average,
        interval_s: INTERVAL.as_secs() as u32,
        sampled: load.at.map_or(0, crate::task::Timestamp::millis),
    }
}
