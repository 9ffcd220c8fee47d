//! GPUs through NVML as the program really loads it: by its name, from a library that the loader finds. The library is a
//! stand-in that counts who calls it.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use cipherdeck::{
    monitor::gpu::{GpuProbe, GpuSampler, Reading, Source},
    store::{KeyCacheReport, NodeName, NodeReport, SlotReport, SlotTask},
    task::{TaskId, Timestamp},
    worker::process_name,
};
use serde_json::Value;

use super::{
    pty::Program,
    world::{Console, World, short},
};

/// Longer than between two looks at the GPUs.
const LONGER: i64 = 3;

/// The stand-in, compiled.
struct StandIn(tempfile::TempDir);

impl StandIn {
    fn build() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/nvml.c");
        let library = dir.path().join("libnvidia-ml.so.1");
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let compiled = Command::new(compiler).args(["-shared", "-fPIC", "-o"]).arg(library).arg(source).status();
        assert!(compiled.expect("a C compiler").success());
        Self(dir)
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("calls")
    }

    /// The program with this library, and more variables.
    fn serve(&self, data_dir: &Path, more: &[(&str, &str)]) -> Program {
        let (place, calls) = (self.0.path().display().to_string(), self.file().display().to_string());
        let ours = [("LD_LIBRARY_PATH", place.as_str()), ("STANDIN_NVML_CALLS", calls.as_str())];
        Program::serve(data_dir, 160, 45, &[&ours[..], more].concat())
    }

    /// What was called so far.
    fn calls(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.file()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// The moment of the node's last sign of life, which it gives every second.
async fn seen(url: &str) -> Option<Timestamp> {
    let workers = reqwest::get(format!("{url}/operator/workers")).await.unwrap();
    let workers: Value = workers.json().await.unwrap();
    serde_json::from_value(workers["nodes"][0]["seen"].clone()).ok()
}

/// Follows the node's signs of life until they tell that so many seconds have gone by.
async fn signs_of_life(url: &str, seconds: i64) {
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    let began = Timestamp::now();
    while seen(url).await.is_none_or(|at| at.millis() < began.millis() + seconds * 1_000) {
        ticks.tick().await;
    }
}

#[tokio::test]
async fn gpus_are_shown_as_nvml_tells_and_are_asked_only_while_they_are_shown() {
    cipherdeck::tls::install();
    let (stand_in, dir) = (StandIn::build(), tempfile::tempdir().unwrap());
    let program = stand_in.serve(dir.path(), &[]);
    let url = program.url();
    program.screen.until("no tasks yet").await;
    signs_of_life(&url, LONGER).await;
    assert!(stand_in.calls().is_empty(), "not even loaded: {:?}", stand_in.calls());

    program.keys("2");
    let screen = program.screen.until("gpu 2").await;
    for part in [
        "gpu 0  37 %   NVIDIA H100 80GB HBM3",
        "12.0 GiB of 80.0 GiB  54 °C  210/700 W",
        "gpu 1   ? %   NVIDIA A100-SXM4-40GB",
        "12.0 GiB of 40.0 GiB  41 °C  95 W",
        "gpu 2   5 %   NVIDIA T400",
        "memory not told  33 °C",
    ] {
        assert!(screen.contains(part), "{part} in:\n{screen}");
    }
    assert!(!screen.contains("gpu 3"), "it has fallen off the bus:\n{screen}");
    // Again and again while they are shown; loaded and initialised once.
    let counted = |name: &str| stand_in.calls().iter().filter(|call| *call == name).count();
    while counted("nvmlDeviceGetCount_v2") < 3 {
        signs_of_life(&url, 1).await;
    }
    assert_eq!((counted("loaded"), counted("nvmlInit_v2")), (1, 1));

    program.keys("1");
    program.screen.until("no tasks yet").await;
    // A look that had begun ends.
    signs_of_life(&url, 1).await;
    let calls = stand_in.calls().len();
    signs_of_life(&url, LONGER).await;
    assert_eq!(stand_in.calls().len(), calls, "nobody looks, so an idle GPU sleeps");
    program.signal("TERM");
    assert!(program.ended().success());
}

#[tokio::test]
async fn a_driver_that_is_not_loaded_is_said_in_a_sentence() {
    let (stand_in, dir) = (StandIn::build(), tempfile::tempdir().unwrap());
    // 9: NVML_ERROR_DRIVER_NOT_LOADED.
    let program = stand_in.serve(dir.path(), &[("STANDIN_NVML_INIT", "9")]);
    program.screen.until("no tasks yet").await;
    program.keys("2");
    program.screen.until("gpu: no NVIDIA GPU: the driver is not loaded").await;
    assert_eq!(stand_in.calls(), ["loaded", "nvmlInit_v2"]);
    program.signal("TERM");
    assert!(program.ended().success());
}

/// One GPU on which this process computes.
struct Ours;

impl Source for Ours {
    fn read(&mut self) -> Result<Vec<Reading>, String> {
        let processes = vec![std::process::id()];
        let memory = Some((1 << 30, 8 << 30));
        Ok(vec![Reading { name: "H100".to_owned(), utilisation: Some(99), memory, processes, ..Reading::default() }])
    }
}

/// A node that runs a task on its GPU.
fn on_gpu(name: &str, task: TaskId) -> NodeReport {
    let (name, now) = (NodeName(name.to_owned()), Timestamp::now());
    let device = "cuda".to_owned();
    let slot = SlotReport {
        worker: name.slot(0),
        device: device.clone(),
        task: Some(SlotTask { id: task, use_case: "weight_stats".to_owned(), progress: 0.5 }),
        since: now,
        done: 0,
        failed: 0,
        computed: Duration::ZERO,
        busy: Duration::ZERO,
        draining: false,
    };
    NodeReport {
        name,
        version: "0.1.0".to_owned(),
        started: now,
        threads: 2,
        devices: vec![device],
        slots: vec![slot],
        keys: KeyCacheReport::default(),
        bootstraps: 0,
        lease_ms: 15_000,
    }
}

#[tokio::test]
async fn a_gpu_shows_the_tasks_of_this_process_and_not_those_of_another_machine() {
    let world = World::new().await;
    let (here, there) = (TaskId::random(), TaskId::random());
    world.store.announce(on_gpu(&format!("{}x", process_name()), here)).await.unwrap();
    world.store.announce(on_gpu("kepler:7:x", there)).await.unwrap();
    let mut host = world.host();
    host.gpus = GpuSampler::new(GpuProbe::new(Ours));
    let mut console = Console::open(host, 160, 45);
    console.screen.until("no tasks yet").await;
    console.keys("2").await;
    let shown = console.screen.until(&format!("1.0 GiB of 8.0 GiB  {}", short(here))).await;
    let line = shown.lines().find(|line| line.contains("1.0 GiB of 8.0 GiB")).unwrap();
    assert!(!line.contains(&short(there)), "{shown}");
}
