//! A store, tasks in it, and a console on an emulated terminal.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use cipherdeck::{
    blobs::BlobStore,
    config::{self, Overrides},
    console::{
        Exit, Host,
        fleet::{Fleet, Register},
        session::{self, Screen},
    },
    monitor::{gpu::GpuSampler, logs::LogRing, sampler::Sampler},
    operator::{Actor, Desk, Door, Role},
    store::{Claim, ClaimRequest, NewTask, Outcome, Store, StoreOptions, sqlite::SqliteStore},
    task::{ClientId, Clock, TaskId, Timestamp, Token, Uid, WorkerName},
    vault::KeyVault,
};
use cipherdeck_ui::{
    Look,
    theme::{Charset, Palette},
};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures::{SinkExt as _, channel::mpsc};
use ratatui::backend::CrosstermBackend;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::emulator::Emulator;

/// Use cases by number.
pub(crate) const USE_CASES: [&str; 3] = ["weight_stats", "ad_targeting", "sleep_quality"];

/// A store with tasks.
pub(crate) struct World {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) blobs: BlobStore,
    pub(crate) uid: Uid,
    pub(crate) desk: Desk,
    pub(crate) logs: LogRing,
    pub(crate) draining: CancellationToken,
}

/// A console that is being drawn.
pub(crate) struct Console {
    pub(crate) screen: Emulator,
    input: mpsc::Sender<io::Result<Event>>,
    pub(crate) shutdown: CancellationToken,
    running: JoinHandle<io::Result<Exit>>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with_backlog(4096).await
    }

    /// With readers of events that are told to reload when they lag by more than `event_backlog`.
    pub(crate) async fn with_backlog(event_backlog: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = config::load(Overrides::default()).unwrap();
        let options =
            StoreOptions { event_backlog, waiting_per_client: 1_000_000, ..StoreOptions::from_settings(&settings) };
        let store: Arc<dyn Store> = SqliteStore::open(dir.path(), options).unwrap();
        let uid = Uid::random();
        store.add_uid(uid, ClientId("client".to_owned()), None).await.unwrap();
        let blobs = BlobStore::local(&dir.path().join("blobs")).unwrap();
        let vault = KeyVault::new(Arc::clone(&store), blobs.clone());
        let desk = Desk::new(Arc::clone(&store), vault, USE_CASES.map(str::to_owned).to_vec());
        Self { dir, store, blobs, uid, desk, logs: LogRing::new(1_000), draining: CancellationToken::new() }
    }

    pub(crate) fn host(&self) -> Host {
        Host {
            store: Arc::clone(&self.store),
            desk: self.desk.clone(),
            logs: self.logs.clone(),
            sampler: Sampler::default(),
            gpus: GpuSampler::default(),
            fleet: Fleet::new(Register::new(Arc::clone(&self.store), Clock::system())),
            data_dir: self.dir.path().to_owned(),
            draining: self.draining.clone(),
            environment: "dev",
            address: "127.0.0.1:8082".parse().unwrap(),
            started: Timestamp::now(),
            workers: 1,
            use_cases: USE_CASES.map(str::to_owned).to_vec(),
            clock: Clock::system(),
        }
    }

    /// Queues a task of use case `n`.
    pub(crate) async fn submit(&self, n: usize) -> TaskId {
        let id = TaskId::random();
        let input = self.blobs.put(&format!("inputs/{id}"), Bytes::from_static(b"input")).await.unwrap();
        let now = Timestamp::now();
        let task = NewTask {
            id,
            uid: self.uid,
            client: ClientId("client".to_owned()),
            use_case: USE_CASES[n % 3].to_owned(),
            capability: USE_CASES[n % 3].to_owned(),
            input,
            idempotency_key: None,
            priority: 0,
            received: now,
        };
        self.store.enqueue(task).await.unwrap().id()
    }

    /// A worker takes the next task.
    pub(crate) async fn claim(&self) -> Claim {
        let request = ClaimRequest {
            worker: WorkerName("testhost:1:0/7".to_owned()),
            nonce: Token::random(),
            capabilities: USE_CASES.map(str::to_owned).into(),
            device: "cpu".to_owned(),
        };
        self.store.claim(request).await.unwrap().expect("a task waits")
    }

    /// The worker succeeds.
    pub(crate) async fn succeed(&self, claim: &Claim) -> String {
        let name = format!("results/{}/{}", claim.task.id, claim.token);
        let result = self.blobs.put(&name, Bytes::from_static(b"result")).await.unwrap();
        let outcome = Outcome::Success { result, server: Duration::from_millis(5), bootstraps: 0 };
        self.store.finish(claim.task.id, claim.token, outcome).await.unwrap();
        name
    }

    /// Opens a console of an operator.
    pub(crate) fn console(&self, columns: u16, lines: u16) -> Console {
        Console::open(self.host(), columns, lines)
    }

    /// Opens a console of somebody who may only look.
    pub(crate) fn viewer(&self, columns: u16, lines: u16) -> Console {
        Console::open_as(self.host(), Role::Viewer, columns, lines)
    }
}

impl Console {
    pub(crate) fn open(host: Host, columns: u16, lines: u16) -> Self {
        Self::open_as(host, Role::Operator, columns, lines)
    }

    fn open_as(host: Host, role: Role, columns: u16, lines: u16) -> Self {
        let screen = Emulator::new(columns, lines);
        let (input, keys) = mpsc::channel(64);
        let shutdown = CancellationToken::new();
        let surface = Screen {
            backend: CrosstermBackend::new(screen.clone()),
            size: (columns, lines),
            look: Look { palette: Palette::Dark, charset: Charset::Unicode },
            actor: Actor { door: Door::Terminal, name: "test".to_owned(), role },
        };
        let running = tokio::spawn(session::run(host, surface, keys, shutdown.clone()));
        Self { screen, input, shutdown, running }
    }

    pub(crate) async fn send(&mut self, event: Event) {
        self.input.send(Ok(event)).await.expect("the console listens");
    }

    /// Types letters.
    pub(crate) async fn keys(&mut self, letters: &str) {
        for letter in letters.chars() {
            self.key(KeyCode::Char(letter)).await;
        }
    }

    pub(crate) async fn key(&mut self, code: KeyCode) {
        self.send(Event::Key(KeyEvent::new(code, KeyModifiers::NONE))).await;
    }

    pub(crate) async fn ctrl_c(&mut self) {
        self.send(Event::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL))).await;
    }

    /// How it was left.
    pub(crate) async fn ended(self) -> Exit {
        let Self { input: _input, running, .. } = self;
        let exit = tokio::time::timeout(Duration::from_secs(60), running).await.expect("it ends in time");
        exit.expect("it does not panic").expect("it can be drawn")
    }

    /// The terminal goes away.
    pub(crate) async fn hang_up(self) -> Exit {
        drop(self.input);
        self.running.await.expect("it does not panic").expect("it ends quietly")
    }
}

/// The eight characters by which the list knows a task.
pub(crate) fn short(id: TaskId) -> String {
    id.to_string().chars().take(8).collect()
}
