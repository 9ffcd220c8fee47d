//! A store with tasks, the SSH listener over it, and operators with keys.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use cipherdeck::{
    config,
    console::{
        Host,
        ssh::{self, Sessions},
    },
    monitor::logs::LogRing,
    store::{AuditEntry, AuditFilter},
};
use portable_pty::{CommandBuilder, ExitStatus};
use russh::keys::{Algorithm, PrivateKey, PublicKey, key::safe_rng, ssh_key::LineEnding};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{level_filters::LevelFilter, subscriber::DefaultGuard};
use tracing_subscriber::prelude::*;

use crate::{
    console::{pty::Program, world::World},
    support::wait::{DEADLINE, until_logged},
};

/// Everything of a test runs on its own thread, so that its log lines are its own.
pub(super) struct House {
    pub(super) world: World,
    pub(super) door: Door,
    /// Cancelled when an operator chose to drain.
    pub(super) drain: CancellationToken,
    pub(super) logs: LogRing,
    closing: CancellationToken,
    sessions: Sessions,
    _logging: DefaultGuard,
}

/// Where the listener is, and the keys that open it.
pub(crate) struct Door {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) address: std::net::SocketAddr,
}

impl House {
    pub(super) async fn open() -> Self {
        Self::with(16, |_| ()).await
    }

    /// With so many sessions at once, and another host.
    pub(super) async fn with(max_sessions: usize, change: impl FnOnce(&mut Host)) -> Self {
        let logs = LogRing::new(1_000);
        let logging = tracing_subscriber::registry().with(LevelFilter::INFO).with(logs.clone()).set_default();
        let world = World::new().await;
        let dir = tempfile::tempdir().unwrap();
        let settings = config::Ssh {
            listen: Some("127.0.0.1:0".parse().unwrap()),
            host_key: dir.path().join("host_key"),
            authorized_keys: dir.path().join("authorized"),
            max_sessions,
        };
        let mut host = world.host();
        change(&mut host);
        let bound = ssh::bind(&settings).await.unwrap().expect("it is on");
        let (closing, drain) = (CancellationToken::new(), CancellationToken::new());
        let sessions = bound.serve(host, closing.clone(), drain.clone()).await;
        let door = Door { dir, address: sessions.address() };
        Self { world, door, drain, logs, closing, sessions, _logging: logging }
    }

    /// The server drains: every session has ended then.
    pub(super) async fn close(self) {
        self.closing.cancel();
        self.sessions.ended().await;
    }

    /// Is there a row in the audit log: who, as it begins, did what with which result?
    pub(super) async fn is_audited(&self, who: &str, action: &str, result: &str) -> bool {
        let filter = AuditFilter { actor: None, action: Some(action.to_owned()), object: None };
        let page = self.world.desk.audited(filter, None, 100).await.unwrap();
        let by = |entry: &AuditEntry| entry.by.door == "ssh" && entry.by.name.contains(who);
        page.rows.iter().any(|row| row.entry.result == result && by(&row.entry))
    }

    /// Waits for a line of the log with all these texts; `again` times.
    pub(super) async fn until_logged(&self, texts: &[&str], again: usize) -> String {
        until_logged(&self.logs, texts, again).await
    }
}

impl Door {
    /// A new key of somebody, who may come in as `role` if there is one. Its file.
    pub(crate) fn key(&self, name: &str, role: Option<&str>) -> PathBuf {
        let mut key = PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).unwrap();
        key.set_comment(name);
        let path = self.dir.path().join(name);
        fs::write(&path, key.to_openssh(LineEnding::LF).unwrap()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        if let Some(role) = role {
            self.admit(role, key.public_key());
        }
        path
    }

    /// One more line of authorized keys.
    pub(super) fn admit(&self, role: &str, key: &PublicKey) {
        let path = self.dir.path().join("authorized");
        let former = fs::read_to_string(&path).unwrap_or_default();
        fs::write(&path, format!("{former}role=\"{role}\" {}\n", key.to_openssh().unwrap())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// OpenSSH's client with this key and nothing of this machine's configuration. It knows the server's key.
    pub(super) fn arguments(&self, key: &Path) -> Vec<String> {
        let host_key = fs::read_to_string(self.dir.path().join("host_key")).unwrap();
        let public = PrivateKey::from_openssh(host_key).unwrap().public_key().to_openssh().unwrap();
        let known = self.dir.path().join("known_hosts");
        fs::write(&known, format!("cipherdeck {public}\n")).unwrap();
        let (key, known) = (key.display(), known.display());
        let mut arguments: Vec<String> =
            ["-F", "none", "-p", &self.address.port().to_string()].map(str::to_owned).to_vec();
        for option in [
            &format!("IdentityFile={key}"),
            &format!("UserKnownHostsFile={known}"),
            "GlobalKnownHostsFile=none",
            "HostKeyAlias=cipherdeck",
            "StrictHostKeyChecking=yes",
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "ControlPath=none",
            "EscapeChar=none",
        ] {
            arguments.extend(["-o".to_owned(), option.to_owned()]);
        }
        arguments
    }

    /// `ssh operator@host` in a terminal of this size.
    pub(crate) fn ssh(&self, key: &Path, columns: u16, lines: u16) -> Program {
        let mut command = CommandBuilder::new("ssh");
        command.args(self.arguments(key));
        command.arg("operator@127.0.0.1");
        command.env("TERM", "xterm-256color");
        Program::run(command, columns, lines)
    }

    /// `ssh` without a terminal: exit status, and what it says on stderr.
    pub(super) async fn run(&self, key: &Path, before: &[&str], after: &[&str]) -> (i32, String) {
        let mut command = tokio::process::Command::new("ssh");
        command.args(before).args(self.arguments(key)).arg("operator@127.0.0.1").args(after);
        command.stdin(Stdio::null()).kill_on_drop(true);
        let output = timeout(DEADLINE, command.output()).await.expect("it ends").unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.stdout.is_empty(), "{:?}", String::from_utf8_lossy(&output.stdout));
        (output.status.code().unwrap_or(-1), said)
    }
}

/// Waits for the end of a program while the runtime of this thread goes on.
pub(super) async fn ended(program: Program) -> ExitStatus {
    let waiting = tokio::task::spawn_blocking(move || program.ended());
    timeout(Duration::from_secs(60), waiting).await.expect("it ends").expect("it was waited for")
}
