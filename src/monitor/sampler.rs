//! CPU and memory of the machine.

use std::time::{Duration, Instant};

use sysinfo::{CpuRefreshKind, MemoryRefreshKind, ProcessRefreshKind, ProcessesToUpdate, System};

use super::{
    on_demand::{OnDemand, Probe, Samples},
    past::Past,
};
use crate::task::Timestamp;

/// Between two samples.
pub const INTERVAL: Duration = Duration::from_secs(2);

/// The machine's load at one moment, and before.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Load {
    /// When the sample was taken; `None`: the machine cannot be read.
    pub at: Option<Timestamp>,
    /// Load of each core since the sample before, 0..=1.
    pub cores: Vec<f32>,
    /// Mean of the cores, oldest first, 0..=1. Where nobody looked, the mean of that time.
    pub cpu: Vec<f32>,
    /// Share of memory in use, oldest first, 0..=1. Where nobody looked, halfway between before and after.
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

/// The newest load. Dropping it stops the sampling, if nobody else looks.
pub type Loads = Samples<Load>;

/// Takes samples while anybody subscribes. Clones share them.
pub type Sampler = OnDemand<Machine>;

impl Default for Sampler {
    fn default() -> Self {
        Self::new(Machine::default())
    }
}

/// The name of this machine.
pub fn node_name() -> String {
    let name = System::host_name().unwrap_or_else(|_| "localhost".to_owned());
    crate::text::sanitise(&name, 64)
}

/// Processor, cores and memory of this machine in words: `Intel(R) Xeon(R) Processor, 2 cores, 24 GiB`.
pub fn describe() -> String {
    let Ok(mut system) = System::new() else { return "a machine that cannot be read".to_owned() };
    system.refresh_cpu_list(CpuRefreshKind::nothing());
    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
    let brand = system.cpus().first().map(|cpu| crate::text::sanitise(cpu.brand(), 80)).unwrap_or_default();
    let brand = if brand.is_empty() { std::env::consts::ARCH.to_owned() } else { brand };
    let (cores, memory) = (system.cpus().len(), system.total_memory() as f64 / f64::from(1 << 30));
    format!("{brand}, {cores} core{}, {memory:.0} GiB", if cores == 1 { "" } else { "s" })
}

/// Reads the machine.
#[derive(Default)]
pub struct Machine {
    /// Opened at the first look; away while a blocking thread reads it.
    reader: Option<Box<Reader>>,
    /// It cannot be read: that was logged.
    failed: bool,
}

impl Probe for Machine {
    type Sample = Load;
    /// The load of a core is measured over a span of time; this is the first one.
    const FIRST: Duration = Duration::from_millis(250);
    const INTERVAL: Duration = INTERVAL;

    async fn resume(&mut self) {
        self.read(Reader::resume).await;
    }

    async fn sample(&mut self) -> Load {
        self.read(Reader::load).await.unwrap_or_default()
    }
}

impl Machine {
    /// On a blocking thread, about a millisecond.
    async fn read<T: Send + 'static>(&mut self, read: fn(&mut Reader) -> T) -> Option<T> {
        let reader = self.reader.take();
        let work = tokio::task::spawn_blocking(move || {
            let mut reader = reader.map_or_else(|| Reader::new().map(Box::new), Ok)?;
            let read = read(&mut reader);
            Ok::<_, sysinfo::Error>((reader, read))
        });
        if let Ok(Ok((reader, read))) = work.await {
            self.reader = Some(reader);
            return Some(read);
        }
        if !std::mem::replace(&mut self.failed, true) {
            tracing::warn!("cpu and memory of this machine cannot be read");
        }
        None
    }
}

struct Reader {
    system: System,
    cpu: Past,
    memory: Past,
    /// When the last sample was taken.
    last: Option<Instant>,
    average: ([f64; 3], Option<Instant>),
}

impl Reader {
    fn new() -> Result<Self, sysinfo::Error> {
        let mut system = System::new()?;
        system.refresh_cpu_specifics(CpuRefreshKind::nothing().with_usage());
        let (cpu, memory) = (Past::every(INTERVAL), Past::every(INTERVAL));
        Ok(Self { system, cpu, memory, last: None, average: ([0.0; 3], None) })
    }

    /// Fills the time in which nobody looked: the kernel's counters give its mean.
    fn resume(&mut self) {
        let before = self.memory_share();
        let (cores, memory) = self.refresh();
        if let Some(last) = self.last.take() {
            let missing = last.elapsed().as_millis() / INTERVAL.as_millis();
            let missing = usize::try_from(missing).unwrap_or(usize::MAX);
            self.cpu.fill(mean(&cores), missing);
            self.memory.fill(f32::midpoint(before, memory), missing);
        }
    }

    fn load(&mut self) -> Load {
        let (cores, memory) = self.refresh();
        self.cpu.push(mean(&cores));
        self.memory.push(memory);
        self.last = Some(Instant::now());
        Load {
            at: Some(Timestamp::now()),
            cores,
            cpu: self.cpu.values(),
            memory: self.memory.values(),
            memory_used: self.system.used_memory(),
            memory_total: self.system.total_memory(),
            process: self.process(),
            average: self.average(),
        }
    }

    /// Each core since the refresh before, and the share of the memory in use.
    fn refresh(&mut self) -> (Vec<f32>, f32) {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let cores = self.system.cpus().iter().map(|core| core.usage() / 100.0).collect();
        (cores, self.memory_share())
    }

    fn memory_share(&self) -> f32 {
        self.system.used_memory() as f32 / self.system.total_memory().max(1) as f32
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

fn mean(cores: &[f32]) -> f32 {
    cores.iter().sum::<f32>() / cores.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn next(loads: &mut Loads) -> Load {
        loads.mark_unchanged();
        let load = tokio::time::timeout(Duration::from_secs(20), loads.wait_for(Option::is_some)).await;
        Load::clone(load.expect("in time").expect("the sampler lives").as_ref().expect("waited for"))
    }

    #[tokio::test]
    async fn a_sample_is_of_this_machine_and_its_past_outlives_a_pause() {
        let sampler = Sampler::default();
        let mut loads = sampler.subscribe();
        let load = next(&mut loads).await;
        assert!(!load.cores.is_empty() && load.memory_total > load.memory_used && load.memory_used > 0);
        assert!(load.process > 0 && load.at.is_some());
        assert!(load.cores.iter().all(|share| (0.0..=1.0).contains(share)), "{:?}", load.cores);
        assert_eq!((load.cpu.len(), load.memory.len()), (1, 1));
        drop(loads);
        let stopped = async {
            while sampler.is_running() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), stopped).await.expect("it stops when nobody looks");
        let again = next(&mut sampler.subscribe()).await;
        assert!(again.cpu.len() >= 2 && (again.cpu[0] - load.cpu[0]).abs() < f32::EPSILON, "{:?}", again.cpu);
    }
}
