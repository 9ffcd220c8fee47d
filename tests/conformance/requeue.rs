//! Requeue, fetch, and what they must not do to each other and to the sweep.

use std::time::Duration;

use cipherdeck::{
    store::{DeleteOutcome, FinishOutcome, Position, RequeueOutcome, RunFilter},
    task::{Status, TaskId},
};

use super::{
    engine::Engine,
    world::{World, failure, result_of},
};

fn every_run() -> RunFilter {
    RunFilter { limit: 1_000, ..RunFilter::default() }
}

pub(crate) async fn a_requeued_task_begins_again_with_its_input_only<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    let submitted = world.task(id).await;
    let claim = world.claim().await.unwrap();
    world.succeed(&claim).await;
    let waiting = world.enqueue(uid).await;
    let answer = world.store().requeue(id).await.unwrap();
    assert_eq!(answer, RequeueOutcome::Requeued { garbage: vec![result_of(&claim)] });
    assert_eq!(world.task(id).await, submitted, "nothing of the first run is left");
    assert_eq!(world.store().position(id).await.unwrap(), Some(Position { place: 2, length: 2 }), "at the end");
    assert_eq!(world.run_one().await, waiting);
    assert_eq!(world.run_one().await, id);
    assert_eq!(world.store().runs(every_run()).await.unwrap().len(), 3, "each success has its row");
}

pub(crate) async fn every_terminal_state_can_be_requeued_and_no_other<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    assert_eq!(world.store().requeue(id).await.unwrap(), RequeueOutcome::Refused(Status::Queued));
    let claim = world.claim().await.unwrap();
    assert_eq!(world.store().requeue(id).await.unwrap(), RequeueOutcome::Refused(Status::Started));
    world.store().finish(id, claim.token, failure()).await.unwrap();
    let nothing = RequeueOutcome::Requeued { garbage: Vec::new() };
    assert_eq!(world.store().requeue(id).await.unwrap(), nothing);
    world.store().cancel(id, None).await.unwrap();
    assert_eq!(world.store().requeue(id).await.unwrap(), nothing);
    let claim = world.claim().await.unwrap();
    assert!(!claim.task.cancelling && claim.task.attempt == 1);
    assert_eq!(world.succeed(&claim).await, FinishOutcome::Applied(Status::Success), "the cancel is forgotten");
    let finished = world.task(id).await.finished.unwrap();
    world.store().fetched(id, finished, world.now()).await.unwrap();
    assert_eq!(world.status(id).await, Some(Status::Completed));
    let garbage = vec![result_of(&claim)];
    assert_eq!(world.store().requeue(id).await.unwrap(), RequeueOutcome::Requeued { garbage });
    assert_eq!(world.store().requeue(TaskId::random()).await.unwrap(), RequeueOutcome::Unknown);
}

pub(crate) async fn the_token_of_an_earlier_run_is_stale<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    let claim = world.claim().await.unwrap();
    world.succeed(&claim).await;
    world.store().requeue(id).await.unwrap();
    assert_eq!(world.succeed(&claim).await, FinishOutcome::Stale);
    let second = world.claim().await.unwrap();
    assert_eq!(world.succeed(&claim).await, FinishOutcome::Stale);
    assert_eq!(world.succeed(&second).await, FinishOutcome::Applied(Status::Success));
    assert_eq!(world.task(id).await.result, Some(result_of(&second)));
}

pub(crate) async fn a_fetch_completes_once_and_fills_in_the_end_to_end_time<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let mut new = world.new_task(uid);
    new.received = cipherdeck::task::Timestamp::from_millis(world.now().millis() - 250);
    world.store().enqueue(new.clone()).await.unwrap();
    world.step_clock(4_000);
    let claim = world.claim().await.unwrap();
    world.step_clock(1_500);
    world.succeed(&claim).await;
    let done = world.task(new.id).await;
    world.step_clock(250);
    let first_fetch = world.now();
    for _ in 0..3 {
        world.store().fetched(new.id, done.finished.unwrap(), world.now()).await.unwrap();
        let task = world.task(new.id).await;
        assert_eq!((task.status, task.fetched), (Status::Completed, Some(first_fetch)));
        assert_eq!((task.expires, &task.result), (done.expires, &done.result), "a fetch moves no expiry");
        let runs = world.store().runs(every_run()).await.unwrap();
        assert_eq!(runs.len(), 1);
        let run = &runs[0];
        assert_eq!((run.upload_s, run.queue_s, run.server_s), (0.25, 4.0, 1.5));
        assert_eq!((run.end_to_end_s, run.bootstraps, run.finished), (Some(6.0), 42, done.finished.unwrap()));
        world.step_clock(10_000);
    }
}

pub(crate) async fn the_fetch_of_an_older_result_does_not_complete_a_newer_one<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    world.run_one().await;
    let older = world.task(id).await.finished.unwrap();
    world.store().requeue(id).await.unwrap();
    world.store().fetched(id, older, world.now()).await.unwrap();
    assert_eq!(world.status(id).await, Some(Status::Queued));
    // The clock has not moved, or even back: the second result still has a time of its own.
    for step in [0, -60_000] {
        world.step_clock(step);
        world.run_one().await;
        let newer = world.task(id).await.finished.unwrap();
        assert_ne!(newer, older);
        world.store().fetched(id, older, world.now()).await.unwrap();
        assert_eq!(world.status(id).await, Some(Status::Success));
        world.store().requeue(id).await.unwrap();
    }
    let unfilled = world.store().runs(every_run()).await.unwrap().iter().all(|run| run.end_to_end_s.is_none());
    assert!(unfilled);
}

pub(crate) async fn a_fetch_of_anything_but_a_success_changes_nothing<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    world.store().fetched(id, world.now(), world.now()).await.unwrap();
    assert_eq!(world.status(id).await, Some(Status::Queued));
    let claim = world.claim().await.unwrap();
    world.store().finish(id, claim.token, failure()).await.unwrap();
    let failed = world.task(id).await;
    world.store().fetched(id, failed.finished.unwrap(), world.now()).await.unwrap();
    assert_eq!(world.task(id).await, failed);
    world.store().fetched(TaskId::random(), world.now(), world.now()).await.unwrap();
}

pub(crate) async fn requeue_against_sweep_has_one_winner<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    for round in 0..20 {
        let id = world.enqueue(uid).await;
        world.run_one().await;
        world.advance(world.options.result_ttl + Duration::from_secs(1));
        let (requeued, swept) = if round % 2 == 0 {
            let (requeued, swept) = futures::join!(world.store().requeue(id), world.store().sweep(10));
            (requeued.unwrap(), swept.unwrap())
        } else {
            let (swept, requeued) = futures::join!(world.store().sweep(10), world.store().requeue(id));
            (requeued.unwrap(), swept.unwrap())
        };
        match requeued {
            RequeueOutcome::Requeued { garbage } => {
                assert_eq!((swept.tasks, garbage.len()), (0, 1));
                assert!(swept.garbage.is_empty(), "the input is still needed");
                world.run_one().await;
                world.store().delete(id).await.unwrap();
            }
            RequeueOutcome::Unknown => assert_eq!((swept.tasks, swept.garbage.len()), (1, 2)),
            RequeueOutcome::Refused(status) => panic!("refused as {status}"),
        }
        assert_eq!(world.status(id).await, None);
    }
}

pub(crate) async fn a_requeued_task_does_not_expire<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    world.run_one().await;
    world.store().requeue(id).await.unwrap();
    world.advance(world.options.result_ttl * 3);
    assert_eq!(world.store().sweep(10).await.unwrap().tasks, 0);
    assert_eq!(world.status(id).await, Some(Status::Queued));
}

pub(crate) async fn only_terminal_tasks_can_be_deleted<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    let input = world.task(id).await.input;
    assert_eq!(world.store().delete(id).await.unwrap(), DeleteOutcome::Refused(Status::Queued));
    let claim = world.claim().await.unwrap();
    assert_eq!(world.store().delete(id).await.unwrap(), DeleteOutcome::Refused(Status::Started));
    world.succeed(&claim).await;
    let garbage = vec![input, result_of(&claim)];
    assert_eq!(world.store().delete(id).await.unwrap(), DeleteOutcome::Deleted { garbage });
    assert_eq!(world.store().delete(id).await.unwrap(), DeleteOutcome::Unknown);
    assert_eq!(world.succeed(&claim).await, FinishOutcome::Stale);
    assert_eq!(world.store().runs(every_run()).await.unwrap().len(), 1, "the history outlives the task");
}
