//! Redis without memory to spare, and how much of it a waiting task takes.

use cipherdeck::{
    store::{Beat, BeatAnswer, StoreError},
    task::Status,
};

use super::{claim, enqueue, new_task, open, success, uid};
use crate::support::redis::RedisServer;

fn used(server: &RedisServer) -> u64 {
    let info: String = server.admin(&["INFO", "memory"]);
    info.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap().trim().parse().unwrap()
}

#[tokio::test]
async fn a_full_redis_says_so_changes_nothing_and_what_was_accepted_stays() {
    let server = RedisServer::start(&["--appendonly", "yes", "--maxmemory-policy", "noeviction"]);
    let store = open(&server.url()).await;
    let uid = uid(store.as_ref()).await;
    let (running, first) = (enqueue(store.as_ref(), uid).await, enqueue(store.as_ref(), uid).await);
    let taken = claim(store.as_ref()).await.unwrap();
    server.admin::<()>(&["CONFIG", "SET", "maxmemory", "1mb"]);
    for _ in 0..3 {
        let refused = store.enqueue(new_task(uid)).await;
        assert!(matches!(refused, Err(StoreError::StorageFull)), "{refused:?}");
    }
    assert!(matches!(store.ping().await, Err(StoreError::StorageFull)));
    assert_eq!(store.task(first).await.unwrap().map(|task| task.status), Some(Status::Queued), "reads go on");
    assert_eq!(store.counts().await.unwrap().total(), 2);
    // What was accepted goes on.
    let beat = Beat { task: running, token: taken.token, progress: 0.5 };
    assert_eq!(store.heartbeat(vec![beat]).await.unwrap(), [BeatAnswer::Ok]);
    store.finish(running, taken.token, success(&taken)).await.unwrap();
    assert_eq!(store.task(running).await.unwrap().map(|task| task.status), Some(Status::Success));
    store.delete(running).await.unwrap();
    server.admin::<()>(&["CONFIG", "SET", "maxmemory", "0"]);
    let second = enqueue(store.as_ref(), uid).await;
    for expected in [first, second] {
        let taken = claim(store.as_ref()).await.unwrap();
        assert_eq!(taken.task.id, expected);
        store.finish(expected, taken.token, success(&taken)).await.unwrap();
    }
    assert_eq!(store.counts().await.unwrap().success, 2);
}

#[tokio::test]
async fn ten_thousand_waiting_tasks_fit_into_twenty_megabytes_and_leave_nothing_behind() {
    const TASKS: u64 = 10_000;
    let server = RedisServer::start(&["--appendonly", "no"]);
    let store = open(&server.url()).await;
    // Scripts, buffers and the log of events are there before.
    for _ in 0..6 {
        let uid = uid(store.as_ref()).await;
        futures::future::join_all((0..1_000).map(|_| enqueue(store.as_ref(), uid))).await;
        store.delete_uid(uid).await.unwrap();
    }
    let uid = uid(store.as_ref()).await;
    let before = used(&server);
    for _ in 0..TASKS / 1_000 {
        futures::future::join_all((0..1_000).map(|_| enqueue(store.as_ref(), uid))).await;
    }
    let each = (used(&server) - before) / TASKS;
    eprintln!("{each} bytes of Redis per waiting task");
    assert!(each < 2_000, "{each} bytes per waiting task");
    let deleted = store.delete_uid(uid).await.unwrap();
    let cipherdeck::store::DeleteUid::Deleted { garbage, running: 0 } = deleted else { panic!("{deleted:?}") };
    assert_eq!(garbage.len() as u64, TASKS);
    let left: Vec<String> = server.admin(&["KEYS", "*"]);
    let known = ["events", "meta"].map(|name| format!("{}{name}", crate::support::redis::PREFIX));
    assert!(left.iter().all(|key| known.contains(key)), "{left:?}");
}
