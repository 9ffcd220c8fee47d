//! What concerns this engine only; the contract itself is tested by the conformance suite.

use std::{path::Path, sync::Arc, time::Duration};

use super::{SqliteStore, row::Row};
use crate::{
    store::{KeyStore as _, NewTask, Result, StoreError, StoreOptions, TaskStore as _},
    task::{
        BlobRef, ClientId, Clock, Digest, FailureLabel, Status, Task, TaskFailure, TaskId, Timestamp, Token, Uid,
        WorkerName,
    },
};

/// A queued row.
pub(super) fn row() -> Row {
    let at = Timestamp::from_millis(1_000);
    let task = Task {
        id: TaskId::random(),
        uid: Uid::random(),
        client: ClientId("client".to_owned()),
        use_case: "weight_stats".to_owned(),
        capability: "weight_stats".to_owned(),
        status: Status::Queued,
        priority: 3,
        attempt: 0,
        cancelling: false,
        input: BlobRef { name: "inputs/a".to_owned(), len: 3, digest: Digest::of(b"abc") },
        result: None,
        failure: None,
        worker: None,
        device: None,
        progress: None,
        received: at,
        created: at,
        started: None,
        finished: None,
        fetched: None,
        expires: None,
    };
    let (n, vt, seq, queued) = (0, 1, 1, at);
    Row { n, task, vt, seq, queued, token: None, ended_as: None, run: None, idempotency_key: None, last_finished: None }
}

fn options() -> StoreOptions {
    let hour = Duration::from_hours(1);
    StoreOptions {
        clock: Clock::system(),
        attempts: 3,
        waiting: 1_000_000,
        waiting_per_client: 1_000_000,
        keyless_uids: 10,
        uids_per_client: 0,
        result_ttl: hour,
        key_ttl: hour,
        keyless_ttl: hour,
        runs: 100,
        audit: 1_000,
        event_backlog: 64,
    }
}

/// A store with one uid.
async fn store(dir: &Path) -> (Arc<SqliteStore>, Uid) {
    let store = SqliteStore::open(dir, options()).unwrap();
    let uid = Uid::random();
    store.add_uid(uid, ClientId("client".to_owned()), None).await.unwrap();
    (store, uid)
}

fn new_task(uid: Uid) -> NewTask {
    let Task { id, client, use_case, capability, input, priority, received, .. } = row().task;
    NewTask { id, uid, client, use_case, capability, input, idempotency_key: None, priority, received }
}

async fn limit_pages(store: &SqliteStore, pages: u32) {
    store.write(move |tx| Ok(tx.conn.execute_batch(&format!("PRAGMA max_page_count = {pages}"))?)).await.unwrap();
}

/// Submits until the disk is full; answers what was accepted.
async fn fill(store: &SqliteStore, uid: Uid) -> Vec<TaskId> {
    let mut accepted = Vec::new();
    for _ in 0..200_000 {
        let new = new_task(uid);
        let id = new.id;
        match store.enqueue(new).await {
            Ok(_) => accepted.push(id),
            Err(StoreError::StorageFull) => return accepted,
            Err(other) => panic!("a full disk was told as: {other}"),
        }
    }
    panic!("the disk never got full");
}

async fn holds_exactly(store: &SqliteStore, ids: &[TaskId]) {
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.queued, counts.total()), (ids.len() as u64, ids.len() as u64));
    for (index, id) in ids.iter().enumerate() {
        assert_eq!(store.task(*id).await.unwrap().map(|task| task.status), Some(Status::Queued));
        assert_eq!(store.position(*id).await.unwrap().map(|position| position.place), Some(index as u64 + 1));
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (store, uid) = store(dir.path()).await;
    limit_pages(&store, 80).await;
    let mut accepted = fill(&store, uid).await;
    assert!(accepted.len() > 20, "only {} fitted", accepted.len());
    holds_exactly(&store, &accepted).await;
    // Many in one transaction: each is either in or out.
    let burst: Vec<NewTask> = (0..50).map(|_| new_task(uid)).collect();
    let answers = futures::future::join_all(burst.iter().map(|new| store.enqueue(new.clone()))).await;
    for (new, answer) in burst.iter().zip(answers) {
        match answer {
            Ok(_) => accepted.push(new.id),
            Err(error) => assert!(matches!(error, StoreError::StorageFull), "{error}"),
        }
    }
    holds_exactly(&store, &accepted).await;
    // Room again: everything goes on.
    limit_pages(&store, 1_000_000).await;
    let new = new_task(uid);
    accepted.push(new.id);
    store.enqueue(new).await.unwrap();
    holds_exactly(&store, &accepted).await;
    drop(store);
    holds_exactly(&SqliteStore::open(dir.path(), options()).unwrap(), &accepted).await;
}

#[tokio::test]
async fn a_dead_writer_is_told_and_nobody_waits() {
    let dir = tempfile::tempdir().unwrap();
    let (store, uid) = store(dir.path()).await;
    let new = new_task(uid);
    store.enqueue(new.clone()).await.unwrap();
    let poison = store.write(|_| -> Result<()> { panic!("a defect, on purpose") });
    let all = async { futures::join!(poison, store.ping(), store.enqueue(new_task(uid))) };
    let (poison, ..) = tokio::time::timeout(Duration::from_secs(10), all).await.unwrap();
    assert!(matches!(poison, Err(StoreError::Unavailable(_))), "{poison:?}");
    let late = tokio::time::timeout(Duration::from_secs(10), store.ping()).await.unwrap();
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
    assert_eq!(store.task(new.id).await.unwrap().map(|task| task.id), Some(new.id), "reads go on");
    tokio::time::timeout(Duration::from_secs(10), store.close()).await.unwrap();
    drop(store);
    let again = SqliteStore::open(dir.path(), options()).unwrap();
    assert_eq!(again.task(new.id).await.unwrap().map(|task| task.id), Some(new.id));
}

#[tokio::test]
async fn a_command_that_fails_takes_none_of_its_neighbours_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, uid) = store(dir.path()).await;
    let (first, second) = (new_task(uid), new_task(uid));
    let half = new_task(uid);
    let half_id = half.id;
    let broken = store.write(move |tx| {
        super::queue::enqueue(tx, half)?;
        Err::<(), _>(StoreError::Damaged("on purpose".to_owned()))
    });
    let (a, broken, b) = futures::join!(store.enqueue(first.clone()), broken, store.enqueue(second.clone()));
    assert!(a.is_ok() && b.is_ok() && matches!(broken, Err(StoreError::Damaged(_))));
    assert_eq!(store.task(half_id).await.unwrap(), None);
    assert_eq!(store.counts().await.unwrap().queued, 2);
    assert_eq!(
        store.position(second.id).await.unwrap().map(|position| (position.place, position.length)),
        Some((2, 2))
    );
}

#[tokio::test]
async fn a_row_comes_back_as_it_was_stored() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = store(dir.path()).await;
    let mut full = row();
    full.task.status = Status::Failure;
    full.task.failure = Some(TaskFailure { label: FailureLabel::TimeLimit, detail: "3,600 s".to_owned() });
    full.task.result = Some(full.task.input.clone());
    full.task.worker = Some(WorkerName("host:1:w".to_owned()));
    (full.task.device, full.idempotency_key) = (Some("cpu".to_owned()), Some("key".to_owned()));
    (full.token, full.ended_as, full.run) = (Some(Token::random()), Some(Status::Failure), Some(9));
    let time = |millis| Some(Timestamp::from_millis(millis));
    (full.task.started, full.task.finished, full.task.fetched) = (time(2), time(3), time(4));
    (full.task.expires, full.last_finished) = (time(5), time(-6));
    (full.task.attempt, full.task.cancelling, full.task.priority) = (3, true, -10);
    for row in [row(), full] {
        let (stored, id) = (row.clone(), row.task.id);
        let read = store
            .write(move |tx| {
                tx.insert(&stored)?;
                tx.load(id)
            })
            .await;
        let read = read.unwrap().unwrap();
        assert!(read.n > 0);
        assert_eq!(Row { n: row.n, ..read }, row);
    }
}

#[tokio::test]
async fn every_walk_follows_its_index_and_sorts_nothing() {
    use crate::store::lanes::Lane;
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = store(dir.path()).await;
    let lanes = [
        (Lane::Queue, "task_queue"),
        (Lane::Running, "task_running"),
        (Lane::Ended(None), "task_finished"),
        (Lane::Ended(Some(Status::Failure)), "task_ended"),
        (Lane::Begun, "task_started"),
        (Lane::Created, "PRIMARY KEY"),
    ];
    for (lane, index) in lanes {
        for behind in [None, Some([1, 2, 3])] {
            let (sql, values) = super::pages::statement(lane, None, behind);
            let plan = store
                .readers
                .read(move |conn| {
                    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                    let steps = statement.query_map(rusqlite::params_from_iter(values), |row| row.get(3))?;
                    Ok(steps.collect::<rusqlite::Result<Vec<String>>>()?.join("; "))
                })
                .await
                .unwrap();
            assert!(!plan.contains("TEMP B-TREE"), "{lane:?}: {plan}");
            let whole_table = lane == Lane::Created && behind.is_none();
            assert!(plan.contains(index) || (whole_table && plan == "SCAN task"), "{lane:?}: {plan}");
            assert!(behind.is_none() || plan.starts_with("SEARCH"), "{lane:?}: {plan}");
        }
    }
}
