//! NVIDIA's GPUs through NVML, which is loaded at run time: a machine without one needs nothing. Asking wakes an idle
//! GPU up, so samples are taken only while somebody looks.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use nvml_wrapper::{Device, Nvml, enum_wrappers::device::TemperatureSensor, error::NvmlError};
use parking_lot::Mutex;

use super::{
    on_demand::{OnDemand, Probe},
    past::Past,
};
use crate::{task::Timestamp, text::sanitise};

/// Between two samples.
pub const INTERVAL: Duration = Duration::from_secs(2);

/// What a GPU says of itself; `None`: it does not say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// Its number.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Percent of the time at work.
    pub utilisation: Option<u32>,
    /// Bytes in use, and bytes in all.
    pub memory: Option<(u64, u64)>,
    /// Degrees Celsius.
    pub temperature_c: Option<u32>,
    /// Milliwatts.
    pub power_mw: Option<u32>,
    /// Milliwatts it may take.
    pub power_limit_mw: Option<u32>,
    /// Processes that compute on it.
    pub processes: Vec<u32>,
}

/// Where readings come from. Blocks.
pub trait Source: Send + 'static {
    /// Every GPU of this machine.
    ///
    /// # Errors
    /// A sentence that says why there is nothing to show.
    fn read(&mut self) -> Result<Vec<Reading>, String>;
}

/// One GPU, now and before.
#[derive(Debug, Clone, PartialEq)]
pub struct Gpu {
    /// Now.
    pub reading: Reading,
    /// Utilisation over time, oldest first, 0..=1.
    pub history: Vec<f32>,
    /// Does this process compute on it?
    pub ours: bool,
}

/// What a look at the GPUs gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Gpus {
    /// When.
    pub at: Timestamp,
    /// Them, or a sentence that says why there are none to show.
    pub found: Result<Vec<Gpu>, String>,
}

/// Takes samples while anybody subscribes. Clones share them.
pub type GpuSampler = OnDemand<GpuProbe>;

impl Default for GpuSampler {
    fn default() -> Self {
        Self::new(GpuProbe::new(Nvidia))
    }
}

/// Asks a source, on a blocking thread, and keeps the past.
pub struct GpuProbe {
    source: Arc<Mutex<dyn Source>>,
    past: Vec<(u32, Past)>,
    last: Option<Instant>,
}

impl GpuProbe {
    /// Over a source.
    pub fn new(source: impl Source) -> Self {
        Self { source: Arc::new(Mutex::new(source)), past: Vec::new(), last: None }
    }

    /// Adds a reading to its GPU's past.
    fn with_past(&mut self, reading: Reading) -> Gpu {
        let known = self.past.iter().position(|(index, _)| *index == reading.index);
        let place = known.unwrap_or_else(|| {
            self.past.push((reading.index, Past::every(INTERVAL)));
            self.past.len() - 1
        });
        let mut history = Vec::new();
        if let Some((_, past)) = self.past.get_mut(place) {
            if let Some(percent) = reading.utilisation {
                past.push((percent as f32 / 100.0).min(1.0));
            }
            history = past.values();
        }
        let ours = reading.processes.contains(&std::process::id());
        Gpu { reading, history, ours }
    }
}

impl Probe for GpuProbe {
    type Sample = Gpus;
    const FIRST: Duration = Duration::ZERO;
    const INTERVAL: Duration = INTERVAL;

    /// Nobody knows what happened while nobody looked.
    async fn resume(&mut self) {
        if self.last.is_none_or(|at| at.elapsed() > 2 * INTERVAL) {
            self.past.clear();
        }
    }

    async fn sample(&mut self) -> Gpus {
        let source = Arc::clone(&self.source);
        let read = tokio::task::spawn_blocking(move || source.lock().read()).await;
        let read = read.unwrap_or_else(|error| Err(format!("GPUs could not be asked: {error}")));
        self.last = Some(Instant::now());
        let found = read.map(|readings| readings.into_iter().map(|reading| self.with_past(reading)).collect());
        Gpus { at: Timestamp::now(), found }
    }
}

/// NVML of this machine.
pub struct Nvidia;

/// Loaded once; it stays loaded.
static NVML: OnceLock<Result<Nvml, NvmlError>> = OnceLock::new();

impl Source for Nvidia {
    fn read(&mut self) -> Result<Vec<Reading>, String> {
        let nvml = NVML.get_or_init(Nvml::init).as_ref().map_err(absent)?;
        let count = nvml.device_count().map_err(|error| absent(&error))?;
        // A GPU that has fallen off the bus does not hide the others.
        let readings: Vec<Reading> =
            (0..count).filter_map(|index| nvml.device_by_index(index).ok().map(|gpu| read(index, &gpu))).collect();
        if readings.is_empty() { Err("NVIDIA's driver is there, but no GPU".to_owned()) } else { Ok(readings) }
    }
}

fn read(index: u32, gpu: &Device<'_>) -> Reading {
    let processes = gpu.running_compute_processes().unwrap_or_default();
    Reading {
        index,
        name: sanitise(&gpu.name().unwrap_or_else(|_| format!("GPU {index}")), 64),
        utilisation: gpu.utilization_rates().ok().map(|rates| rates.gpu),
        memory: gpu.memory_info().ok().map(|memory| (memory.used, memory.total)),
        temperature_c: gpu.temperature(TemperatureSensor::Gpu).ok(),
        power_mw: gpu.power_usage().ok(),
        power_limit_mw: gpu.enforced_power_limit().ok(),
        processes: processes.into_iter().map(|process| process.pid).collect(),
    }
}

/// Why there is nothing to show, in a sentence.
fn absent(error: &NvmlError) -> String {
    match error {
        NvmlError::LibloadingError(_) | NvmlError::LibraryNotFound => {
            "no NVIDIA GPU: its driver's library (NVML) is not installed".to_owned()
        }
        NvmlError::DriverNotLoaded => "no NVIDIA GPU: the driver is not loaded".to_owned(),
        other => format!("GPUs cannot be asked: {}", sanitise(&other.to_string(), 200)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives what it was given, one answer after the other.
    struct Fake(Vec<Result<Vec<Reading>, String>>);

    impl Source for Fake {
        fn read(&mut self) -> Result<Vec<Reading>, String> {
            self.0.remove(0)
        }
    }

    fn reading(index: u32, utilisation: Option<u32>, processes: Vec<u32>) -> Reading {
        Reading { index, name: format!("GPU {index}"), utilisation, processes, ..Reading::default() }
    }

    #[tokio::test]
    async fn each_gpu_has_its_own_past_and_says_whether_we_are_on_it() {
        let me = std::process::id();
        let first = vec![reading(0, Some(50), vec![me + 1, me]), reading(1, None, vec![me + 1])];
        let second = vec![reading(1, Some(200), vec![]), reading(0, Some(100), vec![])];
        let mut probe = GpuProbe::new(Fake(vec![Ok(first), Ok(second)]));
        let found = probe.sample().await.found.unwrap();
        let shown = |gpus: &[Gpu]| gpus.iter().map(|gpu| (gpu.history.clone(), gpu.ours)).collect::<Vec<_>>();
        assert_eq!(shown(&found), [(vec![0.5], true), (vec![], false)]);
        let found = probe.sample().await.found.unwrap();
        assert_eq!(shown(&found), [(vec![1.0], false), (vec![0.5, 1.0], false)]);
    }

    #[tokio::test]
    async fn none_to_show_is_a_sentence() {
        let mut probe = GpuProbe::new(Fake(vec![Err("no driver".to_owned())]));
        assert_eq!(probe.sample().await.found, Err("no driver".to_owned()));
        assert_eq!(absent(&NvmlError::DriverNotLoaded), "no NVIDIA GPU: the driver is not loaded");
    }

    #[test]
    fn this_machine_has_gpus_or_says_why_not() {
        match Nvidia.read() {
            Ok(readings) => assert!(!readings.is_empty()),
            Err(sentence) => assert!(sentence.contains("GPU"), "{sentence}"),
        }
    }
}
