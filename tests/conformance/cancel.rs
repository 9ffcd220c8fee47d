//! Cancels, and their races with claim and finish in both orders.

use cipherdeck::{
    store::{Beat, BeatAnswer, CancelOutcome, FinishOutcome, Outcome},
    task::{Status, TaskId},
};

use super::{
    engine::Engine,
    world::{World, failure, success},
};

pub(crate) async fn a_waiting_task_is_revoked_at_once<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let (id, next) = (world.enqueue(uid).await, world.enqueue(uid).await);
    assert_eq!(world.store().cancel(id, Some(uid)).await.unwrap(), CancelOutcome::Revoked);
    let task = world.task(id).await;
    assert_eq!((task.status, task.finished), (Status::Revoked, Some(world.now())));
    assert_eq!(task.expires, Some(world.now().plus(world.options.result_ttl)));
    assert_eq!(world.store().position(id).await.unwrap(), None);
    assert_eq!(world.store().cancel(id, Some(uid)).await.unwrap(), CancelOutcome::Ended(Status::Revoked));
    assert_eq!(world.claim().await.unwrap().task.id, next, "a revoked task is never claimed");
}

pub(crate) async fn a_running_task_is_told_and_never_succeeds<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    let claim = world.claim().await.unwrap();
    let beat = Beat { task: id, token: claim.token, progress: 0.1 };
    assert_eq!(world.store().heartbeat(vec![beat]).await.unwrap(), [BeatAnswer::Ok]);
    for _ in 0..2 {
        assert_eq!(world.store().cancel(id, Some(uid)).await.unwrap(), CancelOutcome::Requested);
        assert_eq!(world.store().heartbeat(vec![beat]).await.unwrap(), [BeatAnswer::Cancel]);
    }
    let task = world.task(id).await;
    assert_eq!((task.status, task.cancelling), (Status::Started, true));
    assert_eq!(world.succeed(&claim).await, FinishOutcome::Applied(Status::Revoked), "success after a cancel");
    let task = world.task(id).await;
    assert_eq!((task.status, task.result), (Status::Revoked, None));
    assert_eq!(world.succeed(&claim).await, FinishOutcome::Applied(Status::Revoked));
    assert!(
        world.store().runs(cipherdeck::store::RunFilter { limit: 9, ..Default::default() }).await.unwrap().is_empty()
    );
    assert_eq!(world.store().cancel(id, None).await.unwrap(), CancelOutcome::Ended(Status::Revoked));
}

pub(crate) async fn a_finish_before_the_cancel_stays<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    for (outcome, status) in [(None, Status::Success), (Some(failure()), Status::Failure)] {
        let id = world.enqueue(uid).await;
        let claim = world.claim().await.unwrap();
        let outcome = outcome.unwrap_or_else(|| success(&claim));
        world.store().finish(id, claim.token, outcome).await.unwrap();
        assert_eq!(world.store().cancel(id, Some(uid)).await.unwrap(), CancelOutcome::Ended(status));
        assert_eq!(world.status(id).await, Some(status));
    }
}

pub(crate) async fn a_cancelled_run_that_fails_or_stops_ends_as_it_says<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    for (outcome, status) in [(failure(), Status::Failure), (Outcome::Revoked, Status::Revoked)] {
        let id = world.enqueue(uid).await;
        let claim = world.claim().await.unwrap();
        world.store().cancel(id, None).await.unwrap();
        let answer = world.store().finish(id, claim.token, outcome).await.unwrap();
        assert_eq!(answer, FinishOutcome::Applied(status));
    }
}

pub(crate) async fn a_drained_task_that_is_being_cancelled_is_revoked<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    let claim = world.claim().await.unwrap();
    world.store().cancel(id, None).await.unwrap();
    assert!(world.store().release(id, claim.token).await.unwrap());
    assert_eq!(world.status(id).await, Some(Status::Revoked));
    assert!(world.claim().await.is_none());
}

pub(crate) async fn a_foreign_task_is_as_unknown_as_none<E: Engine>() {
    let world = World::<E>::new().await;
    let (uid, stranger) = (world.uid().await, world.uid().await);
    let id = world.enqueue(uid).await;
    assert_eq!(world.store().cancel(id, Some(stranger)).await.unwrap(), CancelOutcome::Unknown);
    assert_eq!(world.store().cancel(TaskId::random(), Some(uid)).await.unwrap(), CancelOutcome::Unknown);
    assert_eq!(world.status(id).await, Some(Status::Queued));
    world.claim().await.unwrap();
    assert_eq!(world.store().cancel(id, Some(stranger)).await.unwrap(), CancelOutcome::Unknown);
    assert!(!world.task(id).await.cancelling);
}

pub(crate) async fn cancel_against_claim_has_one_winner<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    for round in 0..40 {
        let id = world.enqueue(uid).await;
        let (cancelled, claim) = if round % 2 == 0 {
            let (cancelled, claim) = futures::join!(world.store().cancel(id, None), world.claim());
            (cancelled.unwrap(), claim)
        } else {
            let (claim, cancelled) = futures::join!(world.claim(), world.store().cancel(id, None));
            (cancelled.unwrap(), claim)
        };
        match (cancelled, claim) {
            (CancelOutcome::Revoked, None) => assert_eq!(world.status(id).await, Some(Status::Revoked)),
            (CancelOutcome::Requested, Some(claim)) => {
                assert_eq!(world.succeed(&claim).await, FinishOutcome::Applied(Status::Revoked));
            }
            (cancelled, claim) => panic!("round {round}: {cancelled:?} and {claim:?}"),
        }
    }
}

pub(crate) async fn cancel_against_finish_has_one_winner<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    for round in 0..40 {
        let id = world.enqueue(uid).await;
        let claim = world.claim().await.unwrap();
        let (cancelled, finished) = if round % 2 == 0 {
            let (cancelled, finished) = futures::join!(world.store().cancel(id, None), world.succeed(&claim));
            (cancelled.unwrap(), finished)
        } else {
            let (finished, cancelled) = futures::join!(world.succeed(&claim), world.store().cancel(id, None));
            (cancelled.unwrap(), finished)
        };
        let expected = match cancelled {
            CancelOutcome::Requested => Status::Revoked,
            CancelOutcome::Ended(Status::Success) => Status::Success,
            other => panic!("round {round}: {other:?}"),
        };
        assert_eq!(finished, FinishOutcome::Applied(expected));
        assert_eq!(world.status(id).await, Some(expected));
    }
}
