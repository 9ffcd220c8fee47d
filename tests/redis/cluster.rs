//! Several processes, each with its own connections, on one Redis.

use std::{collections::BTreeSet, time::Duration};

use cipherdeck::{
    store::{Beat, BeatAnswer, CancelOutcome, Enqueued, EventKind, FinishOutcome, redis::Tuning},
    task::{Status, TaskId},
};

use super::{blob, claim, enqueue, hear, new_task, open, open_with, success, uid};
use crate::support::redis::RedisServer;

#[tokio::test]
async fn every_process_hears_what_any_of_them_does() {
    let server = RedisServer::durable();
    let (a, b) = (open(&server.url()).await, open(&server.url()).await);
    let (mut at_a, mut at_b) = (a.events(), b.events());
    let uid = uid(a.as_ref()).await;
    let id = enqueue(a.as_ref(), uid).await;
    let is = |status| move |kind: &EventKind| *kind == EventKind::Task { id, status: Some(status) };
    hear(&mut at_b, is(Status::Queued)).await;
    let taken = claim(b.as_ref()).await.unwrap();
    hear(&mut at_a, is(Status::Started)).await;
    a.cancel(id, None).await.unwrap();
    hear(&mut at_b, |kind| *kind == EventKind::CancelRequested { id }).await;
    b.finish(id, taken.token, success(&taken)).await.unwrap();
    hear(&mut at_a, is(Status::Revoked)).await;
    b.set_paused("weight_stats", true).await.unwrap();
    hear(&mut at_a, |kind| matches!(kind, EventKind::Paused { paused: true, .. })).await;
    assert_eq!(a.paused().await.unwrap(), ["weight_stats"]);
    assert_eq!(a.counts().await.unwrap(), b.counts().await.unwrap());
}

#[tokio::test]
async fn a_cancel_reaches_its_worker_by_the_next_beat_though_no_event_does() {
    let server = RedisServer::durable();
    server.admin::<()>(&["ACL", "SETUSER", "deaf", "on", ">secret", "~*", "&*", "+@all", "-xread"]);
    let (worker, other) = (open(&server.url_of("deaf")).await, open(&server.url()).await);
    let uid = uid(other.as_ref()).await;
    let mut events = worker.events();
    enqueue(other.as_ref(), uid).await;
    let taken = claim(worker.as_ref()).await.unwrap();
    let id = taken.task.id;
    assert_eq!(other.cancel(id, Some(uid)).await.unwrap(), CancelOutcome::Requested);
    let beat = Beat { task: id, token: taken.token, progress: 0.5 };
    let answer = tokio::time::timeout(Duration::from_millis(1_500), worker.heartbeat(vec![beat])).await;
    assert_eq!(answer.expect("in time").unwrap(), [BeatAnswer::Cancel]);
    assert!(events.try_recv().is_err(), "it is deaf indeed");
    assert_eq!(worker.finish(id, taken.token, success(&taken)).await.unwrap(), FinishOutcome::Applied(Status::Revoked));
}

#[tokio::test]
async fn who_was_deaf_for_longer_than_the_log_is_told_that_it_missed_something() {
    let server = RedisServer::durable();
    server.admin::<()>(&["ACL", "SETUSER", "deaf", "on", ">secret", "~*", "&*", "+@all", "-xread"]);
    let short = Tuning { events: 1, ..Tuning::default() };
    let (late, other) = (open(&server.url_of("deaf")).await, open_with(&server.url(), short).await);
    let mut events = late.events();
    let uid = uid(other.as_ref()).await;
    futures::future::join_all((0..400).map(|_| enqueue(other.as_ref(), uid))).await;
    server.admin::<()>(&["ACL", "SETUSER", "deaf", "+xread"]);
    hear(&mut events, |kind| *kind == EventKind::Missed).await;
    let id = enqueue(other.as_ref(), uid).await;
    hear(&mut events, |kind| *kind == EventKind::Task { id, status: Some(Status::Queued) }).await;
}

#[tokio::test]
async fn a_lease_that_is_renewed_outlives_many_and_one_that_is_not_ends_in_another_process() {
    let lease = Duration::from_millis(800);
    let tuning = Tuning { lease, reap_every: Duration::from_millis(100), ..Tuning::default() };
    let server = RedisServer::durable();
    let (worker, other) = (open_with(&server.url(), tuning.clone()).await, open_with(&server.url(), tuning).await);
    let uid = uid(other.as_ref()).await;
    let (kept, lost) = (enqueue(other.as_ref(), uid).await, enqueue(other.as_ref(), uid).await);
    let (alive, dead) = (claim(worker.as_ref()).await.unwrap(), claim(worker.as_ref()).await.unwrap());
    assert_eq!((alive.task.id, dead.task.id), (kept, lost));
    let mut events = other.events();
    // Beats until the other claim has been lost, and then for five leases more.
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    let beat = Beat { task: kept, token: alive.token, progress: 0.2 };
    let mut begun = None;
    while begun.is_none_or(|at: tokio::time::Instant| at.elapsed() < lease * 5) {
        ticks.tick().await;
        assert_eq!(worker.heartbeat(vec![beat]).await.unwrap(), [BeatAnswer::Ok]);
        if begun.is_none() && other.task(lost).await.unwrap().unwrap().status == Status::Queued {
            begun = Some(tokio::time::Instant::now());
        }
    }
    hear(&mut events, |kind| *kind == EventKind::Task { id: lost, status: Some(Status::Queued) }).await;
    // The late write of the dead one is refused, also while nobody else has the task yet.
    assert_eq!(worker.finish(lost, dead.token, success(&dead)).await.unwrap(), FinishOutcome::Stale);
    let again = claim(other.as_ref()).await.unwrap();
    assert_eq!((again.task.id, again.task.attempt), (lost, 2));
    assert_eq!(worker.finish(lost, dead.token, success(&dead)).await.unwrap(), FinishOutcome::Stale);
    assert_eq!(
        other.finish(lost, again.token, success(&again)).await.unwrap(),
        FinishOutcome::Applied(Status::Success)
    );
    assert_eq!(
        worker.finish(kept, alive.token, success(&alive)).await.unwrap(),
        FinishOutcome::Applied(Status::Success)
    );
    assert_eq!(other.task(kept).await.unwrap().unwrap().attempt, 1, "one execution");
}

#[tokio::test]
async fn fifty_submissions_in_two_processes_with_one_key_are_one_task() {
    let server = RedisServer::durable();
    let stores = [open(&server.url()).await, open(&server.url()).await];
    let uid = uid(stores[0].as_ref()).await;
    let submissions = (0..50).map(|index: usize| {
        let mut new = new_task(uid);
        new.idempotency_key = Some("once".to_owned());
        new.input.digest = blob("same").digest;
        stores[index % 2].enqueue(new)
    });
    let answers = futures::future::try_join_all(submissions).await.unwrap();
    let ids: BTreeSet<TaskId> = answers.iter().map(|answer| answer.id()).collect();
    let new = answers.iter().filter(|answer| matches!(answer, Enqueued::New(_))).count();
    assert_eq!((ids.len(), new, stores[1].counts().await.unwrap().total()), (1, 1, 1));
}

#[tokio::test]
async fn workers_in_four_processes_run_every_task_exactly_once() {
    const TASKS: u64 = 400;
    let server = RedisServer::durable();
    let mut stores = Vec::new();
    for _ in 0..4 {
        stores.push(open(&server.url()).await);
    }
    let uid = uid(stores[0].as_ref()).await;
    let submitted = futures::future::join_all((0..TASKS).map(|_| enqueue(stores[0].as_ref(), uid))).await;
    let workers = stores.iter().map(|store| async {
        let mut done = Vec::new();
        while let Some(taken) = claim(store.as_ref()).await {
            let answer = store.finish(taken.task.id, taken.token, success(&taken)).await.unwrap();
            assert_eq!(answer, FinishOutcome::Applied(Status::Success));
            done.push(taken.task.id);
        }
        done
    });
    let mut done = futures::future::join_all(workers).await.concat();
    done.sort();
    let mut expected = submitted;
    expected.sort();
    assert_eq!(done, expected);
    assert_eq!(stores[3].counts().await.unwrap().success, TASKS);
}
