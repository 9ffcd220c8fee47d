//! Clients that stop, die or never begin: the server and the others go on.

use std::{io::ErrorKind, time::Duration};

use cipherdeck::store::Beat;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::house::House;
use crate::{console::world::short, support::wait::DEADLINE};

#[tokio::test]
async fn a_client_that_stops_reading_is_dropped_and_nobody_waits_for_it() {
    let house = House::with(2, |_| ()).await;
    let key = house.door.key("alice", Some("operator"));
    let (stopped, other) = (house.door.ssh(&key, 300, 120), house.door.ssh(&key, 80, 24));
    stopped.screen.until("no tasks yet").await;
    other.screen.until("no tasks yet").await;
    stopped.signal("STOP");
    // Something is always moving on its large screen.
    let mut last = None;
    let gone = house.until_logged(&["ssh: session ended"], 1);
    let busy = async {
        loop {
            let id = house.world.submit(0).await;
            let claim = house.world.claim().await;
            for percent in 1..=20 {
                let progress = percent as f32 / 20.0;
                house.world.store.heartbeat(vec![Beat { task: id, token: claim.token, progress }]).await.unwrap();
            }
            house.world.succeed(&claim).await;
            last = Some(id);
        }
    };
    let line = tokio::select! {
        line = gone => line,
        () = busy => unreachable!("it never ends"),
    };
    assert!(line.contains("end=the client stopped reading"), "{line}");
    // The other one has seen everything.
    let id = house.world.submit(1).await;
    other.keys("2");
    other.screen.until(&short(id)).await;
    assert!(last.is_some());
    // Its place is free.
    let next = house.door.ssh(&key, 80, 24);
    next.screen.until("Finished").await;
    stopped.signal("CONT");
}

#[tokio::test]
async fn a_session_that_is_killed_hard_leaves_its_place_to_the_next() {
    let house = House::with(1, |_| ()).await;
    let key = house.door.key("alice", Some("operator"));
    for n in 1..=3 {
        let client = house.door.ssh(&key, 80, 24);
        client.screen.until("no tasks yet").await;
        client.signal("KILL");
        house.until_logged(&["ssh: session ended", "end=connection lost"], n).await;
    }
    let id = house.world.submit(0).await;
    let client = house.door.ssh(&key, 80, 24);
    client.screen.until(&short(id)).await;
}

/// The clock of this test jumps to the next deadline whenever nothing else happens.
#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_log_in_is_dropped_after_half_a_minute() {
    let house = House::open().await;
    let began = tokio::time::Instant::now();
    for begun in ["", "SSH-2.0-", "SSH-2.0-nobody\r\n"] {
        let mut peer = TcpStream::connect(house.door.address).await.unwrap();
        peer.write_all(begun.as_bytes()).await.unwrap();
        let ended = peer.read_to_end(&mut Vec::new()).await;
        assert!(ended.is_ok() || ended.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset), "{begun:?}");
    }
    let each = began.elapsed() / 3;
    assert!(each >= Duration::from_secs(30) && each < Duration::from_secs(40), "{each:?}");
}

#[tokio::test]
async fn a_crowd_that_does_not_log_in_is_bounded_and_operators_come_in_when_it_goes() {
    let house = House::open().await;
    let key = house.door.key("alice", Some("operator"));
    let mut crowd = Vec::new();
    let greeted = async {
        loop {
            let mut peer = TcpStream::connect(house.door.address).await.unwrap();
            let mut greeting = [0; 4];
            match peer.read_exact(&mut greeting).await {
                Ok(_) if &greeting == b"SSH-" => crowd.push(peer),
                _ => break,
            }
        }
    };
    timeout(DEADLINE, greeted).await.expect("there is a limit");
    assert_eq!(crowd.len(), 32);
    house.until_logged(&["too many connections that have not logged in"], 1).await;
    drop(crowd);
    let client = house.door.ssh(&key, 80, 24);
    client.screen.until("no tasks yet").await;
}
