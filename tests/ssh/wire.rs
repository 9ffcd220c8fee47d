//! What a session costs on the wire, counted by a proxy in between.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use cipherdeck::store::Beat;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

use super::house::{Door, House};
use crate::console::world::short;

/// Bytes to the client so far; changes with each packet, in either direction.
struct Meter {
    down: Arc<AtomicU64>,
    moved: watch::Receiver<()>,
}

/// Puts itself between the door and its clients.
async fn between(door: &mut Door) -> Meter {
    let (server, listener) = (door.address, TcpListener::bind("127.0.0.1:0").await.unwrap());
    door.address = listener.local_addr().unwrap();
    let (down, (moving, moved)) = (Arc::new(AtomicU64::new(0)), watch::channel(()));
    let counted = Arc::clone(&down);
    tokio::spawn(async move {
        let (client, _) = listener.accept().await.unwrap();
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = TcpStream::connect(server).await.unwrap().into_split();
        let up = async {
            let mut bytes = [0; 4_096];
            while let Ok(n @ 1..) = from_client.read(&mut bytes).await {
                moving.send_replace(());
                to_server.write_all(&bytes[..n]).await.unwrap();
            }
        };
        let down = async {
            let mut bytes = [0; 4_096];
            while let Ok(n @ 1..) = from_server.read(&mut bytes).await {
                counted.fetch_add(n as u64, Ordering::Relaxed);
                moving.send_replace(());
                to_client.write_all(&bytes[..n]).await.unwrap();
            }
        };
        tokio::join!(up, down);
    });
    Meter { down, moved }
}

#[tokio::test]
async fn an_idle_session_sends_nothing_at_all() {
    let mut house = House::open().await;
    let mut meter = between(&mut house.door).await;
    let key = house.door.key("alice", Some("operator"));
    let id = house.world.submit(0).await;
    let claim = house.world.claim().await;
    house.world.succeed(&claim).await;
    let client = house.door.ssh(&key, 120, 40);
    client.screen.until(&short(id)).await;
    client.screen.until("not measured while idle").await;
    // The last of what was under way.
    while timeout(Duration::from_secs(1), meter.moved.changed()).await.is_ok() {}
    let quiet = timeout(Duration::from_secs(5), meter.moved.changed()).await;
    assert!(quiet.is_err(), "something moved in a session that has nothing to show");
    client.keys("?");
    client.screen.until(" Keys ").await;
}

#[tokio::test]
async fn a_busy_session_sends_little() {
    let mut house = House::open().await;
    let meter = between(&mut house.door).await;
    let key = house.door.key("alice", Some("operator"));
    let client = house.door.ssh(&key, 120, 40);
    client.screen.until("no tasks yet").await;
    let (before, began) = (meter.down.load(Ordering::Relaxed), Instant::now());
    // Ten tasks a second, each with progress, while others wait.
    let mut pace = tokio::time::interval(Duration::from_millis(100));
    for n in 0..100 {
        pace.tick().await;
        house.world.submit(n).await;
        let claim = house.world.claim().await;
        for progress in [0.3, 0.7] {
            let beat = Beat { task: claim.task.id, token: claim.token, progress };
            house.world.store.heartbeat(vec![beat]).await.unwrap();
        }
        house.world.succeed(&claim).await;
    }
    let rate = (meter.down.load(Ordering::Relaxed) - before) as f64 / began.elapsed().as_secs_f64();
    eprintln!("a busy session: {rate:.0} bytes a second");
    assert!(rate < 20_000.0, "{rate:.0} bytes a second");
}
