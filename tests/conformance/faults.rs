//! Crashes, lost workers, late writes, clocks.

use cipherdeck::{
    store::{Beat, BeatAnswer, FinishOutcome, Position},
    task::{FailureLabel, Status, Token},
};

use super::{
    engine::Engine,
    world::{World, request, success},
};

pub(crate) async fn a_task_whose_worker_was_lost_goes_back_to_its_place<E: Engine>() {
    let mut world = World::<E>::new().await;
    let uid = world.uid().await;
    let (first, second) = (world.enqueue(uid).await, world.enqueue(uid).await);
    let claim = world.claim().await.unwrap();
    world.crash().await;
    let task = world.task(first).await;
    assert_eq!((task.status, task.attempt, task.started), (Status::Queued, 1, None), "the attempt counts");
    assert_eq!(world.store().position(first).await.unwrap(), Some(Position { place: 1, length: 2 }));
    assert_eq!(world.store().position(second).await.unwrap(), Some(Position { place: 2, length: 2 }));
    let beat = Beat { task: first, token: claim.token, progress: 0.4 };
    assert_eq!(world.store().heartbeat(vec![beat]).await.unwrap(), [BeatAnswer::Lost]);
    assert_eq!(world.claim().await.unwrap().task.attempt, 2);
}

pub(crate) async fn a_late_write_of_a_lost_worker_is_refused<E: Engine>() {
    let mut world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    let late = world.claim().await.unwrap();
    world.crash().await;
    assert_eq!(world.succeed(&late).await, FinishOutcome::Stale);
    let new = world.claim().await.unwrap();
    assert_eq!(world.succeed(&late).await, FinishOutcome::Stale, "another worker has it now");
    assert_eq!(world.succeed(&new).await, FinishOutcome::Applied(Status::Success));
    assert_eq!(world.succeed(&late).await, FinishOutcome::Stale);
    assert_eq!(world.task(id).await.result, Some(super::world::result_of(&new)));
}

pub(crate) async fn a_poison_task_fails_after_its_attempts_and_harms_no_other<E: Engine>() {
    let mut world = World::<E>::new().await;
    let uid = world.uid().await;
    let (poison, other) = (world.enqueue(uid).await, world.enqueue(uid).await);
    for attempt in 1..=3 {
        let claim = world.claim().await.unwrap();
        assert_eq!((claim.task.id, claim.task.attempt), (poison, attempt));
        world.crash().await;
    }
    let task = world.task(poison).await;
    assert_eq!((task.status, task.attempt), (Status::Failure, 3));
    assert_eq!(task.failure.unwrap().label, FailureLabel::AttemptsExhausted);
    assert!(task.expires.is_some() && task.finished.is_some());
    let counts = world.store().counts().await.unwrap();
    assert_eq!((counts.failure, counts.queued, counts.started), (1, 1, 0));
    assert_eq!(world.run_one().await, other);
}

pub(crate) async fn fewer_attempts_than_before_hold_for_tasks_that_wait<E: Engine>() {
    let mut world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    for _ in 0..2 {
        world.claim().await.unwrap();
        world.crash().await;
    }
    assert_eq!(world.status(id).await, Some(Status::Queued));
    world.crash_with(|options| options.attempts = 2).await;
    assert_eq!(world.task(id).await.failure.unwrap().label, FailureLabel::AttemptsExhausted);
    assert!(world.claim().await.is_none());
}

pub(crate) async fn a_cancelled_task_whose_worker_dies_is_revoked<E: Engine>() {
    let mut world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    let claim = world.claim().await.unwrap();
    world.store().cancel(id, None).await.unwrap();
    world.crash().await;
    assert_eq!(world.status(id).await, Some(Status::Revoked));
    assert_eq!(world.store().finish(id, claim.token, success(&claim)).await.unwrap(), FinishOutcome::Stale);
}

pub(crate) async fn everything_acknowledged_survives_a_crash<E: Engine>() {
    let mut world = World::<E>::new().await;
    let uid = world.uid().await;
    let mut before = Vec::new();
    for _ in 0..6 {
        world.enqueue(uid).await;
    }
    let done = world.run_one().await;
    let claim = world.claim().await.unwrap();
    world.store().finish(claim.task.id, claim.token, super::world::failure()).await.unwrap();
    let finished = world.task(done).await.finished.unwrap();
    world.store().fetched(done, finished, world.now()).await.unwrap();
    world.store().set_priority(world.claim_last_queued().await, 7).await.unwrap();
    for task in super::view::View::read(world.store()).await.tasks {
        before.push(task);
    }
    let queue = super::view::View::read(world.store()).await.queue;
    world.crash().await;
    world.crash().await;
    let after = super::view::View::read(world.store()).await;
    assert_eq!(after.tasks, before);
    assert_eq!(after.queue, queue);
    super::invariants::i8_positions_have_no_gaps_and_counts_equal_listings(&after);
}

pub(crate) async fn a_wall_clock_stepped_back_breaks_nothing<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let (first, second) = (world.enqueue(uid).await, world.enqueue(uid).await);
    world.step_clock(-3_600_000);
    let claim = world.claim().await.unwrap();
    assert_eq!(claim.task.id, first, "the order is not the clock's");
    world.step_clock(-3_600_000);
    world.succeed(&claim).await;
    let task = world.task(first).await;
    world.store().fetched(first, task.finished.unwrap(), world.now()).await.unwrap();
    let run = &world.store().runs(cipherdeck::store::RunFilter { limit: 1, ..Default::default() }).await.unwrap()[0];
    assert_eq!((run.queue_s, run.upload_s, run.end_to_end_s), (0.0, 0.0, Some(0.0)), "no negative durations");
    let third = world.enqueue(uid).await;
    assert_eq!(world.store().sweep(100).await.unwrap().tasks, 0, "nothing expires early");
    assert_eq!(world.run_one().await, second);
    assert_eq!(world.run_one().await, third);
}

pub(crate) async fn a_nonce_from_before_the_crash_is_a_new_claim<E: Engine>() {
    let mut world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    let nonce = Token::random();
    world.store().claim(request(nonce)).await.unwrap().unwrap();
    world.crash().await;
    let claim = world.store().claim(request(nonce)).await.unwrap().unwrap();
    assert_eq!((claim.task.id, claim.task.attempt), (id, 2));
}

impl<E: Engine> World<E> {
    /// The task at the end of the queue.
    async fn claim_last_queued(&self) -> cipherdeck::task::TaskId {
        *super::view::View::read(self.store()).await.queue.last().unwrap()
    }
}
