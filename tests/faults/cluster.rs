//! The parts of a cluster: a Redis, a directory of blobs, processes.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use cipherdeck::{
    blobs::BlobStore,
    store::Store,
    task::{Task, TaskId},
};
use tempfile::TempDir;

use super::node;
use crate::support::{
    process::{PROGRAM, ServerProcess},
    redis::RedisServer,
};

/// What every process here is told: a short lease, so that what a dead worker had is taken up soon, and more attempts than
/// there are kills, so that every task has to succeed.
const SETTINGS: [(&str, &str); 5] = [
    ("WORKER__LEASE_S", "3"),
    ("WORKER__ATTEMPTS", "100"),
    ("WORKER__THREADS", "1"),
    ("LIMITS__WAITING_PER_CLIENT", "100000"),
    ("SERVER__DRAIN_GRACE_S", "5"),
];

/// What a process is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The program itself, with the real use cases.
    Real,
    /// Its server in this binary, with the use case without cryptography besides.
    Plain,
}

/// A Redis and a directory that processes share.
pub(super) struct Cluster {
    pub(super) redis: RedisServer,
    dir: TempDir,
}

impl Cluster {
    /// On a Redis that has every acknowledged write on disk.
    pub(super) fn new() -> Self {
        Self::on(RedisServer::durable())
    }

    /// On a Redis that writes nothing to disk: for what is measured in seconds while Redis lives.
    pub(super) fn in_memory() -> Self {
        Self::on(RedisServer::start(&["--appendonly", "no"]))
    }

    pub(super) fn on(redis: RedisServer) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["blobs", "runs"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        Self { redis, dir }
    }

    /// A place for files of the test.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Starts a process and waits until it listens.
    pub(super) fn start(&self, kind: Kind, role: &str) -> ServerProcess {
        self.start_with(kind, role, &[])
    }

    /// The same with settings of its own, `SECTION__KEY`. On a busy machine a Redis that takes longer than a second to
    /// accept is none to a server that starts: it is then started again, as a supervisor does.
    pub(super) fn start_with(&self, kind: Kind, role: &str, settings: &[(&str, &str)]) -> ServerProcess {
        for _ in 0..5 {
            let mut server = self.spawn(kind, role, settings);
            if server.listens() {
                return server;
            }
            assert!(server.log().contains("cannot open the store"), "the server did not start:\n{}", server.log());
        }
        panic!("the server did not start in five tries");
    }

    /// The same without waiting.
    pub(super) fn spawn(&self, kind: Kind, role: &str, settings: &[(&str, &str)]) -> ServerProcess {
        let data_dir = tempfile::tempdir_in(self.dir.path()).unwrap().keep();
        let mut command = match kind {
            Kind::Plain => node::command(&data_dir, &self.file("runs")),
            Kind::Real => {
                let mut command = Command::new(PROGRAM);
                command.args(["serve", "--headless", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data_dir);
                command
            }
        };
        let (url, blobs) = (self.redis.url(), self.file("blobs"));
        let places = [("SERVER__ROLE", role), ("STORE__URL", &url), ("BLOBS__URL", blobs.to_str().unwrap())];
        for (name, value) in SETTINGS.iter().chain(&places).chain(settings) {
            command.env(format!("CIPHERDECK__{name}"), value);
        }
        ServerProcess::spawn(command)
    }

    /// The cluster's store, as this process sees it.
    pub(super) async fn store(&self) -> std::sync::Arc<dyn Store> {
        crate::redis::open(&self.redis.url()).await
    }

    pub(super) fn blobs(&self) -> BlobStore {
        BlobStore::local(&self.file("blobs")).unwrap()
    }

    /// The processes that ran the order of this name, in turn.
    pub(super) fn runs(&self, name: &str) -> Vec<u32> {
        let text = std::fs::read_to_string(self.file("runs").join(name)).unwrap_or_default();
        text.lines().map(|line| line.parse().unwrap()).collect()
    }

    /// Result blobs of this task, whether anything refers to them or not.
    pub(super) fn results_of(&self, id: TaskId) -> usize {
        std::fs::read_dir(self.file("blobs").join("results").join(id.to_string())).map_or(0, Iterator::count)
    }
}

/// Did this process claim the task last? (`host:pid:uuid/slot`.)
pub(super) fn ran_on(task: &Task, server: &ServerProcess) -> bool {
    task.worker.as_ref().and_then(|worker| worker.0.split(':').nth(1)?.parse().ok()) == Some(server.id())
}

/// Makes a file that a deaf order waits for.
pub(super) fn open_gate(gate: &Path) {
    std::fs::write(gate, "").unwrap();
}
