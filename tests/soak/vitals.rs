//! A process seen from outside: memory, descriptors, threads, processor time; and what its directory holds.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::watch, task::JoinHandle, time::Instant};

use super::{plan::Plan, site::Site};

/// Between two lines that say how it goes.
const NEWS: Duration = Duration::from_secs(30);

const MIB: f64 = 1_048_576.0;

/// One look.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sample {
    /// Seconds since the first look.
    pub(super) at: f64,
    /// Resident memory, bytes.
    pub(super) memory: u64,
    pub(super) descriptors: u64,
    pub(super) threads: u64,
    /// Keys, inputs, results, uploads under way: files and directories.
    pub(super) blobs: u64,
    /// Bytes of the same.
    pub(super) blob_bytes: u64,
    /// Bytes of everything else in the data directory.
    pub(super) store_bytes: u64,
    /// Seconds of processor time so far.
    pub(super) cpu: f64,
}

impl Sample {
    pub(super) fn take(process: u32, data: &Path) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the server runs");
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a field of /proc/PID/status");
            line.split_whitespace().next().unwrap().parse::<u64>().unwrap()
        };
        let mut sample = Self {
            memory: field("VmRSS:") * 1_024,
            threads: field("Threads:"),
            descriptors: fs::read_dir(format!("/proc/{process}/fd")).unwrap().count() as u64,
            cpu: cpu_time(process).as_secs_f64(),
            ..Self::default()
        };
        for room in ["keys", "inputs", "results", "incoming"] {
            let (entries, bytes) = held(&data.join("blobs").join(room));
            sample.blobs += entries;
            sample.blob_bytes += bytes;
        }
        sample.store_bytes = held(data).1.saturating_sub(sample.blob_bytes);
        sample
    }

    /// For people.
    pub(super) fn line(&self) -> String {
        format!(
            "memory {:.0} MiB, {} descriptors, {} threads, {} blobs of {:.1} MiB, store {:.2} MiB",
            self.memory as f64 / MIB,
            self.descriptors,
            self.threads,
            self.blobs,
            self.blob_bytes as f64 / MIB,
            self.store_bytes as f64 / MIB,
        )
    }
}

/// Files and directories below `dir`, and their bytes. What goes while it is counted does not count.
fn held(dir: &Path) -> (u64, u64) {
    let (mut entries, mut bytes) = (0, 0);
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let Ok(data) = entry.metadata() else { continue };
        entries += 1;
        if data.is_dir() {
            let below = held(&entry.path());
            entries += below.0;
            bytes += below.1;
        } else {
            bytes += data.len();
        }
    }
    (entries, bytes)
}

/// Of all threads of a process since its start.
pub(super) fn cpu_time(process: u32) -> Duration {
    /// The unit of /proc, whatever the kernel's own is.
    const TICKS: u64 = 100;
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("the server runs");
    // The name, in parentheses, may hold anything.
    let (_, rest) = stat.rsplit_once(')').expect("a name");
    let ticks: u64 = rest.split_whitespace().skip(11).take(2).map(|it| it.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 1_000 / TICKS)
}

/// Takes samples until it is stopped.
pub(super) struct Watch {
    samples: watch::Receiver<Vec<Sample>>,
    work: JoinHandle<()>,
}

impl Watch {
    pub(super) fn start(process: u32, data: PathBuf, plan: &Plan, site: Arc<Site>) -> Self {
        let (sender, samples) = watch::channel(Vec::new());
        let mut ticks = tokio::time::interval(plan.every());
        let work = tokio::spawn(async move {
            let (began, mut said) = (Instant::now(), Instant::now());
            loop {
                ticks.tick().await;
                let place = data.clone();
                let look = tokio::task::spawn_blocking(move || Sample::take(process, &place));
                let sample = Sample { at: began.elapsed().as_secs_f64(), ..look.await.expect("it was looked at") };
                sender.send_modify(|samples| samples.push(sample));
                if said.elapsed() >= NEWS {
                    said = Instant::now();
                    eprintln!("{:5.0} s  {}\n         {}", sample.at, sample.line(), site.tally.line());
                }
            }
        });
        Self { samples, work }
    }

    pub(super) fn samples(&self) -> Vec<Sample> {
        self.samples.borrow().clone()
    }

    /// Waits for a sample like this.
    pub(super) async fn until(&mut self, wanted: impl Fn(&Sample) -> bool) {
        let found = self.samples.wait_for(|samples| samples.last().is_some_and(&wanted)).await;
        drop(found.expect("samples are taken"));
    }

    /// All samples; they are in that file, too.
    pub(super) fn stop(self, csv: Option<&Path>) -> Vec<Sample> {
        self.work.abort();
        let samples = self.samples();
        if let Some(path) = csv {
            fs::write(path, as_csv(&samples)).expect("the file of samples");
            eprintln!("{} samples are in {}", samples.len(), path.display());
        }
        samples
    }
}

fn as_csv(samples: &[Sample]) -> String {
    let mut text = "seconds,memory_bytes,descriptors,threads,blobs,blob_bytes,store_bytes,cpu_seconds\n".to_owned();
    for Sample { at, memory, descriptors, threads, blobs, blob_bytes, store_bytes, cpu } in samples {
        let row = format!("{at:.2},{memory},{descriptors},{threads},{blobs},{blob_bytes},{store_bytes},{cpu:.2}");
        writeln!(text, "{row}").expect("text grows");
    }
    text
}
