//! A store with tasks, the socket over it, and terminals that attach.

use std::path::{Path, PathBuf};

use cipherdeck::{
    console::{
        Host,
        attach::{self, Sessions},
    },
    monitor::logs::LogRing,
    store::AuditFilter,
};
use portable_pty::CommandBuilder;
use tokio_util::sync::CancellationToken;
use tracing::{level_filters::LevelFilter, subscriber::DefaultGuard};
use tracing_subscriber::prelude::*;

use crate::{
    console::{pty::Program, world::World},
    support::{process::PROGRAM, wait},
};

/// Everything of a test runs on its own thread, so that its log lines are its own.
pub(super) struct House {
    pub(super) world: World,
    pub(super) socket: PathBuf,
    /// Cancelled when an operator chose to drain.
    pub(super) drain: CancellationToken,
    pub(super) logs: LogRing,
    closing: CancellationToken,
    sessions: Sessions,
    _logging: DefaultGuard,
}

impl House {
    pub(super) async fn open() -> Self {
        Self::with(|_| ()).await
    }

    /// With another host.
    pub(super) async fn with(change: impl FnOnce(&mut Host)) -> Self {
        let logs = LogRing::new(1_000);
        let logging = tracing_subscriber::registry().with(LevelFilter::INFO).with(logs.clone()).set_default();
        let world = World::new().await;
        let socket = world.dir.path().join("console.sock");
        let mut host = world.host();
        change(&mut host);
        let (closing, drain) = (CancellationToken::new(), CancellationToken::new());
        let sessions = attach::bind(&socket).unwrap().serve(host, closing.clone(), drain.clone());
        Self { world, socket, drain, logs, closing, sessions, _logging: logging }
    }

    /// `cipherdeck attach` in a terminal of this size.
    pub(super) fn attach(&self, columns: u16, lines: u16) -> Program {
        attach_to(&self.socket, columns, lines)
    }

    /// The server drains: every session has ended then.
    pub(super) async fn close(self) {
        self.closing.cancel();
        self.sessions.ended().await;
        assert!(!self.socket.exists(), "the socket goes with the server");
    }

    /// The rows of the audit log about an action of somebody who came in here: who, and what came of it.
    pub(super) async fn audited(&self, action: &str) -> Vec<(String, String)> {
        let filter = AuditFilter { actor: None, action: Some(action.to_owned()), object: None };
        let page = self.world.desk.audited(filter, None, 100).await.unwrap();
        let here = page.rows.into_iter().map(|row| row.entry).filter(|entry| entry.by.door == "attach");
        here.map(|entry| (entry.by.name, entry.result)).collect()
    }

    pub(super) async fn until_logged(&self, texts: &[&str], again: usize) -> String {
        wait::until_logged(&self.logs, texts, again).await
    }
}

/// `cipherdeck attach --socket` in a terminal of this size.
pub(super) fn attach_to(socket: &Path, columns: u16, lines: u16) -> Program {
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["attach", "--socket"]);
    command.arg(socket);
    command.env("TERM", "xterm-256color");
    command.env("LC_ALL", "C.UTF-8");
    Program::run(command, columns, lines)
}
