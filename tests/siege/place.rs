//! The server under siege, and where its enemies come from.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
};

use tokio::net::{TcpSocket, TcpStream};

use crate::support::process::{PROGRAM, ServerProcess};

/// Descriptors that most systems let a process open until it asks for more.
const USUAL: u32 = 1_024;

/// Descriptors that the tests of this folder need.
const NEEDED: u64 = 8_192;

/// Addresses that enemies come from.
const ADDRESSES: usize = 250;

/// A server as most systems start it.
pub(super) struct Place {
    pub(super) server: ServerProcess,
    pub(super) address: SocketAddr,
    pub(super) dir: tempfile::TempDir,
}

impl Place {
    /// With these settings, `SECTION__NAME` and value.
    pub(super) fn open(settings: &[(&str, &str)]) -> Self {
        more_descriptors();
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new("bash");
        command.args(["-c", &format!("ulimit -S -n {USUAL} && exec \"$0\" \"$@\""), PROGRAM]);
        command.args(["serve", "--headless", "--listen", "127.0.0.1:0", "--data-dir"]).arg(dir.path());
        for (name, value) in settings {
            command.env(format!("CIPHERDECK__{name}"), value);
        }
        let mut server = ServerProcess::spawn(command);
        assert!(server.listens(), "the server did not start:\n{}", server.log());
        let address = server.url.strip_prefix("http://").unwrap().parse().unwrap();
        Self { server, address, dir }
    }

    /// Descriptors that the server has open.
    pub(super) fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.server.id())).unwrap().count()
    }

    /// Files of clients that it keeps.
    pub(super) fn blobs(&self) -> usize {
        fn files(dir: &Path) -> usize {
            let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
            entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
        }
        ["keys", "inputs", "results", "incoming"]
            .iter()
            .map(|room| files(&self.dir.path().join("blobs").join(room)))
            .sum()
    }
}

/// As many descriptors as this process may have.
fn more_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("the soft limit goes up to the hard one");
    assert!(
        maximum.is_none_or(|most| most >= NEEDED),
        "these tests open {NEEDED} files, {maximum:?} are allowed (ulimit -Hn)"
    );
}

/// Enemy number so and so connects, from an address of its own.
pub(super) async fn connect(to: SocketAddr, number: usize) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let from = Ipv4Addr::new(127, 0, 1, 1 + (number % ADDRESSES) as u8);
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}
