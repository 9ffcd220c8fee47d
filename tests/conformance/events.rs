//! Live events: one per change, in order, gaps detectable, progress in steps.

use cipherdeck::{
    store::{Beat, Event, EventKind, Events},
    task::{Status, TaskId},
};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::{
    engine::Engine,
    world::{USE_CASES, World, failure},
};

fn heard(events: &mut Events) -> Vec<EventKind> {
    let mut heard: Vec<Event> = Vec::new();
    while let Ok(event) = events.try_recv() {
        heard.push(event);
    }
    assert!(heard.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1));
    heard.into_iter().map(|event| event.kind).collect()
}

fn now(id: TaskId, status: Status) -> EventKind {
    EventKind::Task { id, status: Some(status) }
}

pub(crate) async fn every_change_is_told_once<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let mut events = world.store().events();
    let id = world.enqueue(uid).await;
    assert_eq!(heard(&mut events), [now(id, Status::Queued)]);
    world.store().set_priority(id, 2).await.unwrap();
    world.store().set_priority(id, 2).await.unwrap();
    assert_eq!(heard(&mut events), [EventKind::Priority { id }]);
    let claim = world.claim().await.unwrap();
    assert_eq!(heard(&mut events), [now(id, Status::Started)]);
    world.store().release(id, claim.token).await.unwrap();
    let claim = world.claim().await.unwrap();
    assert_eq!(heard(&mut events), [now(id, Status::Queued), now(id, Status::Started)]);
    world.succeed(&claim).await;
    world.succeed(&claim).await;
    assert_eq!(heard(&mut events), [now(id, Status::Success)]);
    let finished = world.task(id).await.finished.unwrap();
    for _ in 0..2 {
        world.store().fetched(id, finished, world.now()).await.unwrap();
    }
    assert_eq!(heard(&mut events), [now(id, Status::Completed)]);
    world.store().requeue(id).await.unwrap();
    let claim = world.claim().await.unwrap();
    world.store().cancel(id, None).await.unwrap();
    world.store().cancel(id, None).await.unwrap();
    world.store().finish(id, claim.token, failure()).await.unwrap();
    let expected = [
        now(id, Status::Queued),
        now(id, Status::Started),
        EventKind::CancelRequested { id },
        now(id, Status::Failure),
    ];
    assert_eq!(heard(&mut events), expected);
    world.store().delete(id).await.unwrap();
    assert_eq!(heard(&mut events), [EventKind::Task { id, status: None }]);
    for paused in [true, true, false, false] {
        world.store().set_paused(USE_CASES[1], paused).await.unwrap();
    }
    let told = |paused| EventKind::Paused { use_case: USE_CASES[1].to_owned(), paused };
    assert_eq!(heard(&mut events), [told(true), told(false)]);
}

pub(crate) async fn what_changes_nothing_is_not_told<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let new = world.new_task(uid);
    world.store().enqueue(new.clone()).await.unwrap();
    let mut events = world.store().events();
    world.store().enqueue(new.clone()).await.unwrap();
    world.store().requeue(new.id).await.unwrap();
    world.store().delete(new.id).await.unwrap();
    world.store().cancel(TaskId::random(), None).await.unwrap();
    world.store().fetched(new.id, world.now(), world.now()).await.unwrap();
    world.store().sweep(10).await.unwrap();
    world.store().ping().await.unwrap();
    assert!(matches!(events.try_recv(), Err(TryRecvError::Empty)));
}

pub(crate) async fn who_hears_of_a_change_also_finds_it<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let mut events = world.store().events();
    let listener = async {
        for _ in 0..50 {
            let Ok(Event { kind: EventKind::Task { id, status }, .. }) = events.recv().await else { panic!() };
            assert_eq!(world.status(id).await, status);
            assert!(world.store().position(id).await.unwrap().is_some());
        }
    };
    let client = async {
        for _ in 0..50 {
            world.enqueue(uid).await;
        }
    };
    futures::join!(listener, client);
}

pub(crate) async fn a_reader_that_lags_is_told_so<E: Engine>() {
    let world = World::<E>::with(|options| options.event_backlog = 8).await;
    let uid = world.uid().await;
    let mut events = world.store().events();
    let mut last = TaskId::random();
    for _ in 0..20 {
        last = world.enqueue(uid).await;
    }
    let Err(RecvError::Lagged(missed)) = events.recv().await else { panic!("nobody said that events were missed") };
    let rest = heard(&mut events);
    assert_eq!(missed + rest.len() as u64, 20);
    assert_eq!(rest.last(), Some(&now(last, Status::Queued)));
}

pub(crate) async fn progress_is_told_in_steps_and_never_reaches_the_end<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    world.enqueue(uid).await;
    let claim = world.claim().await.unwrap();
    let id = claim.task.id;
    let mut events = world.store().events();
    let beat = |progress| world.store().heartbeat(vec![Beat { task: id, token: claim.token, progress }]);
    for (progress, told) in [(0.001, false), (0.004, false), (0.006, true), (0.009, false), (0.012, true), (0.5, true)]
    {
        beat(progress).await.unwrap();
        let expected: &[EventKind] = if told { &[EventKind::Progress { id, progress }] } else { &[] };
        assert_eq!(heard(&mut events), expected, "{progress}");
        assert_eq!(world.task(id).await.progress, Some(progress));
    }
    for strange in [f32::NAN, f32::NEG_INFINITY, -1.0, 0.2] {
        beat(strange).await.unwrap();
        assert_eq!(world.task(id).await.progress, Some(0.5), "{strange} is no progress");
    }
    beat(1.0).await.unwrap();
    let shown = world.task(id).await.progress.unwrap();
    assert!((0.5..1.0).contains(&shown), "{shown} before the finish is committed");
    world.succeed(&claim).await;
    assert_eq!(world.task(id).await.progress, None);
    heard(&mut events);
    beat(0.7).await.unwrap();
    assert!(heard(&mut events).is_empty(), "a late beat is no progress");
}
