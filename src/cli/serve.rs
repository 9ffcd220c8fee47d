//! `cipherdeck serve`: the server, with the console on a terminal.

use std::{io::IsTerminal as _, net::SocketAddr, path::PathBuf};

use clap::Args;
use color_eyre::eyre::WrapErr as _;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{
    Failure, check, descriptors,
    environment::{AnyWord, Word},
    logging::{self, Outlet},
    memory,
    signals::{Signal, Signals},
};
use crate::{
    config::{self, Overrides, Role, Settings},
    console::{self, Exit},
    monitor::logs::LogRing,
    priority::Priority,
    server::Server,
    use_cases::Registry,
};

/// Serve the API, run the workers, and draw the console when on a terminal.
///
/// Settings come from the defaults of the environment, then --config FILE, then environment variables
/// (`CIPHERDECK__SECTION__KEY`), then these flags.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = "Examples:\n  \
    cipherdeck serve                              console on this terminal, API on 127.0.0.1:8082\n  \
    cipherdeck serve --headless                   no console (`cipherdeck attach` shows it); logs on stderr\n  \
    cipherdeck serve --listen 127.0.0.1:9000 --data-dir ./data --workers 2\n  \
    cipherdeck serve --ssh 127.0.0.1:2222         operators: ssh -p 2222 operator@127.0.0.1\n  \
    cipherdeck serve --role worker --store redis://redis:6379/0 --blobs /srv/blobs\n  \
    CIPHERDECK__WORKER__TIME_LIMIT_S=600 cipherdeck serve\n\n\
    Signals: SIGTERM or Ctrl-C drains (running tasks finish or go back to the queue), a second one stops at once; \
    SIGHUP closes the console and goes on serving.\n\n\
    Exit codes: 0 drained, or --check finds nothing wrong; 1 it cannot run here now; 2 the configuration is wrong.")]
pub struct ServeArgs {
    /// Whose defaults and rules apply
    #[arg(long, env = "CIPHERDECK_ENV", value_parser = AnyWord, default_value = "dev")]
    env: Word,
    /// A TOML file with the settings that differ from the defaults
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Look at the configuration and what it names, change and bind nothing, say what would run, and end
    #[arg(long)]
    check: bool,
    /// Draw no console, even on a terminal
    #[arg(long)]
    headless: bool,
    /// Address and port of the HTTP listener [default: 127.0.0.1:8082]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Address and port where operators reach the console with ssh [default: off]
    #[arg(long, value_name = "ADDR")]
    ssh: Option<SocketAddr>,
    /// What this server is for: all, api (takes requests, computes nothing), worker (computes, takes no requests); the
    /// last two need a store that servers share [default: all]
    #[arg(long, value_enum, value_name = "ROLE", hide_possible_values = true)]
    role: Option<Role>,
    /// Where keys, inputs, results and the store lie [default: the user's data directory]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Where tasks are kept: sqlite (embedded, in the data directory), or redis://[user:password@]host:port/db (with TLS
    /// rediss://..), shared by several servers [default: sqlite]
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    #[arg(
        long,
        value_name = "URL",
        help = "Where keys, inputs and results are kept: a directory that all servers mount, or s3://bucket/prefix \
                [default: blobs in the data directory]"
    )]
    blobs: Option<String>,
    /// Tasks that run at once; 0 serves the API only [default: 1]
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// Threads that all workers share; 0 is all cores [default: 0]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl ServeArgs {
    fn settings(self) -> Result<Settings, Failure> {
        let overrides = Overrides {
            env: self.env.environment()?,
            file: self.config,
            listen: self.listen,
            ssh: self.ssh,
            role: self.role,
            data_dir: self.data_dir,
            store: self.store,
            blobs: self.blobs,
            workers: self.workers,
            threads: self.threads,
        };
        config::load(overrides).map_err(|error| Failure::Usage(error.into()))
    }
}

pub(super) fn run(args: ServeArgs) -> Result<(), Failure> {
    if args.check {
        return check::run(&args.settings()?);
    }
    memory::give_back_at_once();
    let drawn = !args.headless && std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    let settings = args.settings()?;
    let ring = LogRing::new(settings.log.ring_lines);
    let outlet = Outlet::silent();
    logging::start(&settings.log, ring.clone(), outlet.clone(), drawn)?;
    descriptors::ask_for(&settings);
    // Those that decompress keys.
    let own = rayon::ThreadPoolBuilder::new().start_handler(|_| Priority::Kernels.take());
    own.thread_name(|index| format!("rayon-{index}")).build_global().wrap_err("starting the threads for keys")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().wrap_err("starting the runtime")?;
    let result = runtime.block_on(serve(settings, ring, outlet, drawn));
    // Kernels that were abandoned may still be computing; their results would be refused.
    runtime.shutdown_background();
    result
}

async fn serve(settings: Settings, ring: LogRing, outlet: Outlet, drawn: bool) -> Result<(), Failure> {
    if !drawn {
        outlet.to_stderr();
    }
    let catalogue = settings.ads.catalogue.clone();
    let use_cases = Registry::standard(&catalogue).map_err(|error| Failure::Usage(error.into()))?;
    let grace = settings.drain_grace();
    let log_file = settings.server.data_dir.join("cipherdeck.log");
    let mut signals = Signals::new()?;
    let server = Server::start(settings, use_cases, ring).await.map_err(Failure::of_start)?;
    let terminal = drawn || std::io::stderr().is_terminal();
    let mut screen = Screen::new(drawn.then(|| server.console_host()));
    let asked = server.drain_asked();
    loop {
        match screen.next(&mut signals, &asked).await {
            Next::Drain => break,
            Next::Left(result) => {
                outlet.to_stderr();
                if let Err(error) = result {
                    tracing::error!(%error, "the console failed");
                }
                say(&goes_on(&server));
            }
            Next::HangUp if !terminal => tracing::info!("SIGHUP: there is no terminal to lose"),
            Next::HangUp => {
                // The terminal is gone, and with it stderr.
                outlet.to_file(&log_file).wrap_err_with(|| format!("cannot log to {}", log_file.display()))?;
                screen.close().await;
                tracing::info!("the terminal is gone; serving goes on without it");
            }
        }
    }
    if screen.close().await {
        outlet.to_stderr();
    }
    say(&format!("Draining: running tasks get {} s. Ctrl-C stops at once.", grace.as_secs()));
    let abandon = CancellationToken::new();
    let second = {
        let abandon = abandon.clone();
        tokio::spawn(async move {
            while signals.next().await != Signal::Stop {}
            abandon.cancel();
        })
    };
    server.stop(grace, abandon).await;
    second.abort();
    Ok(())
}

fn goes_on(server: &Server) -> String {
    let again = server.console_socket().map_or_else(
        || "`cipherdeck serve` on a terminal shows the console again after that".to_owned(),
        |socket| {
            format!("`cipherdeck attach --socket {}` on another terminal shows the console again", socket.display())
        },
    );
    format!("The server goes on at {}. Ctrl-C drains and stops it; {again}.", server.url())
}

#[expect(clippy::print_stderr, reason = "a line for the person at the terminal, after the dashboard has closed")]
fn say(line: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("{line}");
    } else {
        tracing::info!("{line}");
    }
}

enum Next {
    Drain,
    HangUp,
    Left(std::io::Result<()>),
}

/// The console while it is drawn.
struct Screen {
    task: Option<JoinHandle<std::io::Result<Exit>>>,
    shutdown: CancellationToken,
}

impl Screen {
    fn new(host: Option<console::Host>) -> Self {
        let shutdown = CancellationToken::new();
        let task = host.map(|host| tokio::spawn(console::run_local(host, shutdown.clone())));
        Self { task, shutdown }
    }

    /// What happens next: a signal, the end of the console, or an operator who drains the server from another terminal.
    async fn next(&mut self, signals: &mut Signals, asked: &CancellationToken) -> Next {
        tokio::select! {
            () = asked.cancelled() => Next::Drain,
            signal = signals.next() => match signal {
                Signal::Stop => Next::Drain,
                Signal::HangUp => Next::HangUp,
            },
            exit = Self::exit(&mut self.task) => {
                self.task = None;
                match exit {
                    Ok(Exit::Drain) => Next::Drain,
                    Ok(Exit::Leave) => Next::Left(Ok(())),
                    Err(error) => Next::Left(Err(error)),
                }
            }
        }
    }

    async fn exit(task: &mut Option<JoinHandle<std::io::Result<Exit>>>) -> std::io::Result<Exit> {
        match task {
            Some(task) => task.await.unwrap_or_else(|error| Err(std::io::Error::other(error))),
            None => std::future::pending().await,
        }
    }

    /// Closes the console and restores the terminal; `true` if it was drawn.
    async fn close(&mut self) -> bool {
        self.shutdown.cancel();
        match self.task.take() {
            Some(task) => {
                if let Ok(Err(error)) = task.await {
                    tracing::warn!(%error, "the console ended with an error");
                }
                true
            }
            None => false,
        }
    }
}
