//! Redis without memory to spare, and how much of it a waiting task takes.

use std::collections::BTreeSet;

use cipherdeck::{
    store::{Beat, BeatAnswer, ClaimRequest, DeleteOutcome, DeleteUid, Enqueued, NewTask, StoreError},
    task::{ClientId, Digest, Status, TaskId, Token, WorkerName},
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
async fn twenty_thousand_waiting_tasks_take_less_than_a_kilobyte_each_and_leave_nothing_behind() {
    const TASKS: usize = 20_000;
    let server = RedisServer::start(&["--appendonly", "no"]);
    let store = open(&server.url()).await;
    // Scripts, buffers and the log of events are there before.
    for _ in 0..6 {
        let uid = uid(store.as_ref()).await;
        futures::future::join_all((0..1_000).map(|_| enqueue(store.as_ref(), uid))).await;
        store.delete_uid(uid).await.unwrap();
    }
    let mut uids = Vec::new();
    for _ in 0..8 {
        uids.push(uid(store.as_ref()).await);
    }
    let before = used(&server);
    for burst in 0..TASKS / 1_000 {
        let tasks = (0..1_000).map(|index| {
            let mut new = new_task(uids[index % uids.len()]);
            new.client = ClientId(format!("client {}", index % 4));
            // The longest capability there is: the version of a catalogue.
            if burst % 2 == 0 {
                new.use_case = "ad_targeting".to_owned();
                new.capability = format!("ad_targeting@{}", Digest::of(b"catalogue"));
            }
            new
        });
        futures::future::try_join_all(tasks.map(|new| store.enqueue(new))).await.unwrap();
    }
    let each = (used(&server) - before) / TASKS as u64;
    eprintln!("{each} bytes of Redis per waiting task");
    assert!(each < 1_024, "{each} bytes per waiting task");
    let mut garbage = 0;
    for uid in uids {
        let deleted = store.delete_uid(uid).await.unwrap();
        let DeleteUid::Deleted { garbage: blobs, running: 0 } = deleted else { panic!("{deleted:?}") };
        garbage += blobs.len();
    }
    assert_eq!(garbage, TASKS);
    let left: Vec<String> = server.admin(&["KEYS", "*"]);
    let known = ["events", "meta", "capabilities", "capability_numbers"];
    let known = known.map(|name| format!("{}{name}", crate::support::redis::PREFIX));
    assert!(left.iter().all(|key| known.contains(key)), "{left:?}");
}

#[tokio::test]
async fn a_record_is_small_whatever_the_task_needs_and_however_it_is_submitted() {
    let server = RedisServer::start(&["--appendonly", "no"]);
    let store = open(&server.url()).await;
    let mut new = new_task(uid(store.as_ref()).await);
    new.capability = format!("ad_targeting@{}", Digest::of(b"catalogue"));
    new.idempotency_key = Some("k".repeat(200));
    store.enqueue(new.clone()).await.unwrap();
    let key = format!("{}task:{}", crate::support::redis::PREFIX, new.id);
    let encoding = || server.admin::<String>(&["OBJECT", "ENCODING", &key]);
    assert_eq!(encoding(), "listpack", "a hash table takes three times the memory");
    assert_eq!(store.task(new.id).await.unwrap().unwrap().capability, new.capability);
    let request = ClaimRequest {
        worker: WorkerName("a-host:4194304:936da01f-9abd-4d9d-80c7-02af85c822a8/31".to_owned()),
        nonce: Token::random(),
        capabilities: BTreeSet::from([new.capability.clone()]),
        device: "cpu".to_owned(),
    };
    let taken = store.claim(request).await.unwrap().unwrap();
    assert_eq!((taken.task.id, &taken.task.capability), (new.id, &new.capability));
    store.finish(new.id, taken.token, success(&taken)).await.unwrap();
    assert_eq!(encoding(), "listpack", "also when it has ended");
    let name = format!("results/{}/{}", new.id, taken.token);
    assert_eq!(store.task(new.id).await.unwrap().unwrap().result.unwrap().name, name);
    let mut names = vec![new.input.name.clone(), name];
    assert_eq!(store.referenced(names.clone()).await.unwrap(), names);
    let again = store.enqueue(NewTask { id: TaskId::random(), ..new.clone() }).await.unwrap();
    assert_eq!(again, Enqueued::Existing(new.id));
    names.push(format!("inputs/{}", TaskId::random()));
    assert_eq!(store.referenced(names.clone()).await.unwrap(), names[..2]);
    let DeleteOutcome::Deleted { garbage } = store.delete(new.id).await.unwrap() else { panic!("it has ended") };
    assert_eq!(garbage.iter().map(|blob| &blob.name).collect::<Vec<_>>(), names[..2].iter().collect::<Vec<_>>());
    assert!(store.referenced(names).await.unwrap().is_empty());
}
