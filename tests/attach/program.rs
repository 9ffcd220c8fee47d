//! The whole program on both sides: signals, death, the socket's file.

use std::path::Path;

use tokio::net::UnixStream;

use super::house::attach_to;
use crate::{console::pty::Program, support::process::ServerProcess};

/// `cipherdeck attach` to the server with this data directory.
async fn attached(data_dir: &Path, columns: u16, lines: u16) -> Program {
    let client = attach_to(&data_dir.join("console.sock"), columns, lines);
    client.screen.until("no tasks yet").await;
    client
}

#[tokio::test]
async fn a_server_that_is_killed_leaves_the_terminals_as_they_were_and_comes_back_at_the_same_socket() {
    let dir = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(dir.path(), &[]);
    let raw = attached(dir.path(), 80, 24).await;
    let modes = raw.modes();
    // Left in order, once, to know how a terminal is without the console.
    raw.keys("ql");
    let (status, raw) = raw.over().await;
    assert!(status.success());
    let before = raw.modes();
    assert_ne!(modes, before);

    let clients = [attached(dir.path(), 80, 24).await, attached(dir.path(), 160, 45).await];
    server.kill();
    for client in clients {
        client.screen.until("the server is gone").await;
        client.screen.until_restored().await;
        let (status, client) = client.over().await;
        assert_eq!((status.exit_code(), client.modes()), (1, before.clone()));
    }
    assert!(dir.path().join("console.sock").exists(), "nobody was there to remove it");
    let server = ServerProcess::start(dir.path(), &[]);
    let client = attached(dir.path(), 80, 24).await;
    server.signal("TERM");
    client.screen.until("The server drains and stops.").await;
    client.screen.until_restored().await;
    assert!(client.over().await.0.success());
    assert!(server.ended().success());
    assert!(!dir.path().join("console.sock").exists(), "it goes with its server");
}

#[tokio::test]
async fn an_operator_drains_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(dir.path(), &[]);
    let (chooses, other) = (attached(dir.path(), 80, 24).await, attached(dir.path(), 120, 40).await);
    chooses.keys("q");
    chooses.screen.until("Leave the dashboard?").await;
    chooses.keys("D");
    chooses.screen.until("The server drains").await;
    other.screen.until("The server drains and stops.").await;
    for client in [chooses, other] {
        client.screen.until_restored().await;
        assert!(client.over().await.0.success());
    }
    assert!(server.ended().success());
}

#[tokio::test]
async fn a_signal_ends_the_client_only_and_restores_its_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let _server = ServerProcess::start(dir.path(), &[]);
    for signal in ["TERM", "HUP", "INT", "QUIT"] {
        let client = attached(dir.path(), 80, 24).await;
        let raw = client.modes();
        client.signal(signal);
        client.screen.until(&format!("Closed by SIG{signal}; the server goes on.")).await;
        client.screen.until_restored().await;
        let (status, client) = client.over().await;
        assert_eq!(status.exit_code(), 1);
        assert_ne!(client.modes(), raw);
    }
    // Nobody can restore a terminal that is stopped, so it is not.
    let client = attached(dir.path(), 80, 24).await;
    client.signal("TSTP");
    client.keys("?");
    client.screen.until(" Keys ").await;
}

#[tokio::test]
async fn a_server_does_not_take_the_socket_of_another_one() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let socket = one.path().join("console.sock");
    let _first = ServerProcess::start(one.path(), &[]);
    let settings = [("CIPHERDECK__SERVER__CONSOLE_SOCKET", socket.to_str().unwrap())];
    let second = ServerProcess::start(two.path(), &settings);
    second.signal("TERM");
    assert!(second.ended().success(), "it serves without, and leaves it alone at its end");
    UnixStream::connect(&socket).await.unwrap();
    attached(one.path(), 80, 24).await;
}

#[tokio::test]
async fn the_servers_own_terminal_and_an_attached_one_show_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let server = Program::serve(dir.path(), 80, 24, &[]);
    let url = server.url();
    let client = attached(dir.path(), 120, 40).await;
    assert_eq!(client.url(), url);
    server.keys("ql");
    // Whoever leaves is told how to come back.
    server.screen.until("cipherdeck attach --socket").await;
    client.keys("q");
    client.screen.until("Leave the dashboard?").await;
    client.keys("D");
    assert!(server.ended().success());
}
