//! A process of a cluster that runs a use case without cryptography: this binary itself, started once more.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use cipherdeck::{
    config::{self, Overrides},
    fhe::{Context, ServerKey},
    monitor::logs::LogRing,
    server::Server,
    use_cases::{InputError, InputFacts, KernelError, Output, Registry, UseCase, UseCaseInfo},
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Set for the process that is to be a node: its data directory.
const DATA_DIR: &str = "CIPHERDECK_TEST_NODE";
/// Where its kernels write down that they ran.
const RUNS: &str = "CIPHERDECK_TEST_RUNS";
/// Name of its use case.
pub(super) const WORK: &str = "work";

/// Runs this binary as a node.
pub(super) fn command(data_dir: &Path, runs: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["faults::node::serves_when_it_is_started_as_a_node", "--exact", "--nocapture"]);
    command.env(DATA_DIR, data_dir).env(RUNS, runs);
    command
}

/// Not a test: what a process started by [`command`] does. In the suite itself there is nothing to do.
#[test]
fn serves_when_it_is_started_as_a_node() {
    let Some(data_dir) = std::env::var_os(DATA_DIR) else { return };
    let runs = PathBuf::from(std::env::var_os(RUNS).unwrap());
    let listen = Some("127.0.0.1:0".parse().unwrap());
    let overrides = Overrides { listen, data_dir: Some(data_dir.into()), ..Overrides::default() };
    let settings = config::load(overrides).unwrap();
    tracing_subscriber::fmt().with_ansi(false).with_target(false).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut stop = signal(SignalKind::terminate()).unwrap();
        let use_cases = Registry::standard(Path::new("")).unwrap().with(Arc::new(Work { runs }));
        let grace = settings.drain_grace();
        let server = Server::start(settings, use_cases, LogRing::new(100)).await.unwrap();
        stop.recv().await;
        server.stop(grace, CancellationToken::new()).await;
    });
    runtime.shutdown_background();
}

/// `<name> <order> [argument]`; the answer is `<name> by <process>`. The orders:
///
/// - `echo`: answers at once. `run <ms>`: takes so long, and stops when it is told to.
/// - `deaf <file>`: runs until that file exists, whatever it is told.
/// - `die`: takes the whole process with it.
struct Work {
    runs: PathBuf,
}

impl UseCase for Work {
    fn info(&self) -> UseCaseInfo {
        UseCaseInfo {
            name: WORK,
            description: "does what its input says",
            input: "an order",
            output: "who carried it out",
            parameters: vec![],
            needs_key: false,
            max_input_bytes: 1024,
        }
    }

    fn check(&self, input: &[u8]) -> Result<InputFacts, InputError> {
        let order = std::str::from_utf8(input).ok().and_then(|text| text.split(' ').nth(1));
        match order {
            Some("echo" | "run" | "deaf" | "die") => Ok(InputFacts { capability: self.capability() }),
            _ => Err(InputError::Invalid("not an order".to_owned())),
        }
    }

    fn run(&self, _: Option<&ServerKey>, input: &[u8], context: &Context) -> Result<Output, KernelError> {
        let text = std::str::from_utf8(input).map_err(|error| KernelError::Refused(error.to_string()))?;
        let words: Vec<&str> = text.split(' ').collect();
        let (name, argument) = (words[0], words.get(2).copied().unwrap_or_default());
        let mut runs = File::options().create(true).append(true).open(self.runs.join(name)).unwrap();
        writeln!(runs, "{}", std::process::id()).unwrap();
        match words[1] {
            "run" => keep_busy(Duration::from_millis(argument.parse().unwrap()), context)?,
            "deaf" => {
                context.report(1, 2);
                while !Path::new(argument).exists() {
                    std::thread::park_timeout(Duration::from_millis(5));
                }
            }
            "die" => std::process::abort(),
            _ => {}
        }
        Ok(Output::One(format!("{name} by {}", std::process::id()).into_bytes()))
    }
}

fn keep_busy(time: Duration, context: &Context) -> Result<(), KernelError> {
    let began = Instant::now();
    while began.elapsed() < time {
        context.check()?;
        context.report(began.elapsed().as_millis() as u64, time.as_millis() as u64);
        std::thread::park_timeout(Duration::from_millis(2));
    }
    Ok(())
}
