//! Peers on either side that do not keep to the protocol.

use tokio::{io::AsyncWriteExt as _, net::UnixListener};

use super::{
    house::{House, attach_to},
    peer::{Peer, frame, hello, screen, size},
};
use crate::console::pty::Program;

#[tokio::test]
async fn what_is_no_hello_is_answered_with_a_sentence_and_nobody_else_notices() {
    let house = House::open().await;
    let watching = house.attach(80, 24);
    watching.screen.until("no tasks yet").await;
    for (said, answer) in [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(), "kind that is not known"),
        (vec![b'H', 0xff, 0xff], "too long"),
        (vec![b'K', 0xff, 0xff], "too long"),
        (frame(b'H', b"somebody else"), "does not begin as"),
        (frame(b'H', b"cipherdeck"), "does not begin as"),
        (frame(b'H', b"cipherdeck\x00\x01\x00"), "too short"),
        (frame(b'K', b"qD"), "does not say hello first"),
        (size(80, 24), "does not say hello first"),
        (hello(2, 80, 24, "of the future"), "this client version 2: attach with the server's own program"),
    ] {
        let mut peer = Peer::connect(&house.socket).await;
        peer.say(&said).await;
        let (wanted, sentence) = peer.farewell().await;
        assert!(!wanted && sentence.contains(answer), "{said:?}: {sentence}");
    }
    assert_eq!(house.audited("login").await.len(), 1, "only the one who watches has come in");
    watching.keys("?");
    watching.screen.until(" Keys ").await;
}

#[tokio::test]
async fn what_is_no_frame_ends_its_own_session_with_a_sentence() {
    let house = House::open().await;
    let watching = house.attach(80, 24);
    watching.screen.until("no tasks yet").await;
    for (n, (said, answer)) in [
        (b"nonsense".to_vec(), "kind that is not known"),
        (vec![b'K', 0xff, 0xff], "too long"),
        (frame(b'S', &[0, 80, 0]), "too short"),
        (hello(1, 80, 24, ""), "hello twice"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut peer = Peer::seated(&house.socket, 80, 24).await;
        peer.until(&mut screen(80, 24), "no tasks yet").await;
        peer.say(&said).await;
        let (wanted, sentence) = peer.farewell().await;
        assert!(!wanted && sentence.contains(answer), "{said:?}: {sentence}");
        house.until_logged(&["attach: session ended", "end=connection lost"], n + 1).await;
    }
    // A paste without an end, which is too long for a key.
    let mut peer = Peer::seated(&house.socket, 80, 24).await;
    let mut paste = frame(b'K', b"\x1b[200~");
    for _ in 0..4 {
        paste.extend(frame(b'K', &[b'x'; 32 << 10]));
    }
    // It is cut off before the end of it.
    let _ = peer.0.write_all(&paste).await;
    peer.farewell().await;
    watching.keys("?");
    watching.screen.until(" Keys ").await;
}

#[tokio::test]
async fn a_terminal_of_any_size_is_drawn_within_reason() {
    let house = House::open().await;
    let mut peer = Peer::seated(&house.socket, u16::MAX, u16::MAX).await;
    let mut large = screen(500, 200);
    peer.until(&mut large, "no tasks yet").await;
    let rule = large.screen().rows(0, 500).find(|row| row.contains("───")).expect("a line across");
    assert_eq!(rule.trim_end().chars().count(), 500);
    for (columns, lines) in [(u16::MAX, 1), (1, u16::MAX), (0, 0), (1, 1), (80, 24)] {
        peer.say(&size(columns, lines)).await;
    }
    peer.say(&frame(b'K', b"?")).await;
    peer.until(&mut screen(80, 24), " Keys ").await;
    // A terminal that does not know its size yet, as under `docker exec`.
    let mut peer = Peer::seated(&house.socket, 0, 0).await;
    let mut usual = screen(80, 24);
    peer.until(&mut usual, "no tasks yet").await;
    let rule = usual.screen().rows(0, 80).find(|row| row.contains("───")).expect("a line across");
    assert_eq!(rule.trim_end().chars().count(), 80);
}

/// A socket where something else listens; the program attached to it, and its other end.
async fn impostor() -> (tempfile::TempDir, Program, Peer) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("console.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let client = attach_to(&path, 200, 24);
    let mut peer = Peer(listener.accept().await.unwrap().0);
    let (kind, rest) = peer.next().await.expect("a hello");
    assert!(kind == b'H' && rest.starts_with(b"cipherdeck\x00\x01\x00\xc8\x00\x18"), "{rest:?}");
    assert!(String::from_utf8_lossy(&rest).contains("TERM=xterm-256color\n"));
    (dir, client, peer)
}

#[tokio::test]
async fn what_is_no_server_is_not_drawn() {
    for (said, answer) in [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "no cipherdeck is at the other end"),
        (frame(b'O', b"\x1b[31mred"), "no cipherdeck is at the other end"),
        (frame(b'E', b"\x01\x1b[2Jgo away"), "[2Jgo away"),
        (Vec::new(), "the server is gone"),
    ] {
        let (_dir, client, mut peer) = impostor().await;
        peer.say(&said).await;
        drop(peer);
        let screen = client.screen.until(answer).await;
        assert!(!screen.contains("red"), "{screen}");
        assert!(!client.screen.is_alternate());
        assert_eq!(client.over().await.0.exit_code(), 1);
    }
}

#[tokio::test]
async fn a_server_that_breaks_off_leaves_the_terminal_as_it_was() {
    let torn = frame(b'O', b"the rest of this frame never comes");
    for said in [torn[..20].to_vec(), vec![b'?'], frame(b'W', b""), vec![b'O', 0xff, 0xff]] {
        let (_dir, client, mut peer) = impostor().await;
        let before = client.modes();
        peer.say(&frame(b'W', b"")).await;
        peer.say(&frame(b'O', b"\x1b[31mdrawn")).await;
        client.screen.until("drawn").await;
        assert!(client.screen.is_alternate());
        assert_ne!(client.modes(), before, "raw");
        peer.say(&said).await;
        drop(peer);
        client.screen.until("error: ").await;
        client.screen.until_restored().await;
        let (status, client) = client.over().await;
        assert_eq!((status.exit_code(), client.modes()), (1, before));
    }
}

#[tokio::test]
async fn a_server_that_does_not_react_gives_the_terminal_back_to_who_insists() {
    let (_dir, client, mut peer) = impostor().await;
    peer.say(&frame(b'W', b"")).await;
    peer.say(&frame(b'O', b"drawn")).await;
    client.screen.until("drawn").await;
    loop {
        client.keys("\x03");
        match peer.next().await {
            Some((kind, rest)) => assert!(kind == b'K' && rest.iter().all(|key| *key == 3), "{rest:?}"),
            None => break,
        }
    }
    client.screen.until("the server does not answer").await;
    client.screen.until_restored().await;
    assert_eq!(client.over().await.0.exit_code(), 1);
}
