//! What operators do commits together with its row of the audit log, which is bounded, durable and never changed.

use std::time::{Duration, Instant};

use cipherdeck::{
    store::{AuditEntry, AuditFilter, AuditRow, Deed, Effect, Operated, Signature, StoreError},
    task::{Status, TaskId},
};

use super::{
    engine::Engine,
    world::{World, blob, result_of},
};

fn by(name: &str) -> Signature {
    Signature { door: "http".to_owned(), name: name.to_owned(), role: "operator".to_owned() }
}

fn entry(name: &str, action: &str, object: &str) -> AuditEntry {
    AuditEntry { by: by(name), action: action.to_owned(), object: object.to_owned(), result: "done".to_owned() }
}

async fn rows<E: Engine>(world: &World<E>) -> Vec<AuditRow> {
    world.store().audited(AuditFilter::default(), None, 1_000).await.unwrap().rows
}

/// `(action, object, result)` of every row, oldest first.
async fn told<E: Engine>(world: &World<E>) -> Vec<(String, String, String)> {
    let entry = |row: AuditRow| (row.entry.action, row.entry.object, row.entry.result);
    rows(world).await.into_iter().rev().map(entry).collect()
}

async fn operate<E: Engine>(world: &World<E>, deed: Deed, tasks: &[TaskId]) -> Vec<Operated> {
    world.store().operate(by("anna"), deed, tasks.to_vec()).await.unwrap()
}

async fn effects<E: Engine>(world: &World<E>, deed: Deed, tasks: &[TaskId]) -> Vec<Effect> {
    operate(world, deed, tasks).await.into_iter().map(|operated| operated.effect).collect()
}

pub(crate) async fn a_deed_answers_for_each_task_and_leaves_a_row_for_each<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let ended = world.enqueue(uid).await;
    let claim = world.claim().await.unwrap();
    world.succeed(&claim).await;
    let running = world.enqueue(uid).await;
    world.claim().await.unwrap();
    let (queued, nobody) = (world.enqueue(uid).await, TaskId::random());
    let all = [queued, running, ended, nobody];
    let refused = Effect::Refused;

    let cancelled = effects(&world, Deed::Cancel, &all).await;
    assert_eq!(cancelled, [Effect::Done, Effect::Stopping, refused(Status::Success), Effect::Gone]);
    assert_eq!(world.status(queued).await, Some(Status::Revoked));
    let short = format!("{}…", &nobody.to_string()[..8]);
    let row = |action: &str, object: &str, result: &str| (action.to_owned(), object.to_owned(), result.to_owned());
    let expected = [
        row("cancel", &queued.to_string(), "done"),
        row("cancel", &running.to_string(), "stopping"),
        row("cancel", &ended.to_string(), "refused: success"),
        row("cancel", &short, "gone"),
    ];
    assert_eq!(told(&world).await, expected);

    let requeued = operate(&world, Deed::Requeue, &[ended, running]).await;
    let done = Operated { effect: Effect::Done, garbage: vec![result_of(&claim)] };
    assert_eq!(requeued, [done, Operated { effect: refused(Status::Started), garbage: vec![] }]);
    assert_eq!(world.status(ended).await, Some(Status::Queued));

    let deleted = operate(&world, Deed::Delete, &[queued, ended, queued]).await;
    assert_eq!(deleted[0], Operated { effect: Effect::Done, garbage: vec![blob(&format!("inputs/{queued}"))] });
    assert_eq!((deleted[1].effect, deleted[2].effect), (refused(Status::Queued), Effect::Gone));
    assert_eq!(world.status(queued).await, None);
    let results: Vec<String> = told(&world).await.into_iter().skip(4).map(|(.., result)| result).collect();
    assert_eq!(results, ["done", "refused: started", "done", "refused: queued", "gone"]);
}

pub(crate) async fn a_priority_is_set_or_moved_within_its_bounds<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let (running, queued) = (world.enqueue(uid).await, world.enqueue(uid).await);
    world.claim().await.unwrap();
    for (deed, expected) in [
        (Deed::Priority(9), 9),
        (Deed::Raise(1), 10),
        (Deed::Raise(1), 10),
        (Deed::Priority(-10), -10),
        (Deed::Raise(-128), -10),
        (Deed::Raise(127), 10),
        (Deed::Priority(100), 10),
    ] {
        assert_eq!(effects(&world, deed, &[queued]).await, [Effect::Done]);
        assert_eq!(world.task(queued).await.priority, expected, "{deed:?}");
        assert_eq!(rows(&world).await[0].entry.result, format!("done: priority {expected}"));
    }
    assert_eq!(effects(&world, Deed::Raise(1), &[running]).await, [Effect::Refused(Status::Started)]);
    assert_eq!(effects(&world, Deed::Raise(1), &[TaskId::random()]).await, [Effect::Gone]);
}

pub(crate) async fn the_log_is_read_newest_first_by_pages_and_filters<E: Engine>() {
    let world = World::<E>::new().await;
    for (index, name) in ["anna", "ben", "anna", "annabel", "ben"].iter().enumerate() {
        let action = if index % 2 == 0 { "pause" } else { "resume" };
        world.store().audit(vec![entry(name, action, &format!("case{index}"))]).await.unwrap();
        world.step_clock(1_000);
    }
    let find = async |filter: AuditFilter| {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let page = world.store().audited(filter.clone(), cursor, 2).await.unwrap();
            assert!(page.rows.len() <= 2);
            found.extend(page.rows.into_iter().map(|row| row.entry.object));
            cursor = page.cursor;
            if cursor.is_none() {
                return found;
            }
        }
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(find(AuditFilter::default()).await, ["case4", "case3", "case2", "case1", "case0"]);
    assert_eq!(find(AuditFilter { actor: text("anna"), ..Default::default() }).await, ["case3", "case2", "case0"]);
    assert_eq!(find(AuditFilter { action: text("pause"), ..Default::default() }).await, ["case4", "case2", "case0"]);
    assert_eq!(find(AuditFilter { object: text("case1"), ..Default::default() }).await, ["case1"]);
    let both = AuditFilter { actor: text("ben"), action: text("pause"), ..Default::default() };
    assert_eq!(find(both).await, ["case4"]);
    assert!(find(AuditFilter { object: text("%"), ..Default::default() }).await.is_empty());
    let foreign = world.store().audited(AuditFilter::default(), text("lq.1.2.3"), 2).await;
    assert!(matches!(foreign, Err(StoreError::BadCursor)), "{foreign:?}");
    let all = rows(&world).await;
    assert!(all.windows(2).all(|pair| pair[0].number > pair[1].number && pair[0].at > pair[1].at));
}

pub(crate) async fn the_log_survives_a_crash_and_keeps_its_newest_rows<E: Engine>() {
    let mut world = World::<E>::with(|options| options.audit = 5).await;
    let entries = |from: usize, to: usize| (from..to).map(|index| entry("anna", "pause", &index.to_string())).collect();
    world.store().audit(entries(0, 4)).await.unwrap();
    world.store().audit(entries(4, 8)).await.unwrap();
    let before = rows(&world).await;
    let objects: Vec<_> = before.iter().map(|row| row.entry.object.as_str()).collect();
    assert_eq!(objects, ["7", "6", "5", "4", "3"]);
    world.crash().await;
    assert_eq!(rows(&world).await, before);
    world.store().audit(entries(8, 9)).await.unwrap();
    let after = rows(&world).await;
    assert_eq!((after.len(), after[0].number), (5, before[0].number + 1));
}

/// The bound is generous, for a busy machine; it notices a disk flush per task.
pub(crate) async fn ten_thousand_tasks_are_a_matter_of_seconds<E: Engine>() {
    let world = World::<E>::with(|options| options.audit = 100_000).await;
    let uid = world.uid().await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        let burst = (0..1_000).map(|_| world.store().enqueue(world.new_task(uid)));
        ids.extend(futures::future::try_join_all(burst).await.unwrap().into_iter().map(|answer| answer.id()));
    }
    for deed in [Deed::Raise(1), Deed::Cancel, Deed::Requeue, Deed::Cancel, Deed::Delete] {
        let began = Instant::now();
        for chunk in ids.chunks(250) {
            assert!(effects(&world, deed, chunk).await.iter().all(|effect| *effect == Effect::Done));
        }
        let took = began.elapsed();
        eprintln!("{deed:?} of 10,000 tasks: {took:?}");
        assert!(took < Duration::from_secs(30), "{deed:?}: {took:?}");
    }
    assert_eq!(world.store().counts().await.unwrap().total(), 0);
    let page = world.store().audited(AuditFilter::default(), None, usize::MAX).await.unwrap();
    assert_eq!((page.rows.len(), page.rows[0].number), (1_000, 50_000));
}
