//! Deeds of operators and the log of them: one cannot be without the other.

use cipherdeck::{
    store::{AuditEntry, AuditFilter, AuditRow, Deed, Effect, Operated, Signature, StoreError},
    task::{Status, TaskId},
};

use super::{
    engine::Engine,
    world::{World, result_of},
};

fn signature() -> Signature {
    Signature { door: "ssh".to_owned(), name: "ada".to_owned(), role: "operator".to_owned() }
}

fn entry(name: &str, action: &str, object: &str) -> AuditEntry {
    let by = Signature { name: name.to_owned(), ..signature() };
    AuditEntry { by, action: action.to_owned(), object: object.to_owned(), result: "done".to_owned() }
}

async fn log<E: Engine>(world: &World<E>) -> Vec<AuditRow> {
    world.store().audited(AuditFilter::default(), None, 1_000).await.unwrap().rows
}

pub(crate) async fn a_deed_is_done_and_written_down_in_one<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let (done, waiting) = (world.enqueue(uid).await, world.enqueue(uid).await);
    let claim = world.claim().await.unwrap();
    world.succeed(&claim).await;
    let running = world.enqueue(uid).await;
    assert_eq!(world.claim().await.unwrap().task.id, waiting);
    let effect = |effect| Operated { effect, garbage: Vec::new() };
    let both = vec![waiting, done];
    let steps = [
        (Deed::Cancel, both.clone(), vec![effect(Effect::Stopping), effect(Effect::Refused(Status::Success))]),
        (Deed::Raise(4), vec![running, done], vec![effect(Effect::Done), effect(Effect::Refused(Status::Success))]),
        (Deed::Raise(9), vec![running], vec![effect(Effect::Done)]),
        (Deed::Priority(-2), vec![running], vec![effect(Effect::Done)]),
        (
            Deed::Requeue,
            both,
            vec![
                effect(Effect::Refused(Status::Started)),
                Operated { effect: Effect::Done, garbage: vec![result_of(&claim)] },
            ],
        ),
        (Deed::Delete, vec![running], vec![effect(Effect::Refused(Status::Queued))]),
        (Deed::Cancel, vec![running], vec![effect(Effect::Done)]),
    ];
    let mut expected = Vec::new();
    for (deed, tasks, effects) in steps {
        let answers = world.store().operate(signature(), deed, tasks.clone()).await.unwrap();
        assert_eq!(answers, effects, "{deed:?}");
        expected.extend(tasks.into_iter().map(|id| (deed.word().to_owned(), id.to_string())));
    }
    let input = world.task(running).await.input;
    let deleted = world.store().operate(signature(), Deed::Delete, vec![running]).await.unwrap();
    assert_eq!(deleted, [Operated { effect: Effect::Done, garbage: vec![input] }]);
    expected.push(("delete".to_owned(), running.to_string()));

    assert!(world.task(waiting).await.cancelling);
    assert_eq!(world.status(done).await, Some(Status::Queued));
    assert_eq!(world.status(running).await, None);
    let mut rows = log(&world).await;
    rows.reverse();
    let found: Vec<_> = rows.iter().map(|row| (row.entry.action.clone(), row.entry.object.clone())).collect();
    assert_eq!(found, expected);
    assert!(rows.iter().all(|row| row.at == world.now() && row.entry.by == signature()));
    assert!(rows.windows(2).all(|pair| pair[1].number == pair[0].number + 1));
    let results: Vec<&str> = rows.iter().map(|row| row.entry.result.as_str()).collect();
    let said = [
        "stopping",
        "refused: success",
        "done: priority 4",
        "refused: success",
        "done: priority 10",
        "done: priority -2",
        "refused: started",
        "done",
        "refused: queued",
        "done",
        "done",
    ];
    assert_eq!(results, said);
}

pub(crate) async fn a_deed_on_what_is_not_there_shows_no_whole_id<E: Engine>() {
    let world = World::<E>::new().await;
    for deed in [Deed::Cancel, Deed::Requeue, Deed::Delete, Deed::Priority(3), Deed::Raise(-1)] {
        let id = TaskId::random();
        let answer = world.store().operate(signature(), deed, vec![id]).await.unwrap();
        assert_eq!(answer, [Operated { effect: Effect::Gone, garbage: Vec::new() }]);
        let row = log(&world).await.remove(0);
        let shown = format!("{}…", &id.to_string()[..8]);
        assert_eq!(
            (row.entry.action.as_str(), row.entry.object, row.entry.result.as_str()),
            (deed.word(), shown, "gone")
        );
    }
}

pub(crate) async fn the_log_is_paged_newest_first_and_filtered<E: Engine>() {
    let mut world = World::<E>::new().await;
    for (name, action, object) in [
        ("ada", "pause", "weight_stats"),
        ("bob", "pause", "sleep_quality"),
        ("adam", "drain", "host:1:w/0"),
        ("ada", "drain", "host:2:w/0"),
        ("ada", "resume", "weight_stats"),
    ] {
        world.store().audit(vec![entry(name, action, object)]).await.unwrap();
        world.step_clock(1_000);
    }
    world.crash().await;
    let whole = log(&world).await;
    assert_eq!(whole.len(), 5);
    assert!(whole.is_sorted_by(|a, b| a.number > b.number && a.at > b.at));
    let text = |text: &str| Some(text.to_owned());
    let none = AuditFilter::default();
    for (filter, expected) in [
        (none.clone(), vec![0, 1, 2, 3, 4]),
        (AuditFilter { actor: text("ada"), ..none.clone() }, vec![0, 1, 2, 4]),
        (AuditFilter { action: text("pause"), ..none.clone() }, vec![3, 4]),
        (AuditFilter { object: text("host:"), ..none.clone() }, vec![1, 2]),
        (AuditFilter { actor: text("ada"), action: text("drain"), object: text("host:1") }, vec![2]),
        (AuditFilter { action: text("pau"), ..none.clone() }, vec![]),
        (AuditFilter { object: text("%"), ..none.clone() }, vec![]),
    ] {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let page = world.store().audited(filter.clone(), cursor, 2).await.unwrap();
            assert!(page.rows.len() <= 2);
            found.extend(page.rows);
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
        let expected: Vec<AuditRow> = expected.into_iter().map(|index: usize| whole[index].clone()).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    let strange = world.store().audited(none, Some("x".to_owned()), 2).await;
    assert!(matches!(strange, Err(StoreError::BadCursor)));
}

pub(crate) async fn the_log_keeps_its_newest_rows<E: Engine>() {
    let world = World::<E>::with(|options| options.audit = 5).await;
    for number in 0..4 {
        world
            .store()
            .audit((0..3).map(|part| entry("ada", "pause", &format!("{number}.{part}"))).collect())
            .await
            .unwrap();
    }
    let kept: Vec<String> = log(&world).await.into_iter().map(|row| row.entry.object).collect();
    assert_eq!(kept, ["3.2", "3.1", "3.0", "2.2", "2.1"]);
    world.store().operate(signature(), Deed::Cancel, vec![TaskId::random(), TaskId::random()]).await.unwrap();
    assert_eq!(log(&world).await.len(), 5);
}
