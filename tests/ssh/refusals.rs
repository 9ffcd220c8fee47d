//! Who and what is turned away, and what it is told.

use russh::keys::PrivateKey;

use super::house::{House, ended};

#[tokio::test]
async fn a_key_that_is_not_in_the_file_is_refused_until_it_is() {
    let house = House::open().await;
    house.door.key("alice", Some("operator"));
    let stranger = house.door.key("stranger", None);
    let (status, said) = house.door.run(&stranger, &["-T"], &[]).await;
    assert_eq!(status, 255, "{said}");
    assert!(said.contains("Permission denied (publickey)"), "{said}");
    let key = PrivateKey::read_openssh_file(&stranger).unwrap();
    let fingerprint = key.public_key().fingerprint(Default::default()).to_string();
    let line = house.until_logged(&["ssh: login refused", &fingerprint], 1).await;
    assert!(line.contains("peer=127.0.0.1:"), "{line}");
    assert!(house.is_audited(&fingerprint, "login", "denied").await);
    // No restart.
    house.door.admit("viewer", key.public_key());
    let client = house.door.ssh(&stranger, 80, 24);
    client.screen.until("no tasks yet").await;
    house.until_logged(&["ssh: logged in", &fingerprint, "role=viewer"], 1).await;
    assert!(house.is_audited(&fingerprint, "login", "done").await);
}

#[tokio::test]
async fn passwords_and_everything_but_keys_are_refused() {
    let house = House::open().await;
    let key = house.door.key("alice", Some("operator"));
    for methods in ["password", "keyboard-interactive", "gssapi-with-mic,hostbased"] {
        let only = format!("PreferredAuthentications={methods}");
        let (status, said) = house.door.run(&key, &["-o", &only], &[]).await;
        assert_eq!(status, 255, "{methods}: {said}");
        assert!(said.contains("Permission denied (publickey)"), "{methods}: {said}");
    }
}

#[tokio::test]
async fn nobody_tries_more_than_three_keys() {
    let house = House::open().await;
    let mut before = vec!["-v".to_owned()];
    for n in 0..5 {
        let key = house.door.key(&format!("stranger{n}"), None);
        before.extend(["-i".to_owned(), key.display().to_string()]);
    }
    let last = house.door.key("alice", Some("operator"));
    let before: Vec<_> = before.iter().map(String::as_str).collect();
    let (status, said) = house.door.run(&last, &before, &[]).await;
    assert_eq!(status, 255, "{said}");
    assert!(said.contains("Too many authentication") || said.contains("disconnect"), "{said}");
    let line = house.until_logged(&["ssh: login refused"], 1).await;
    assert_eq!(line.matches("SHA256:").count(), 3, "{line}");
}

#[tokio::test]
async fn commands_and_subsystems_are_refused() {
    let house = House::open().await;
    let key = house.door.key("alice", Some("operator"));
    for (before, after) in [(&["-T"][..], &["id"][..]), (&["-tt"], &["id"]), (&["-s"], &["sftp"])] {
        let (status, said) = house.door.run(&key, before, after).await;
        assert_ne!(status, 0, "{before:?} {after:?}: {said}");
        assert!(said.contains("request failed"), "{before:?} {after:?}: {said}");
    }
}

#[tokio::test]
async fn forwarding_is_refused_in_both_directions() {
    let house = House::open().await;
    let key = house.door.key("alice", Some("operator"));
    let own = house.door.address.to_string();
    let (status, said) = house.door.run(&key, &["-W", &own], &[]).await;
    assert_ne!(status, 0);
    assert!(said.contains("administratively prohibited"), "{said}");
    let back = format!("0:{own}");
    let (status, said) = house.door.run(&key, &["-N", "-o", "ExitOnForwardFailure=yes", "-R", &back], &[]).await;
    assert_eq!(status, 255);
    assert!(said.contains("remote port forwarding failed"), "{said}");
}

#[tokio::test]
async fn without_a_terminal_there_is_a_sentence_and_status_one() {
    let house = House::open().await;
    let key = house.door.key("alice", Some("operator"));
    let (status, said) = house.door.run(&key, &["-T"], &[]).await;
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("The console needs a terminal: ssh -t"), "{said}");
}

#[tokio::test]
async fn one_session_too_many_is_told_so_and_comes_in_when_another_has_left() {
    let house = House::with(1, |_| ()).await;
    let key = house.door.key("alice", Some("viewer"));
    let first = house.door.ssh(&key, 80, 24);
    first.screen.until("no tasks yet").await;
    let second = house.door.ssh(&key, 80, 24);
    second.screen.until("Too many sessions are open").await;
    assert_eq!(ended(second).await.exit_code(), 1);
    first.keys("ql");
    house.until_logged(&["ssh: session ended", "end=left"], 1).await;
    let third = house.door.ssh(&key, 80, 24);
    third.screen.until("no tasks yet").await;
}
