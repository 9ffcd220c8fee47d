//! Redis loses its scripts, its memory, its life.

use std::{collections::BTreeSet, sync::Arc};

use cipherdeck::{
    store::{EventKind, FinishOutcome, ListFilter, ListOrder, Store, StoreError},
    task::{Status, TaskId},
};

use super::{claim, enqueue, hear, new_task, open, success, uid};
use crate::support::{redis::RedisServer, wait::DEADLINE};

#[tokio::test]
async fn scripts_that_redis_has_forgotten_are_given_to_it_again() {
    let server = RedisServer::durable();
    let store = open(&server.url()).await;
    let uid = uid(store.as_ref()).await;
    for _ in 0..3 {
        server.admin::<()>(&["SCRIPT", "FLUSH"]);
        let id = enqueue(store.as_ref(), uid).await;
        server.admin::<()>(&["SCRIPT", "FLUSH"]);
        let taken = claim(store.as_ref()).await.unwrap();
        server.admin::<()>(&["SCRIPT", "FLUSH"]);
        let answer = store.finish(id, taken.token, success(&taken)).await.unwrap();
        assert_eq!(answer, FinishOutcome::Applied(Status::Success));
    }
    // Also while many operations are on their way.
    let flush = async { server.admin::<()>(&["SCRIPT", "FLUSH"]) };
    let burst = futures::future::join_all((0..100).map(|_| store.enqueue(new_task(uid))));
    let (answers, ()) = futures::join!(burst, flush);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(store.counts().await.unwrap().queued, 100);
}

/// Asks until the store answers again.
async fn back(store: &dyn Store) {
    let wait = async {
        while let Err(error) = store.ping().await {
            assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, wait).await.expect("redis is back in time");
}

async fn everything(store: &dyn Store) -> Vec<TaskId> {
    let (mut ids, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.list(ListOrder::Created, ListFilter::default(), cursor, 200).await.unwrap();
        ids.extend(page.tasks.iter().map(|task| task.id));
        cursor = page.cursor;
        if cursor.is_none() {
            return ids;
        }
    }
}

#[tokio::test]
async fn no_acknowledged_task_is_lost_when_redis_is_killed_again_and_again() {
    const ROUNDS: usize = 6;
    let server = Arc::new(RedisServer::durable());
    let store = open(&server.url()).await;
    let uid = uid(store.as_ref()).await;
    let mut events = store.events();
    let (mut acknowledged, mut sent) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..ROUNDS {
        let killer = Arc::clone(&server);
        let clients = (0..20).map(|_| {
            let store = Arc::clone(&store);
            async move {
                // Submits until Redis is gone.
                let (mut sent, mut acknowledged) = (Vec::new(), Vec::new());
                loop {
                    let new = new_task(uid);
                    sent.push(new.id);
                    match store.enqueue(new).await {
                        Ok(answer) => acknowledged.push(answer.id()),
                        Err(StoreError::Unavailable(_)) => return (sent, acknowledged),
                        Err(other) => panic!("{other}"),
                    }
                }
            }
        });
        let observer = Arc::clone(&store);
        let kill = async {
            // In the middle of it: some dozens are in.
            let before = observer.counts().await.unwrap().queued;
            while observer.counts().await.is_ok_and(|counts| counts.queued < before + 60) {}
            tokio::task::spawn_blocking(move || killer.kill()).await.unwrap();
        };
        let (answers, ()) = futures::join!(futures::future::join_all(clients), kill);
        for (of_sent, of_acknowledged) in answers {
            sent.extend(of_sent);
            acknowledged.extend(of_acknowledged);
        }
        server.start_again();
        back(store.as_ref()).await;
        hear(&mut events, |kind| *kind == EventKind::Missed).await;
    }
    let present = everything(store.as_ref()).await;
    let unique: BTreeSet<TaskId> = present.iter().copied().collect();
    let lost = acknowledged.difference(&unique).count();
    let (recovered, unexpected) = (unique.difference(&acknowledged).count(), unique.difference(&sent).count());
    let duplicated = present.len() - unique.len();
    eprintln!(
        "{ROUNDS} kills, {} acknowledged: lost {lost}, recovered {recovered}, unexpected {unexpected}, \
         duplicated {duplicated}",
        acknowledged.len()
    );
    assert_eq!((lost, unexpected, duplicated), (0, 0, 0));
    assert_eq!(store.counts().await.unwrap().queued, unique.len() as u64);
}

#[tokio::test]
async fn claims_and_results_survive_a_kill_and_a_finish_is_published_once() {
    let server = RedisServer::durable();
    let store = open(&server.url()).await;
    let uid = uid(store.as_ref()).await;
    let (first, second) = (enqueue(store.as_ref(), uid).await, enqueue(store.as_ref(), uid).await);
    let (one, two) = (claim(store.as_ref()).await.unwrap(), claim(store.as_ref()).await.unwrap());
    store.finish(first, one.token, success(&one)).await.unwrap();
    server.kill();
    server.start_again();
    back(store.as_ref()).await;
    for _ in 0..2 {
        let answer = store.finish(first, one.token, success(&one)).await.unwrap();
        assert_eq!(answer, FinishOutcome::Applied(Status::Success));
    }
    let answer = store.finish(second, two.token, success(&two)).await.unwrap();
    assert_eq!(answer, FinishOutcome::Applied(Status::Success), "the claim is still alive");
    let runs = store.runs(cipherdeck::store::RunFilter { limit: 10, ..Default::default() }).await.unwrap();
    assert_eq!(runs.len(), 2);
}

#[tokio::test]
async fn a_redis_that_forgot_everything_makes_workers_stop_and_answers_unknown() {
    let server = RedisServer::start(&["--appendonly", "no"]);
    let store = open(&server.url()).await;
    let owner = uid(store.as_ref()).await;
    let id = enqueue(store.as_ref(), owner).await;
    let taken = claim(store.as_ref()).await.unwrap();
    let mut events = store.events();
    server.kill();
    server.start_again();
    back(store.as_ref()).await;
    hear(&mut events, |kind| *kind == EventKind::Missed).await;
    let beat = cipherdeck::store::Beat { task: id, token: taken.token, progress: 0.5 };
    assert_eq!(store.heartbeat(vec![beat]).await.unwrap(), [cipherdeck::store::BeatAnswer::Lost]);
    assert_eq!(store.finish(id, taken.token, success(&taken)).await.unwrap(), FinishOutcome::Stale);
    assert_eq!(store.task(id).await.unwrap(), None);
    // Life goes on, and its events are heard.
    let owner = uid(store.as_ref()).await;
    let id = enqueue(store.as_ref(), owner).await;
    hear(&mut events, |kind| *kind == EventKind::Task { id, status: Some(Status::Queued) }).await;
}
