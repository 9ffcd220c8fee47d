//! Who is turned away, and what they are told.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Stdio};

use portable_pty::CommandBuilder;
use tokio::{process::Command, time::timeout};

use super::{
    house::{House, attach_to},
    peer::Peer,
};
use crate::{
    console::pty::Program,
    support::{process::PROGRAM, wait::DEADLINE},
};

/// `nobody`, on most systems.
const NOBODY: &str = "65534";

/// The program without a terminal: exit status, and what it says.
async fn run(arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_remove("CIPHERDECK_ENV").stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(DEADLINE, command.output()).await.expect("it ends").unwrap();
    assert!(output.stdout.is_empty(), "{:?}", String::from_utf8_lossy(&output.stdout));
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn without_a_server_it_says_what_to_do_and_leaves_the_terminal_alone() {
    let dir = tempfile::tempdir().unwrap();
    let client = attach_to(&dir.path().join("console.sock"), 200, 24);
    let screen = client.screen.until("cipherdeck attach --data-dir DIR").await;
    assert!(screen.contains("no cipherdeck serves here") && screen.contains("console.sock"), "{screen}");
    assert_eq!(client.over().await.0.exit_code(), 1);
}

#[tokio::test]
async fn without_a_terminal_or_with_two_sockets_it_says_so() {
    let house = House::open().await;
    let socket = house.socket.to_str().unwrap();
    let (status, said) = run(&["attach", "--socket", socket]).await;
    assert!(status == 1 && said.contains("draws on a terminal") && said.contains("docker exec -it"), "{status} {said}");
    let (status, said) = run(&["attach", "--socket", socket, "--data-dir", "elsewhere"]).await;
    assert!(status == 2 && said.contains("cannot be used with"), "{status} {said}");
    assert!(house.audited("login").await.is_empty());
}

/// `cipherdeck attach` as a user who is nobody; whoever is not root cannot become another user.
fn attach_as_nobody(program: &Path, socket: &Path) -> Program {
    let mut command = CommandBuilder::new("setpriv");
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
    command.arg(program);
    command.args(["attach", "--socket"]);
    command.arg(socket);
    command.env("TERM", "xterm-256color");
    Program::run(command, 200, 24)
}

#[tokio::test]
async fn another_user_is_kept_out_by_the_file_and_by_the_server() {
    let house = House::open().await;
    let owner = fs::metadata(&house.socket).unwrap();
    assert_eq!(owner.permissions().mode() & 0o777, 0o600);
    if std::os::unix::fs::MetadataExt::uid(&owner) != 0 {
        eprintln!("only root can become another user: this part is not tested here");
        return;
    }
    // Where nobody can run it.
    let place = tempfile::tempdir().unwrap();
    let program = place.path().join("cipherdeck");
    fs::copy(PROGRAM, &program).unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(house.world.dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let client = attach_as_nobody(&program, &house.socket);
    let screen = client.screen.until("Attach as the server's user or as root").await;
    assert!(screen.contains("which this user may not enter"), "the directory: {screen}");
    assert_eq!(client.over().await.0.exit_code(), 1);
    fs::set_permissions(house.world.dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let client = attach_as_nobody(&program, &house.socket);
    let screen = client.screen.until("Attach as the server's user or as root").await;
    assert!(screen.contains("console.sock belongs to root"), "the file: {screen}");
    assert_eq!(client.over().await.0.exit_code(), 1);
    assert!(house.audited("login").await.is_empty(), "it did not come so far");
    // Whatever somebody did to the file's mode, the server asks the kernel.
    fs::set_permissions(&house.socket, fs::Permissions::from_mode(0o666)).unwrap();
    let client = attach_as_nobody(&program, &house.socket);
    client.screen.until("The server runs as root: only root and root may attach.").await;
    assert_eq!(client.over().await.0.exit_code(), 1);
    let line = house.until_logged(&["attach: login refused"], 1).await;
    assert!(line.contains("who=nobody") && line.contains("not the server's user"), "{line}");
    assert_eq!(house.audited("login").await, [("nobody".to_owned(), "denied".to_owned())]);
}

#[tokio::test]
async fn one_session_too_many_is_told_so_and_comes_in_when_another_has_left() {
    let house = House::open().await;
    let mut others = Vec::new();
    for _ in 0..16 {
        others.push(Peer::seated(&house.socket, 80, 24).await);
    }
    let client = house.attach(80, 24);
    client.screen.until("Too many sessions are open; try again later.").await;
    assert_eq!(client.over().await.0.exit_code(), 1);
    others.pop();
    house.until_logged(&["attach: session ended", "end=connection lost"], 1).await;
    let client = house.attach(80, 24);
    client.screen.until("no tasks yet").await;
}
