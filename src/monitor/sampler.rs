//! CPU and memory of the machine. Samples are taken only while somebody looks at them, once for all who look.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, ProcessRefreshKind, ProcessesToUpdate, System};
use tokio::sync::watch;

/// Between two samples.
pub const INTERVAL: Duration = Duration::from_secs(2);
/// The load of a core is measured over a span of time; this is the first one.
const FIRST: Duration = Duration::from_millis(250);
/// Samples kept: 15 minutes.
const KEPT: usize = 450;

/// The machine's load at one moment, and before.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Load {
    /// Load of each core since the sample before, 0..=1.
    pub cores: Vec<f32>,
    /// Mean of the cores, oldest first, 0..=1.
    pub cpu: Vec<f32>,
    /// Share of memory in use, oldest first, 0..=1.
    pub memory: Vec<f32>,
    /// Bytes of memory in use.
    pub memory_used: u64,
    /// Bytes of memory.
    pub memory_total: u64,
    /// Bytes that this process keeps in memory; 0: not known.
    pub process: u64,
    /// Load average over 1, 5 and 15 minutes.
    pub average: [f64; 3],
}

/// The newest load; `None` until the first sample. Dropping it stops the sampling, if nobody else looks.
pub type Loads = watch::Receiver<Option<Arc<Load>>>;

/// Takes samples while anybody subscribes. Clones share them.
#[derive(Clone)]
pub struct Sampler {
    shared: Arc<Shared>,
}

struct Shared {
    latest: watch::Sender<Option<Arc<Load>>>,
    running: Mutex<bool>,
}

impl Default for Sampler {
    fn default() -> Self {
        Self::new()
    }
}

impl Sampler {
    /// Takes no samples yet.
    pub fn new() -> Self {
        Self { shared: Arc::new(Shared { latest: watch::Sender::new(None), running: Mutex::new(false) }) }
    }

    /// Samples from now on. Must be called on a tokio runtime.
    pub fn subscribe(&self) -> Loads {
        let mut running = self.shared.running.lock();
        let mut loads = self.shared.latest.subscribe();
        loads.mark_changed();
        if !*running {
            *running = true;
            tokio::spawn(sample(Arc::clone(&self.shared)));
        }
        loads
    }

    /// Are samples being taken?
    pub fn is_running(&self) -> bool {
        *self.shared.running.lock()
    }
}

/// The name of this machine.
pub fn node_name() -> String {
    let name = System::host_name().unwrap_or_else(|_| "localhost".to_owned());
    crate::text::sanitise(&name, 64)
}

/// Samples until nobody looks any more.
async fn sample(shared: Arc<Shared>) {
    let probe = tokio::task::spawn_blocking(Probe::new).await;
    let Ok(Ok(mut probe)) = probe else {
        tracing::warn!("cpu and memory of this machine cannot be read");
        *shared.running.lock() = false;
        return;
    };
    let mut pause = FIRST;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = INTERVAL,
            () = shared.latest.closed() => {
                // Under the lock, so that a new subscriber either is seen here or starts another run.
                let mut running = shared.running.lock();
                if shared.latest.receiver_count() == 0 {
                    *running = false;
                    shared.latest.send_replace(None);
                    return;
                }
                continue;
            }
        }
        let Ok((next, load)) = tokio::task::spawn_blocking(move || {
            let load = probe.load();
            (probe, load)
        })
        .await
        else {
            *shared.running.lock() = false;
            return;
        };
        probe = next;
        shared.latest.send_replace(Some(Arc::new(load)));
    }
}

/// Reads the machine. Blocks, about a millisecond.
struct Probe {
    system: System,
    cpu: VecDeque<f32>,
    memory: VecDeque<f32>,
    average: ([f64; 3], Option<Instant>),
}

impl Probe {
    fn new() -> Result<Self, sysinfo::Error> {
        let mut system = System::new()?;
        system.refresh_cpu_specifics(CpuRefreshKind::nothing().with_usage());
        Ok(Self { system, cpu: VecDeque::new(), memory: VecDeque::new(), average: ([0.0; 3], None) })
    }

    fn load(&mut self) -> Load {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let cores: Vec<f32> = self.system.cpus().iter().map(|core| core.usage() / 100.0).collect();
        let mean = cores.iter().sum::<f32>() / cores.len().max(1) as f32;
        let (used, total) = (self.system.used_memory(), self.system.total_memory());
        push(&mut self.cpu, mean);
        push(&mut self.memory, used as f32 / total.max(1) as f32);
        Load {
            cores,
            cpu: self.cpu.iter().copied().collect(),
            memory: self.memory.iter().copied().collect(),
            memory_used: used,
            memory_total: total,
            process: self.process(),
            average: self.average(),
        }
    }

    /// Memory of this process.
    fn process(&mut self) -> u64 {
        let Ok(pid) = sysinfo::get_current_pid() else { return 0 };
        let what = ProcessRefreshKind::nothing().with_memory().without_tasks();
        self.system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, what);
        self.system.process(pid).map_or(0, sysinfo::Process::memory)
    }

    /// The kernel renews it every 5 s.
    fn average(&mut self) -> [f64; 3] {
        let (average, read) = &mut self.average;
        if read.is_none_or(|at| at.elapsed() > Duration::from_secs(5)) {
            *read = Some(Instant::now());
            if let Ok(load) = System::load_average() {
                *average = [load.one, load.five, load.fifteen];
            }
        }
        *average
    }
}

fn push(values: &mut VecDeque<f32>, value: f32) {
    if values.len() == KEPT {
        values.pop_front();
    }
    values.push_back(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_samples_while_somebody_looks_and_only_then() {
        let sampler = Sampler::new();
        assert!(!sampler.is_running());
        let mut loads = sampler.subscribe();
        let other = sampler.subscribe();
        let load = tokio::time::timeout(Duration::from_secs(20), loads.wait_for(Option::is_some)).await;
        let load = load.expect("in time").expect("the sampler lives").clone().expect("waited for");
        assert!(!load.cores.is_empty() && load.memory_total > load.memory_used && load.memory_used > 0);
        assert!(load.process > 0);
        assert!(load.cores.iter().all(|share| (0.0..=1.0).contains(share)), "{:?}", load.cores);
        drop(loads);
        assert!(sampler.is_running());
        drop(other);
        let stopped = async {
            while sampler.is_running() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), stopped).await.expect("it stops when nobody looks");
        assert!(sampler.subscribe().borrow().is_none(), "an old sample is no present one");
    }
}
