//! The whole program: its flag, its signals, its host key.

use std::fs;

use super::house::{Door, ended};
use crate::support::process::ServerProcess;

/// The real server with an SSH listener; its keys lie in its data directory.
fn serve(dir: tempfile::TempDir) -> (ServerProcess, Door) {
    let settings = [
        ("CIPHERDECK__SSH__LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("CIPHERDECK__SSH__AUTHORIZED_KEYS".to_owned(), dir.path().join("authorized").display().to_string()),
        ("CIPHERDECK__SSH__HOST_KEY".to_owned(), dir.path().join("host_key").display().to_string()),
    ];
    let settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let server = ServerProcess::start(&dir.path().join("data"), &settings);
    let address = server.ssh.as_ref().expect("it listens for SSH").parse().unwrap();
    (server, Door { dir, address })
}

#[tokio::test]
async fn sigterm_closes_sessions_restores_their_terminals_and_stops_the_server() {
    let (server, door) = serve(tempfile::tempdir().unwrap());
    let key = door.key("alice", Some("operator"));
    let client = door.ssh(&key, 120, 40);
    let screen = client.screen.until("no tasks yet").await;
    assert!(screen.contains("● live"), "{screen}");
    server.signal("TERM");
    client.screen.until("The server drains and stops.").await;
    client.screen.until_restored().await;
    assert!(ended(client).await.success());
    assert!(server.ended().success());
}

#[tokio::test]
async fn an_operator_drains_the_server_and_it_comes_back_with_the_same_host_key() {
    let (server, door) = serve(tempfile::tempdir().unwrap());
    let key = door.key("alice", Some("operator"));
    let client = door.ssh(&key, 80, 24);
    client.screen.until("no tasks yet").await;
    client.keys("q");
    client.screen.until("Leave the dashboard?").await;
    client.keys("D");
    client.screen.until("The server drains").await;
    client.screen.until_restored().await;
    assert!(ended(client).await.success());
    assert!(server.ended().success());
    let host_key = fs::read(door.dir.path().join("host_key")).unwrap();
    let (server, door) = serve(door.dir);
    assert_eq!(fs::read(door.dir.path().join("host_key")).unwrap(), host_key);
    let client = door.ssh(&key, 80, 24);
    client.screen.until("no tasks yet").await;
    server.kill();
    assert!(!ended(client).await.success(), "the client notices");
}
