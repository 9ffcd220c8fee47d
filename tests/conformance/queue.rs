//! Enqueue, claim, finish, release: the way of a task without accidents.

use std::collections::BTreeSet;

use cipherdeck::{
    store::{ClaimRequest, Enqueued, FinishOutcome, Outcome, Position, StoreError},
    task::{Status, TaskId, Timestamp, Token, Uid},
};

use super::{
    engine::Engine,
    world::{USE_CASES, World, blob, failure, request, result_of, success},
};

pub(crate) async fn an_enqueued_task_is_queued_with_what_was_submitted<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let mut new = world.new_task(uid);
    new.received = Timestamp::from_millis(world.now().millis() - 700);
    new.priority = 4;
    world.store().enqueue(new.clone()).await.unwrap();
    let task = world.task(new.id).await;
    assert_eq!((task.uid, &task.client, &task.use_case), (uid, &new.client, &new.use_case));
    assert_eq!((&task.capability, &task.input, task.priority), (&new.capability, &new.input, 4));
    assert_eq!(
        (task.status, task.attempt, task.received, task.created),
        (Status::Queued, 0, new.received, world.now())
    );
    assert_eq!((task.started, task.finished, task.expires, task.progress), (None, None, None, None));
}

pub(crate) async fn the_same_id_again_changes_nothing<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let new = world.new_task(uid);
    assert_eq!(world.store().enqueue(new.clone()).await.unwrap(), Enqueued::New(new.id));
    let mut other = new.clone();
    other.input = blob("inputs/other");
    assert_eq!(world.store().enqueue(other).await.unwrap(), Enqueued::Existing(new.id));
    assert_eq!(world.task(new.id).await.input, new.input);
    // Also when it runs already.
    world.claim().await.unwrap();
    assert_eq!(world.store().enqueue(new.clone()).await.unwrap(), Enqueued::Existing(new.id));
    assert_eq!(world.status(new.id).await, Some(Status::Started));
}

pub(crate) async fn an_idempotency_key_gives_one_task_for_one_input_of_one_uid<E: Engine>() {
    let world = World::<E>::new().await;
    let (uid, other_uid) = (world.uid().await, world.uid().await);
    let keyed = |uid: Uid, input: &str| {
        let mut new = world.new_task(uid);
        new.idempotency_key = Some("order 7".to_owned());
        new.input.digest = blob(input).digest;
        new
    };
    let first = keyed(uid, "a");
    assert_eq!(world.store().enqueue(first.clone()).await.unwrap(), Enqueued::New(first.id));
    assert_eq!(world.store().enqueue(keyed(uid, "a")).await.unwrap(), Enqueued::Existing(first.id));
    let conflict = world.store().enqueue(keyed(uid, "b")).await;
    assert!(matches!(conflict, Err(StoreError::IdempotencyConflict)), "{conflict:?}");
    let theirs = keyed(other_uid, "b");
    assert_eq!(world.store().enqueue(theirs.clone()).await.unwrap(), Enqueued::New(theirs.id));
    // It lives as long as the task.
    world.store().cancel(first.id, None).await.unwrap();
    assert_eq!(world.store().enqueue(keyed(uid, "a")).await.unwrap(), Enqueued::Existing(first.id));
    world.store().delete(first.id).await.unwrap();
    let again = keyed(uid, "b");
    assert_eq!(world.store().enqueue(again.clone()).await.unwrap(), Enqueued::New(again.id));
}

pub(crate) async fn fifty_submissions_at_once_with_one_key_are_one_task<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let submissions = (0..50).map(|_| {
        let mut new = world.new_task(uid);
        new.idempotency_key = Some("once".to_owned());
        new.input.digest = blob("same").digest;
        world.store().enqueue(new)
    });
    let answers: Vec<Enqueued> = futures::future::try_join_all(submissions).await.unwrap();
    let ids: BTreeSet<TaskId> = answers.iter().map(|answer| answer.id()).collect();
    let new = answers.iter().filter(|answer| matches!(answer, Enqueued::New(_))).count();
    assert_eq!((ids.len(), new, world.store().counts().await.unwrap().total()), (1, 1, 1));
}

pub(crate) async fn a_task_of_an_unknown_uid_is_refused<E: Engine>() {
    let world = World::<E>::new().await;
    let new = world.new_task(Uid::random());
    let id = new.id;
    assert!(matches!(world.store().enqueue(new).await, Err(StoreError::UnknownUid)));
    assert_eq!(world.status(id).await, None);
}

pub(crate) async fn limits_count_waiting_tasks_of_all_and_of_one_client<E: Engine>() {
    let world = World::<E>::with(|options| (options.waiting, options.waiting_per_client) = (3, 2)).await;
    let (a, b, c) = (world.uid().await, world.uid().await, world.uid().await);
    world.enqueue(a).await;
    world.enqueue(a).await;
    let refused = world.store().enqueue(world.new_task(a)).await;
    assert!(matches!(refused, Err(StoreError::QueueFull { waiting: 2, limit: 2, per_client: true })), "{refused:?}");
    let first_of_b = world.enqueue(b).await;
    let refused = world.store().enqueue(world.new_task(c)).await;
    assert!(matches!(refused, Err(StoreError::QueueFull { waiting: 3, limit: 3, per_client: false })), "{refused:?}");
    // Running ones do not wait, cancelled ones neither.
    world.claim().await.unwrap();
    world.enqueue(c).await;
    world.store().cancel(first_of_b, None).await.unwrap();
    world.enqueue(b).await;
    assert!(matches!(world.store().enqueue(world.new_task(b)).await, Err(StoreError::QueueFull { .. })));
}

pub(crate) async fn a_refused_burst_leaves_the_limit_exact<E: Engine>() {
    let world = World::<E>::with(|options| options.waiting = 20).await;
    let uid = world.uid().await;
    let burst = (0..60).map(|_| world.store().enqueue(world.new_task(uid)));
    let answers = futures::future::join_all(burst).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 20);
    assert_eq!(world.store().counts().await.unwrap().queued, 20);
}

pub(crate) async fn one_client_is_served_in_order_of_arrival<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let mut ids = Vec::new();
    for place in 1..=5 {
        let id = world.enqueue(uid).await;
        assert_eq!(world.store().position(id).await.unwrap(), Some(Position { place, length: place }));
        ids.push(id);
    }
    for (index, id) in ids.iter().enumerate() {
        let claim = world.claim().await.unwrap();
        assert_eq!((claim.task.id, claim.task.status, claim.task.attempt), (*id, Status::Started, 1));
        assert_eq!(claim.task.started, Some(world.now()));
        assert_eq!(world.store().position(*id).await.unwrap(), None);
        if let Some(last) = ids.get(index + 1) {
            let length = (ids.len() - index - 1) as u64;
            assert_eq!(world.store().position(*last).await.unwrap(), Some(Position { place: 1, length }));
        }
    }
    assert!(world.claim().await.is_none());
}

pub(crate) async fn higher_priority_goes_first_and_can_be_changed<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let (low, high, moved) = (world.enqueue(uid).await, world.enqueue(uid).await, world.enqueue(uid).await);
    assert!(world.store().set_priority(high, 5).await.unwrap());
    assert!(world.store().set_priority(moved, 10).await.unwrap());
    assert!(world.store().set_priority(moved, 10).await.unwrap());
    for expected in [moved, high, low] {
        assert_eq!(world.claim().await.unwrap().task.id, expected);
    }
    assert!(!world.store().set_priority(low, 1).await.unwrap(), "it runs");
    assert!(!world.store().set_priority(TaskId::random(), 1).await.unwrap());
}

pub(crate) async fn a_worker_gets_only_what_it_is_able_to_run<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let mut old = world.new_task(uid);
    (old.use_case, old.capability) = ("ad_targeting".to_owned(), "ad_targeting@1".to_owned());
    let mut new = world.new_task(uid);
    (new.use_case, new.capability) = ("ad_targeting".to_owned(), "ad_targeting@2".to_owned());
    let weights = world.new_task(uid);
    for task in [&old, &new, &weights] {
        world.store().enqueue(task.clone()).await.unwrap();
    }
    let asks = |names: &[&str]| ClaimRequest {
        capabilities: names.iter().map(|name| (*name).to_owned()).collect(),
        ..request(Token::random())
    };
    assert!(world.store().claim(asks(&[])).await.unwrap().is_none());
    assert!(world.store().claim(asks(&["ad_targeting@3"])).await.unwrap().is_none());
    let claim = world.store().claim(asks(&["weight_stats", "ad_targeting@2"])).await.unwrap().unwrap();
    assert_eq!(claim.task.id, new.id);
    let claim = world.store().claim(asks(&["weight_stats", "ad_targeting@2"])).await.unwrap().unwrap();
    assert_eq!(claim.task.id, weights.id);
    assert_eq!(world.store().position(old.id).await.unwrap(), Some(Position { place: 1, length: 1 }));
}

pub(crate) async fn a_paused_use_case_waits_and_the_others_go_on<E: Engine>() {
    let mut world = World::<E>::new().await;
    let uid = world.uid().await;
    let weights = world.enqueue(uid).await;
    let mut ads = world.new_task(uid);
    (ads.use_case, ads.capability) = (USE_CASES[2].to_owned(), USE_CASES[2].to_owned());
    world.store().enqueue(ads.clone()).await.unwrap();
    for _ in 0..2 {
        world.store().set_paused(USE_CASES[0], true).await.unwrap();
    }
    assert_eq!(world.store().paused().await.unwrap(), [USE_CASES[0]]);
    assert_eq!(world.claim().await.unwrap().task.id, ads.id);
    assert!(world.claim().await.is_none());
    world.crash().await;
    assert_eq!(world.store().paused().await.unwrap(), [USE_CASES[0]], "a pause outlives a crash");
    world.store().set_paused(USE_CASES[0], false).await.unwrap();
    assert_eq!(world.claim().await.unwrap().task.id, weights);
}

pub(crate) async fn the_same_nonce_gives_the_same_task_until_it_has_ended<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let (first, second) = (world.enqueue(uid).await, world.enqueue(uid).await);
    let nonce = Token::random();
    for _ in 0..3 {
        let claim = world.store().claim(request(nonce)).await.unwrap().unwrap();
        assert_eq!((claim.task.id, claim.task.attempt, claim.token), (first, 1, nonce));
    }
    let claim = world.store().claim(request(nonce)).await.unwrap().unwrap();
    world.succeed(&claim).await;
    assert!(world.store().claim(request(nonce)).await.unwrap().is_none(), "a used nonce is no right to another task");
    assert_eq!(world.status(second).await, Some(Status::Queued));
}

pub(crate) async fn a_finish_publishes_once_and_repeats_its_answer<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    let claim = world.claim().await.unwrap();
    world.step_clock(900);
    assert_eq!(world.succeed(&claim).await, FinishOutcome::Applied(Status::Success));
    let done = world.task(id).await;
    assert_eq!((done.result.clone(), done.finished), (Some(result_of(&claim)), Some(world.now())));
    assert_eq!(done.expires, Some(world.now().plus(world.options.result_ttl)));
    world.step_clock(5_000);
    for outcome in [success(&claim), failure(), Outcome::Revoked] {
        let again = world.store().finish(id, claim.token, outcome).await.unwrap();
        assert_eq!(again, FinishOutcome::Applied(Status::Success));
    }
    assert_eq!(world.task(id).await, done);
    // Also after the fetch.
    world.store().fetched(id, done.finished.unwrap(), world.now()).await.unwrap();
    assert_eq!(world.succeed(&claim).await, FinishOutcome::Applied(Status::Success));
    assert_eq!(world.status(id).await, Some(Status::Completed));
}

pub(crate) async fn a_stale_token_changes_nothing<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    let stale = Token::random();
    for state in ["queued", "started", "ended"] {
        let before = world.store().task(id).await.unwrap();
        for outcome in [failure(), Outcome::Revoked] {
            assert_eq!(world.store().finish(id, stale, outcome).await.unwrap(), FinishOutcome::Stale, "{state}");
        }
        assert!(!world.store().release(id, stale).await.unwrap());
        assert_eq!(world.store().task(id).await.unwrap(), before, "{state}");
        match state {
            "queued" => drop(world.claim().await.unwrap()),
            _ => drop(world.store().cancel(id, None).await.unwrap()),
        }
    }
    let unknown = world.store().finish(TaskId::random(), stale, failure()).await.unwrap();
    assert_eq!(unknown, FinishOutcome::Stale);
}

pub(crate) async fn a_failure_keeps_its_label_and_is_not_tried_again<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    let claim = world.claim().await.unwrap();
    let answer = world.store().finish(id, claim.token, failure()).await.unwrap();
    assert_eq!(answer, FinishOutcome::Applied(Status::Failure));
    let task = world.task(id).await;
    let Outcome::Failure(expected) = failure() else { unreachable!() };
    assert_eq!((task.failure, task.result), (Some(expected), None));
    assert!(world.claim().await.is_none());
}

pub(crate) async fn a_released_task_keeps_its_place_and_its_attempt<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let (first, second) = (world.enqueue(uid).await, world.enqueue(uid).await);
    for _ in 0..10 {
        let claim = world.claim().await.unwrap();
        assert_eq!((claim.task.id, claim.task.attempt), (first, 1));
        assert!(world.store().release(first, claim.token).await.unwrap());
        assert!(!world.store().release(first, claim.token).await.unwrap(), "the claim is over");
        assert_eq!(world.succeed(&claim).await, FinishOutcome::Stale);
        let task = world.task(first).await;
        assert_eq!((task.status, task.attempt, task.started, task.progress), (Status::Queued, 0, None, None));
        assert_eq!(world.store().position(first).await.unwrap(), Some(Position { place: 1, length: 2 }));
    }
    assert_eq!(world.store().position(second).await.unwrap(), Some(Position { place: 2, length: 2 }));
}

pub(crate) async fn many_workers_and_clients_at_once_run_every_task_exactly_once<E: Engine>() {
    const TASKS: usize = 300;
    let world = World::<E>::new().await;
    let uids = [world.uid().await, world.uid().await, world.uid().await];
    let client = async {
        let submissions = (0..TASKS).map(|index| world.store().enqueue(world.new_task(uids[index % 3])));
        futures::future::try_join_all(submissions).await.unwrap()
    };
    let worker = || async {
        let mut done = Vec::new();
        while world.store().counts().await.unwrap().success < TASKS as u64 {
            if let Some(claim) = world.claim().await {
                assert_eq!(world.succeed(&claim).await, FinishOutcome::Applied(Status::Success));
                done.push(claim.task.id);
            }
        }
        done
    };
    let all = async { futures::join!(client, worker(), worker(), worker(), worker()) };
    let (submitted, a, b, c, d) = tokio::time::timeout(std::time::Duration::from_secs(60), all).await.unwrap();
    let mut run: Vec<TaskId> = [a, b, c, d].concat();
    let mut expected: Vec<TaskId> = submitted.iter().map(|answer| answer.id()).collect();
    run.sort();
    expected.sort();
    assert_eq!(run, expected);
    let runs = world.store().runs(cipherdeck::store::RunFilter { limit: 1_000, ..Default::default() }).await.unwrap();
    assert_eq!(runs.len(), TASKS);
}
