//! The machine and this process, read at a scrape: a millisecond on a blocking thread. The console's sampler is not woken
//! for it.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, ProcessRefreshKind, ProcessesToUpdate, System};

use super::Values;

/// The load of the processor is a mean over at least this time.
const SPAN: Duration = Duration::from_secs(1);

/// Reads the machine. Clones share what they have read.
#[derive(Clone, Default)]
pub struct Machine(Arc<Mutex<Option<Reader>>>);

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Machine")
    }
}

struct Reader {
    system: System,
    read: Instant,
    cpu: f64,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// Mean load of all cores since the reading before, 0..=1.
    cpu: f64,
    cores: u64,
    memory_used: u64,
    memory_total: u64,
    average: [f64; 3],
    /// Of this process.
    process: Process,
}

/// This process.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Process {
    /// Seconds since 1970.
    started: u64,
    memory: u64,
    cpu: f64,
    open_fds: Option<u64>,
    max_fds: Option<u64>,
}

impl Machine {
    /// What the machine does now; `None` where it cannot be read.
    pub async fn read(&self) -> Option<Reading> {
        let shared = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || Reader::of(&mut shared.lock())).await.ok().flatten()
    }
}

impl Reader {
    fn of(known: &mut Option<Self>) -> Option<Reading> {
        if known.is_none() {
            let mut system = System::new().ok()?;
            system.refresh_cpu_specifics(CpuRefreshKind::nothing().with_usage());
            *known = Some(Self { system, read: Instant::now(), cpu: 0.0 });
        }
        known.as_mut().map(Self::reading)
    }

    fn reading(&mut self) -> Reading {
        if self.read.elapsed() >= SPAN {
            self.system.refresh_cpu_usage();
            let cores = self.system.cpus();
            let sum: f32 = cores.iter().map(sysinfo::Cpu::usage).sum();
            self.cpu = f64::from(sum) / 100.0 / cores.len().max(1) as f64;
            self.read = Instant::now();
        }
        self.system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let average = System::load_average().map(|load| [load.one, load.five, load.fifteen]);
        Reading {
            cpu: self.cpu,
            cores: self.system.cpus().len() as u64,
            memory_used: self.system.used_memory(),
            memory_total: self.system.total_memory(),
            average: average.unwrap_or_default(),
            process: self.process().unwrap_or_default(),
        }
    }

    fn process(&mut self) -> Option<Process> {
        let pid = sysinfo::get_current_pid().ok()?;
        let what = ProcessRefreshKind::nothing().with_memory().with_cpu().without_tasks();
        self.system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, what);
        let process = self.system.process(pid)?;
        Some(Process {
            started: process.start_time(),
            memory: process.memory(),
            cpu: process.accumulated_cpu_time() as f64 / 1_000.0,
            open_fds: process.open_files().map(|files| files as u64),
            max_fds: process.open_files_limit().map(|files| files as u64),
        })
    }
}

impl Reading {
    /// The machine, with names of ours.
    ///
    /// # Errors
    /// When a value cannot be written.
    pub fn write_machine(&self, values: &mut Values<'_>) -> fmt::Result {
        values.gauge("machine_cpu_ratio", "Load of all cores since the scrape before, 0 to 1.", self.cpu)?;
        values.gauge("machine_cpu_cores", "Cores of the machine.", self.cores)?;
        let rows = ["1", "5", "15"].into_iter().zip(self.average);
        let rows = rows.map(|(minutes, load)| ([("minutes", minutes.to_owned())], load));
        values.gauges("machine_load_average", "Load average over 1, 5 and 15 minutes.", rows)?;
        values.gauge("machine_memory_used_bytes", "Memory in use.", self.memory_used)?;
        values.gauge("machine_memory_bytes", "Memory of the machine.", self.memory_total)
    }

    /// This process, with the names that every client of Prometheus has.
    ///
    /// # Errors
    /// When a value cannot be written.
    pub fn write_process(&self, values: &mut Values<'_>) -> fmt::Result {
        let Process { started, memory, cpu, open_fds, max_fds } = self.process;
        values.gauge("process_start_time_seconds", "Start of this process, seconds since 1970.", started)?;
        values.gauge("process_resident_memory_bytes", "Memory that this process keeps.", memory)?;
        values.counter("process_cpu_seconds", "Time on processors.", cpu)?;
        if let Some(files) = open_fds {
            values.gauge("process_open_fds", "Open file descriptors.", files)?;
        }
        if let Some(files) = max_fds {
            values.gauge("process_max_fds", "File descriptors that may be open.", files)?;
        }
        Ok(())
    }
}
