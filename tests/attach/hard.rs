//! Clients that stop, die or never begin: the server and the others go on.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

use super::{
    house::House,
    peer::{Peer, screen, size},
};
use crate::{console::world::short, support::wait::DEADLINE};

#[tokio::test]
async fn a_client_that_stops_reading_is_dropped_and_nobody_waits_for_it() {
    let house = House::open().await;
    let other = house.attach(80, 24);
    other.screen.until("no tasks yet").await;
    // Everything is drawn anew, again and again, and it takes nothing of it.
    let mut stopped = Peer::seated(&house.socket, 500, 200).await;
    let insists = async {
        let mut pace = tokio::time::interval(Duration::from_millis(100));
        loop {
            pace.tick().await;
            // After its end nobody takes it.
            let _ = stopped.0.write_all(&size(500, 200)).await;
        }
    };
    let line = tokio::select! {
        line = house.until_logged(&["attach: session ended"], 1) => line,
        () = insists => unreachable!("it never ends"),
    };
    assert!(line.contains("end=the client stopped reading"), "{line}");
    let id = house.world.submit(1).await;
    other.screen.until(&short(id)).await;
}

#[tokio::test]
async fn one_that_is_killed_hard_leaves_its_place() {
    let house = House::open().await;
    for n in 1..=3 {
        let client = house.attach(80, 24);
        client.screen.until("no tasks yet").await;
        client.signal("KILL");
        house.until_logged(&["attach: session ended", "end=connection lost"], n).await;
    }
}

#[tokio::test]
async fn one_that_only_shuts_its_half_ends_its_session() {
    let house = House::open().await;
    let mut peer = Peer::seated(&house.socket, 80, 24).await;
    peer.until(&mut screen(80, 24), "no tasks yet").await;
    peer.0.shutdown().await.unwrap();
    let (wanted, sentence) = peer.farewell().await;
    assert!(!wanted, "{sentence}");
}

/// The clock of this test jumps to the next deadline whenever nothing else happens.
#[tokio::test(start_paused = true)]
async fn one_that_does_not_say_hello_is_told_so_after_five_seconds() {
    let house = House::open().await;
    let began = tokio::time::Instant::now();
    for begun in [&b""[..], b"H", b"H\x00\x20cipher"] {
        let mut peer = Peer::connect(&house.socket).await;
        peer.say(begun).await;
        let (wanted, sentence) = peer.farewell().await;
        assert!(!wanted && sentence.contains("it does not say hello"), "{sentence}");
    }
    let each = began.elapsed() / 3;
    assert!(each >= Duration::from_secs(5) && each < Duration::from_secs(6), "{each:?}");
}

#[tokio::test]
async fn a_crowd_is_bounded_and_operators_come_in_when_it_goes() {
    let house = House::open().await;
    let mut crowd = Vec::new();
    // The last one is closed at once, while the others are waited for.
    let refused = async {
        loop {
            let mut peer = Peer::connect(&house.socket).await;
            if crowd.len() == 48 {
                assert_eq!(peer.0.read(&mut [0]).await.unwrap_or(0), 0);
                break;
            }
            crowd.push(peer);
        }
    };
    timeout(DEADLINE, refused).await.expect("there is a limit");
    house.until_logged(&["attach: too many connections"], 1).await;
    drop(crowd);
    let client = house.attach(80, 24);
    client.screen.until("no tasks yet").await;
}
