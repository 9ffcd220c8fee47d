//! Puts the parts of a running server together, and takes them apart again.

mod listeners;
mod warnings;

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::listeners::{Bound, Listeners};
use crate::{
    api::{self, ApiState, TlsError},
    blobs::{BlobError, BlobStore},
    config::{Environment, Settings},
    console::{
        self, attach,
        fleet::{Fleet, Register},
        ssh::{self, SshError},
    },
    monitor::{
        gpu::GpuSampler,
        logs::LogRing,
        sampler::{Sampler, node_name},
    },
    operator::{
        Actor, Desk,
        tokens::{self, Tokens},
    },
    store::{self, StoreError},
    task::{Clock, Status, Timestamp},
    use_cases::Registry,
    vault::KeyVault,
    worker::{self, Pool, PoolError, janitor::Janitor},
};

/// Why the server does not start. Nothing runs and nothing is bound then.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not of this machine.
    #[error("cannot listen on {address}: {source}; is another cipherdeck running? ({setting} chooses another address)")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What sets it.
        setting: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Nobody could come in.
    #[error("{0} needs tokens and there is none: make one with `cipherdeck token add NAME --role operator`")]
    NoToken(&'static str),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The console over SSH.
    #[error(transparent)]
    Ssh(#[from] SshError),
    /// The blobs.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The workers.
    #[error(transparent)]
    Pool(#[from] PoolError),
}

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
        if settings.env != Environment::Dev && Tokens::of(&settings.auth.tokens).count() == 0 {
            return Err(StartError::NoToken(settings.env.word()));
        }
        let bound = Bound::of(&settings)?;
        let (address, operator_address) = (bound.address, bound.operator_address);
        let store = store::open(&settings).await?;
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
        })?;
        let state = Arc::new(ApiState {
            store,
            blobs,
            vault,
            desk: desk.clone(),
            use_cases,
            settings: Arc::clone(&settings),
            logs,
            workers: (settings.worker.count > 0).then(|| pool.pulse()),
            swept: janitor.totals(),
            clock: clock.clone(),
            draining: draining.clone(),
        });
        let every = Duration::from_secs(settings.retention.sweep_every_s);
        let sweeps = tokio::spawn(janitor.run(every, draining.clone()));
        let listeners = bound.serve(api::routers(Arc::clone(&state)), &settings, &closing);
        desk.record(&Actor::server(&node_name()), "start", address.to_string(), "done").await;
        let tokens = tokio::spawn(watch_tokens(&state, name).await.run(closing.clone()));
        warnings::warn(&state, address);
        let fleet = Fleet::new(Register::new(Arc::clone(&state.store), clock.clone()));
        let mut server = Self {
            address,
            started: clock.now(),
            state,
            pool,
            sampler: Sampler::default(),
            gpus: GpuSampler::default(),
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

/// Changes of the tokens go into the audit log; those that were made while no server ran, before this returns.
async fn watch_tokens(state: &ApiState, store: Uuid) -> tokens::Watch {
    let Settings { server, auth, .. } = &*state.settings;
    let mut watch = tokens::Watch::new(&auth.tokens, &server.data_dir, store, state.desk.clone(), &node_name());
    watch.look().await;
    watch
}

/// What was written so long ago will not be referred to any more, if nothing does: longer than an upload and the worst
/// pause of a process.
fn orphan_grace(settings: &Settings) -> Duration {
    const PAUSE: Duration = Duration::from_hours(24);
    PAUSE + Duration::from_secs(settings.server.upload_timeout_s)
}
