//! Redis does not answer: everybody hears so quickly, and it goes on by itself.

use std::time::{Duration, Instant};

use cipherdeck::store::{
    EventKind, StoreError, TaskStore as _,
    redis::{RedisStore, Tuning},
};
use cipherdeck::task::{Status, TaskId};
use tokio::net::{TcpListener, TcpStream};

use super::{claim, enqueue, hear, new_task, open, open_with, options, success, uid};
use crate::support::{redis::RedisServer, wait::DEADLINE};

/// More than the patience of an operation, less than anybody's.
const QUICK: Duration = Duration::from_secs(8);

#[tokio::test]
async fn every_operation_says_unavailable_while_redis_is_dead() {
    let server = RedisServer::durable();
    let store = open(&server.url()).await;
    let owner = uid(store.as_ref()).await;
    server.kill();
    let began = Instant::now();
    let unavailable = |name: &str, error: Option<StoreError>| match error {
        Some(StoreError::Unavailable(text)) => assert!(!text.is_empty(), "{name}"),
        other => panic!("{name}: {other:?}"),
    };
    unavailable("enqueue", store.enqueue(new_task(owner)).await.err());
    unavailable("task", store.task(TaskId::random()).await.err());
    unavailable("position", store.position(TaskId::random()).await.err());
    unavailable("counts", store.counts().await.err());
    unavailable("cancel", store.cancel(TaskId::random(), None).await.err());
    unavailable("sweep", store.sweep(10).await.err());
    unavailable("key", store.key(owner).await.err());
    unavailable("nodes", store.nodes().await.err());
    unavailable("ping", store.ping().await.err());
    assert!(began.elapsed() < QUICK, "nine refusals took {:?}", began.elapsed());
    server.start_again();
    let again = async { while store.ping().await.is_err() {} };
    tokio::time::timeout(DEADLINE, again).await.expect("it comes back by itself");
    let id = enqueue(store.as_ref(), owner).await;
    let taken = claim(store.as_ref()).await.unwrap();
    assert_eq!(taken.task.id, id);
}

#[tokio::test]
async fn a_redis_that_hangs_is_given_up_in_time_and_taken_up_again() {
    let server = RedisServer::durable();
    let tuning = cipherdeck::store::redis::Tuning { patience: Duration::from_millis(700), ..Default::default() };
    let store = open_with(&server.url(), tuning).await;
    let owner = uid(store.as_ref()).await;
    let taken = {
        enqueue(store.as_ref(), owner).await;
        claim(store.as_ref()).await.unwrap()
    };
    let mut events = store.events();
    server.signal("STOP");
    let began = Instant::now();
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.enqueue(new_task(owner)).await, Err(StoreError::Unavailable(_))));
    assert!(began.elapsed() < QUICK, "two refusals took {:?}", began.elapsed());
    server.signal("CONT");
    let again = async { while store.ping().await.is_err() {} };
    tokio::time::timeout(DEADLINE, again).await.expect("it comes back by itself");
    store.finish(taken.task.id, taken.token, success(&taken)).await.unwrap();
    let ended = EventKind::Task { id: taken.task.id, status: Some(Status::Success) };
    hear(&mut events, |kind| *kind == ended).await;
}

#[tokio::test]
async fn a_start_without_redis_is_refused_and_shows_no_password() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("redis://user:hunter2@127.0.0.1:{port}/0");
    let tuning = Tuning { start: Duration::ZERO, ..Tuning::default() };
    let Err(StoreError::CannotOpen(text)) = RedisStore::open(&url, options(), tuning).await else {
        panic!("opened nothing");
    };
    assert!(!text.contains("hunter2"), "{text}");
    let server = RedisServer::start(&["--requirepass", "right"]);
    let wrong = server.url_of("default");
    let Err(StoreError::CannotOpen(text)) = RedisStore::open(&wrong, options(), Default::default()).await else {
        panic!("opened with a wrong password");
    };
    assert!(!text.contains("secret"), "{text}");
}

#[tokio::test]
async fn a_redis_that_is_slow_at_the_start_is_waited_for() {
    let server = RedisServer::durable();
    let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}/0", door.local_addr().unwrap());
    let behind = format!("127.0.0.1:{}", server.port());
    let between = tokio::spawn(async move {
        // The first who come wait in vain, for longer than a connection may take.
        let _silent = [door.accept().await.unwrap(), door.accept().await.unwrap()];
        loop {
            let (mut here, _) = door.accept().await.unwrap();
            let behind = behind.clone();
            tokio::spawn(async move {
                let mut there = TcpStream::connect(behind).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut here, &mut there).await;
            });
        }
    });
    let impatient = Tuning { start: Duration::ZERO, ..Tuning::default() };
    assert!(RedisStore::open(&url, options(), impatient).await.is_err());
    let store = RedisStore::open(&url, options(), Tuning::default()).await.unwrap();
    store.ping().await.unwrap();
    between.abort();
}

#[tokio::test]
async fn a_closed_store_answers_unavailable() {
    let server = RedisServer::durable();
    let store = open(&server.url()).await;
    let owner = uid(store.as_ref()).await;
    for _ in 0..2 {
        store.close().await;
    }
    assert!(matches!(store.enqueue(new_task(owner)).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.task(TaskId::random()).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
}
