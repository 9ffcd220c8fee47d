//! Expiry, limits of a sweep, and what is still referred to.

use std::time::Duration;

use cipherdeck::{
    store::{Outcome, RunFilter},
    task::{Run, RunOrigin, Status, TaskId},
};

use super::{
    engine::Engine,
    world::{World, failure},
};

pub(crate) async fn every_terminal_state_expires_and_no_other<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let success = world.enqueue(uid).await;
    world.run_one().await;
    let completed = world.enqueue(uid).await;
    world.run_one().await;
    world.store().fetched(completed, world.task(completed).await.finished.unwrap(), world.now()).await.unwrap();
    let (failed, revoked) = (world.enqueue(uid).await, world.enqueue(uid).await);
    for outcome in [failure(), Outcome::Revoked] {
        let claim = world.claim().await.unwrap();
        world.store().finish(claim.task.id, claim.token, outcome).await.unwrap();
    }
    let (running, waiting) = (world.enqueue(uid).await, world.enqueue(uid).await);
    world.claim().await.unwrap();

    world.advance(world.options.result_ttl - Duration::from_millis(1));
    assert_eq!(world.store().sweep(100).await.unwrap().tasks, 0);
    world.step_clock(1);
    let swept = world.store().sweep(100).await.unwrap();
    assert_eq!((swept.tasks, swept.garbage.len(), swept.more), (4, 4 + 2, false));
    for gone in [success, completed, failed, revoked] {
        assert_eq!(world.status(gone).await, None);
    }
    assert_eq!(world.status(running).await, Some(Status::Started));
    assert_eq!(world.status(waiting).await, Some(Status::Queued));
}

pub(crate) async fn a_sweep_takes_the_oldest_and_says_that_there_is_more<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let mut ids = Vec::new();
    for _ in 0..7 {
        world.step_clock(10);
        ids.push(world.enqueue(uid).await);
        world.run_one().await;
    }
    world.advance(world.options.result_ttl);
    for (tasks, more) in [(3, true), (3, true), (1, false), (0, false)] {
        let swept = world.store().sweep(3).await.unwrap();
        assert_eq!((swept.tasks, swept.more), (tasks, more));
        assert_eq!(swept.garbage.len() as u64, 2 * tasks);
        ids.drain(..usize::try_from(tasks).unwrap());
        for left in &ids {
            assert!(world.status(*left).await.is_some());
        }
    }
}

pub(crate) async fn a_shared_input_is_given_up_with_its_last_task<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let (first, mut second) = (world.new_task(uid), world.new_task(uid));
    second.input = first.input.clone();
    for new in [&first, &second] {
        world.store().enqueue(new.clone()).await.unwrap();
        world.store().cancel(new.id, None).await.unwrap();
        world.step_clock(1_000);
    }
    world.step_clock(-1_000);
    world.advance(world.options.result_ttl - Duration::from_secs(1));
    assert_eq!(world.store().sweep(10).await.unwrap().garbage, []);
    world.step_clock(1_000);
    assert_eq!(world.store().sweep(10).await.unwrap().garbage, [first.input]);
}

pub(crate) async fn references_are_found_by_name<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    world.run_one().await;
    let task = world.task(id).await;
    let key = world.store().key(uid).await.unwrap().unwrap().key.unwrap();
    let known = vec![task.input.name, task.result.unwrap().name, key.name];
    let mut asked = known.clone();
    asked.extend(["results/none".to_owned(), "incoming/half".to_owned(), String::new()]);
    assert_eq!(world.store().referenced(asked).await.unwrap(), known);
}

pub(crate) async fn the_run_history_keeps_its_newest_rows_and_outlives_tasks<E: Engine>() {
    let world = World::<E>::with(|options| options.runs = 5).await;
    let uid = world.uid().await;
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(world.enqueue(uid).await);
        world.run_one().await;
    }
    world.advance(world.options.result_ttl);
    assert_eq!(world.store().sweep(100).await.unwrap().tasks, 8);
    let runs = world.store().runs(RunFilter { limit: 100, ..RunFilter::default() }).await.unwrap();
    let kept: Vec<TaskId> = runs.iter().map(|run| run.task).collect();
    assert_eq!(kept, ids.iter().rev().take(5).copied().collect::<Vec<_>>());
}

pub(crate) async fn runs_are_filtered_by_use_case_and_origin<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    world.run_one().await;
    let bench = Run {
        task: TaskId::random(),
        origin: RunOrigin::Bench,
        use_case: "sleep_quality".to_owned(),
        device: "cpu".to_owned(),
        finished: world.now(),
        upload_s: 0.5,
        queue_s: 0.25,
        server_s: 1.0,
        end_to_end_s: Some(2.0),
        bootstraps: 7,
    };
    world.store().record_run(bench.clone()).await.unwrap();
    let runs = |filter: RunFilter| world.store().runs(filter);
    let newest = runs(RunFilter { limit: 1, ..RunFilter::default() }).await.unwrap();
    assert_eq!(newest, [bench.clone()]);
    assert!(runs(RunFilter::default()).await.unwrap().is_empty(), "limit 0 is none");
    let of_tasks = RunFilter { origin: Some(RunOrigin::Task), limit: 9, ..RunFilter::default() };
    assert_eq!(runs(of_tasks).await.unwrap().iter().map(|run| run.task).collect::<Vec<_>>(), [id]);
    let sleep = RunFilter { use_case: Some("sleep_quality".to_owned()), limit: 9, ..RunFilter::default() };
    assert_eq!(runs(sleep.clone()).await.unwrap(), [bench]);
    assert!(runs(RunFilter { origin: Some(RunOrigin::Task), ..sleep }).await.unwrap().is_empty());
}
