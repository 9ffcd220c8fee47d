//! Puts the parts of a running server together, and takes them apart again.

mod error;
mod listeners;
mod look;
mod tokens;
mod warnings;

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::listeners::{Bound, Listeners};
pub use self::{error::StartError, look::look};
use crate::{
    api::{self, ApiState, Executor},
    blobs::BlobStore,
    config::Settings,
    console::{
        self, attach,
        fleet::{Fleet, Register},
        ssh,
    },
    monitor::{
        Telemetry,
        gpu::GpuSampler,
        logs::LogRing,
        metrics::{Metrics, gpus},
        sampler::{Sampler, node_name},
        traces::Traces,
    },
    operator::{Actor, Desk},
    store::{self, Metered, Store},
    task::{Clock, Status, Timestamp},
    use_cases::Registry,
    vault::KeyVault,
    worker::{self, Pool, janitor::Janitor},
};

/// A running server: listener, workers, sweeps.
pub struct Server {
    address: SocketAddr,
    started: Timestamp,
    state: Arc<ApiState>,
    pool: Pool,
    sampler: Sampler,
    gpus: GpuSampler,
    fleet: Fleet,
    /// No new work from here on.
    draining: CancellationToken,
    /// The listener closes.
    closing: CancellationToken,
    /// An operator at another terminal has chosen to drain it.
    drain_asked: CancellationToken,
    attach: Option<attach::Sessions>,
    ssh: Option<ssh::Sessions>,
    listeners: Listeners,
    sweeps: JoinHandle<()>,
    tokens: JoinHandle<()>,
}

impl Server {
    /// Opens the store, binds the listener, starts workers and sweeps.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(settings: Settings, use_cases: Registry, logs: LogRing) -> Result<Self, StartError> {
        let settings = Arc::new(settings);
        tokens::count(&settings)?;
        let bound = Bound::of(&settings)?;
        let (address, operator_address) = (bound.address, bound.operator_address);
        let telemetry =
            Telemetry { traces: Traces::start(&settings.otlp.endpoint, &node_name())?, metrics: Metrics::default() };
        look::authorities(&settings.store)?;
        let store = store::open(&settings).await?;
        let store: Arc<dyn Store> = Arc::new(Metered::new(store, telemetry.metrics.store.clone()));
        let name = store.identity().await?;
        let blobs = BlobStore::open(&settings.blobs.url, &settings.server.data_dir)?;
        let began = blobs.now().await?;
        let ssh = ssh::bind(&settings.ssh).await?;
        let clock = Clock::system();
        let vault = KeyVault::new(Arc::clone(&store), blobs.clone());
        let names = use_cases.names().into_iter().map(str::to_owned).collect();
        let desk = Desk::new(Arc::clone(&store), vault.clone(), names);
        let janitor = Janitor::new(Arc::clone(&store), blobs.clone(), vault.clone(), began, orphan_grace(&settings));
        let (draining, closing) = (CancellationToken::new(), CancellationToken::new());
        let pool = Pool::start(worker::Parts {
            store: Arc::clone(&store),
            blobs: blobs.clone(),
            use_cases: use_cases.clone(),
            settings: settings.worker.clone(),
            telemetry: telemetry.clone(),
        })?;
        let gpus = GpuSampler::default();
        let watched = gpus.clone();
        telemetry.metrics.register(move |values| gpus::write(&watched, values));
        let swept = janitor.totals();
        telemetry.metrics.register(move |values| swept.write(values));
        let state = Arc::new(ApiState {
            store,
            blobs,
            vault,
            desk: desk.clone(),
            use_cases,
            settings: Arc::clone(&settings),
            logs,
            workers: (settings.worker.count > 0).then(|| pool.pulse()),
            telemetry: telemetry.clone(),
            clock: clock.clone(),
            draining: draining.clone(),
            executor: Executor::start(settings.limits.concurrent_key_checks).map_err(StartError::Handlers)?,
        });
        let every = Duration::from_secs(settings.retention.sweep_every_s);
        let sweeps = tokio::spawn(janitor.run(every, draining.clone()));
        let listeners = bound.serve(api::routers(Arc::clone(&state)), &settings, &telemetry.metrics.http, &closing);
        desk.record(&Actor::server(&node_name()), "start", address.to_string(), "done").await;
        let tokens = tokio::spawn(tokens::watch(&state, name).await.run(closing.clone()));
        warnings::warn(&state, address);
        let fleet = Fleet::new(Register::new(Arc::clone(&state.store), clock.clone()));
        let mut server = Self {
            address,
            started: clock.now(),
            state,
            pool,
            sampler: Sampler::default(),
            gpus,
            fleet,
            draining,
            closing,
            drain_asked: CancellationToken::new(),
            attach: None,
            ssh: None,
            listeners,
            sweeps,
            tokens,
        };
        server.attach = server.open_socket();
        if let Some(bound) = ssh {
            let (host, draining, asked) = (server.console_host(), server.draining.clone(), server.drain_asked.clone());
            server.ssh = Some(bound.serve(host, draining, asked).await);
        }
        if let Some(address) = operator_address {
            tracing::info!(%address, "listening for operators");
        }
        tracing::info!(%address, "listening");
        Ok(server)
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as a URL.
    pub fn url(&self) -> String {
        let scheme = if self.state.settings.tls.is_on() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Where operators reach the console with ssh, if they do.
    pub fn ssh_address(&self) -> Option<SocketAddr> {
        self.ssh.as_ref().map(ssh::Sessions::address)
    }

    /// The socket of `cipherdeck attach`, if there is one.
    pub fn console_socket(&self) -> Option<&Path> {
        self.attach.as_ref().map(attach::Sessions::path)
    }

    /// Cancelled when an operator has chosen, over SSH or attached, to drain the server. Whoever runs it then calls
    /// [`Server::stop`].
    pub fn drain_asked(&self) -> CancellationToken {
        self.drain_asked.clone()
    }

    /// What the console needs.
    pub fn console_host(&self) -> console::Host {
        console::Host {
            store: Arc::clone(&self.state.store),
            desk: self.state.desk.clone(),
            logs: self.state.logs.clone(),
            sampler: self.sampler.clone(),
            gpus: self.gpus.clone(),
            fleet: self.fleet.clone(),
            data_dir: self.state.settings.server.data_dir.clone(),
            draining: self.draining.clone(),
            environment: self.state.settings.env.word(),
            address: self.address,
            started: self.started,
            workers: self.state.settings.worker.count,
            use_cases: self.state.use_cases.names().into_iter().map(str::to_owned).collect(),
            clock: self.state.clock.clone(),
        }
    }

    /// Takes no more work, lets running tasks finish within `grace`, gives the others back to the queue, stops. Once
    /// `abandon` is cancelled, running tasks are given back at once and their kernels are not waited for.
    pub async fn stop(self, grace: Duration, abandon: CancellationToken) {
        self.draining.cancel();
        let running = self.state.store.count(Status::Started).await.unwrap_or(0);
        tracing::info!(running, grace_s = grace.as_secs(), "draining");
        self.note("drain").await;
        tokio::select! {
            () = self.pool.drain(grace) => {}
            () = abandon.cancelled() => self.pool.abandon().await,
        }
        self.close().await;
    }

    async fn close(mut self) {
        self.closing.cancel();
        let (ssh, attach) = (self.ssh.take(), self.attach.take());
        tokio::join!(
            async {
                if let Some(ssh) = ssh {
                    ssh.ended().await;
                }
            },
            async {
                if let Some(attach) = attach {
                    attach.ended().await;
                }
            }
        );
        self.listeners.ended().await;
        self.sweeps.abort();
        if tokio::time::timeout(listeners::ANSWERS, &mut self.tokens).await.is_err() {
            self.tokens.abort();
        }
        self.note("stop").await;
        self.state.store.close().await;
        self.state.telemetry.traces.close().await;
        tracing::info!("stopped");
    }

    /// Where operators of this machine attach. A server without is one all the same.
    fn open_socket(&self) -> Option<attach::Sessions> {
        match attach::bind(&self.state.settings.server.console_socket) {
            Ok(bound) => Some(bound.serve(self.console_host(), self.draining.clone(), self.drain_asked.clone())),
            Err(error) => {
                tracing::warn!(%error, "nobody can attach");
                None
            }
        }
    }

    /// What the server does to itself is in the audit log too.
    async fn note(&self, action: &str) {
        self.state.desk.record(&Actor::server(&node_name()), action, self.address.to_string(), "done").await;
    }
}

/// What was written so long ago will not be referred to any more, if nothing does: longer than an upload and the worst
/// pause of a process.
fn orphan_grace(settings: &Settings) -> Duration {
    const PAUSE: Duration = Duration::from_hours(24);
    PAUSE + Duration::from_secs(settings.server.upload_timeout_s)
}
