//! The way of a task in one go.

use std::time::Duration;

use cipherdeck::{
    store::{Beat, BeatAnswer, ListFilter, ListOrder, Position, RunFilter},
    task::Status,
};

use super::{
    engine::Engine,
    world::{World, blob, result_of},
};

pub(crate) async fn a_task_lives_from_enqueue_to_sweep<E: Engine>() {
    let mut world = World::<E>::new().await;
    let uid = world.uid().await;
    let (first, second) = (world.enqueue(uid).await, world.enqueue(uid).await);
    assert_eq!(world.store().position(second).await.unwrap(), Some(Position { place: 2, length: 2 }));

    world.step_clock(2_000);
    let claim = world.claim().await.unwrap();
    assert_eq!((claim.task.id, claim.task.attempt), (first, 1));
    let beat = Beat { task: first, token: claim.token, progress: 0.5 };
    assert_eq!(world.store().heartbeat(vec![beat]).await.unwrap(), [BeatAnswer::Ok]);
    assert_eq!(world.task(first).await.progress, Some(0.5));
    world.step_clock(3_000);
    world.succeed(&claim).await;

    let done = world.task(first).await;
    assert_eq!((done.status, done.result.as_ref()), (Status::Success, Some(&result_of(&claim))));
    world.step_clock(1_000);
    world.store().fetched(first, done.finished.unwrap(), world.now()).await.unwrap();
    let runs = world.store().runs(RunFilter { limit: 10, ..RunFilter::default() }).await.unwrap();
    assert_eq!((runs.len(), runs[0].queue_s, runs[0].end_to_end_s), (1, 2.0, Some(6.0)));

    world.crash().await;
    let page = world.store().list(ListOrder::Life, ListFilter::default(), None, 10).await.unwrap();
    let listed: Vec<_> = page.tasks.iter().map(|task| (task.id, task.status)).collect();
    assert_eq!(listed, [(second, Status::Queued), (first, Status::Completed)]);

    world.advance(Duration::from_hours(25));
    let swept = world.store().sweep(100).await.unwrap();
    assert_eq!((swept.tasks, swept.uids), (1, 0));
    let mut garbage = [blob(&format!("inputs/{first}")), result_of(&claim)];
    garbage.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(swept.garbage, garbage);
    assert_eq!(world.status(first).await, None);
    assert_eq!(world.store().counts().await.unwrap().total(), 1);
}
