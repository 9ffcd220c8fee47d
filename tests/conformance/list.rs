//! Pages: every order, every filter, cursors.

use std::collections::BTreeSet;

use cipherdeck::{
    store::{Beat, ListFilter, ListOrder, StateFilter, StoreError},
    task::{Status, Task, TaskId, Uid},
};

use super::{
    engine::Engine,
    view::{all, ids},
    world::{USE_CASES, World, failure},
};

const ORDERS: [ListOrder; 5] =
    [ListOrder::Life, ListOrder::Created, ListOrder::Position, ListOrder::Started, ListOrder::Finished];

/// Tasks in every state, of three uids and use cases, with times that differ and some that do not.
async fn populated<E: Engine>() -> (World<E>, Vec<Uid>) {
    let world = World::<E>::new().await;
    let uids = vec![world.uid().await, world.uid().await, world.uid().await];
    for index in 0..60_usize {
        let mut new = world.new_task(uids[index % 3]);
        let use_case = USE_CASES[(index / 2) % 3];
        (new.use_case, new.capability) = (use_case.to_owned(), use_case.to_owned());
        new.priority = i8::try_from(index % 5).unwrap() - 2;
        world.store().enqueue(new).await.unwrap();
        world.step_clock(if index % 4 == 0 { 0 } else { 1_000 });
    }
    for index in 0..36 {
        let claim = world.claim().await.unwrap();
        let id = claim.task.id;
        world.step_clock(if index % 3 == 0 { 0 } else { 500 });
        match index % 9 {
            0..3 => drop(world.succeed(&claim).await),
            3 => drop(world.store().finish(id, claim.token, failure()).await.unwrap()),
            4 => drop(world.store().finish(id, claim.token, cipherdeck::store::Outcome::Revoked).await.unwrap()),
            5 => {
                world.succeed(&claim).await;
                let finished = world.task(id).await.finished.unwrap();
                world.store().fetched(id, finished, world.now()).await.unwrap();
            }
            6 => drop(world.store().release(id, claim.token).await.unwrap()),
            _ => {}
        }
    }
    let queue = all(world.store(), ListOrder::Position, ListFilter::default(), 200).await;
    world.store().cancel(queue[3].id, None).await.unwrap();
    (world, uids)
}

async fn everything<E: Engine>(world: &World<E>) -> Vec<Task> {
    all(world.store(), ListOrder::Created, ListFilter::default(), 200).await
}

pub(crate) async fn pages_of_any_size_show_each_task_once_in_the_same_order<E: Engine>() {
    let (world, _) = populated::<E>().await;
    for order in ORDERS {
        let whole = ids(&all(world.store(), order, ListFilter::default(), 200).await);
        assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), whole.len(), "{order:?}");
        for limit in [1, 2, 7, 59, 60] {
            assert_eq!(ids(&all(world.store(), order, ListFilter::default(), limit).await), whole, "{order:?} {limit}");
        }
    }
}

pub(crate) async fn every_order_is_what_it_says<E: Engine>() {
    let (world, _) = populated::<E>().await;
    let records = everything(&world).await;
    let list = |order| all(world.store(), order, ListFilter::default(), 50);

    let created = list(ListOrder::Created).await;
    assert!(created.len() == 60 && created.is_sorted_by(|a, b| a.created >= b.created));

    let queue = list(ListOrder::Position).await;
    for (index, task) in queue.iter().enumerate() {
        let position = world.store().position(task.id).await.unwrap().unwrap();
        assert_eq!((position.place, position.length), (index as u64 + 1, queue.len() as u64));
    }

    let started = list(ListOrder::Started).await;
    assert_eq!(started.len(), records.iter().filter(|task| task.started.is_some()).count());
    assert!(started.is_sorted_by(|a, b| a.started >= b.started));

    let finished = list(ListOrder::Finished).await;
    assert_eq!(finished.len(), records.iter().filter(|task| task.status.is_terminal()).count());
    assert!(finished.is_sorted_by(|a, b| a.finished >= b.finished));

    let life = list(ListOrder::Life).await;
    assert_eq!(life.len(), 60);
    let running: Vec<Task> = life.iter().filter(|task| task.status == Status::Started).cloned().collect();
    assert!(running.len() > 3 && running.is_sorted_by(|a, b| a.started >= b.started));
    let expected: Vec<TaskId> = [ids(&queue), ids(&running), ids(&finished)].concat();
    assert_eq!(ids(&life), expected);
}

pub(crate) async fn every_filter_keeps_exactly_what_it_names<E: Engine>() {
    let (world, uids) = populated::<E>().await;
    let records = everything(&world).await;
    let some_id = records[17].id.to_string();
    let worker = records.iter().find_map(|task| task.worker.clone()).unwrap().0;
    let (early, late) = (Some(records[40].created), Some(records[9].created));
    let base = ListFilter::default();
    let mut filters = vec![
        ListFilter { uid: Some(uids[1]), ..base.clone() },
        ListFilter { uid: Some(Uid::random()), ..base.clone() },
        ListFilter { uid_tag: Some(uids[2].tag()), ..base.clone() },
        ListFilter { uid_tag: Some(uids[2].tag()[..3].to_owned()), ..base.clone() },
        ListFilter { uid_tag: Some(String::new()), ..base.clone() },
        ListFilter { uid_tag: Some("no tag".to_owned()), ..base.clone() },
        ListFilter { uid: Some(uids[0]), uid_tag: Some(uids[1].tag()), ..base.clone() },
        ListFilter { use_case: Some(USE_CASES[2].to_owned()), ..base.clone() },
        ListFilter { use_case: Some("none".to_owned()), ..base.clone() },
        ListFilter { id_prefix: Some(some_id.clone()), ..base.clone() },
        ListFilter { id_prefix: Some(some_id[..1].to_owned()), ..base.clone() },
        ListFilter { id_prefix: Some("*".to_owned()), ..base.clone() },
        ListFilter { worker: Some(worker[3..].to_owned()), ..base.clone() },
        ListFilter { worker: Some("%".to_owned()), ..base.clone() },
        ListFilter { uid: Some(uids[0]), use_case: Some(USE_CASES[0].to_owned()), ..base.clone() },
        ListFilter { created_since: late, ..base.clone() },
        ListFilter { created_before: early, ..base.clone() },
        ListFilter { created_since: early, created_before: late, ..base.clone() },
        ListFilter { created_since: early, created_before: late, uid: Some(uids[0]), ..base.clone() },
    ];
    for state in Status::ALL.into_iter().map(StateFilter::One).chain([StateFilter::Finished, StateFilter::Terminal]) {
        filters.push(ListFilter { state, ..base.clone() });
        filters.push(ListFilter { state, uid: Some(uids[0]), ..base.clone() });
        filters.push(ListFilter { state, use_case: Some(USE_CASES[1].to_owned()), ..base.clone() });
    }
    for order in ORDERS {
        let whole = all(world.store(), order, ListFilter::default(), 200).await;
        for filter in &filters {
            let expected: Vec<TaskId> = whole.iter().filter(|task| admits(filter, task)).map(|task| task.id).collect();
            for limit in [3, 200] {
                let listed = all(world.store(), order, filter.clone(), limit).await;
                assert_eq!(ids(&listed), expected, "{order:?} {filter:?} by {limit}");
            }
        }
    }
}

fn admits(filter: &ListFilter, task: &Task) -> bool {
    let ListFilter { state, uid, uid_tag, use_case, id_prefix, worker, created_since, created_before } = filter;
    state.admits(task.status)
        && uid.is_none_or(|uid| uid == task.uid)
        && uid_tag.as_ref().is_none_or(|tag| task.uid.tag().starts_with(tag))
        && use_case.as_ref().is_none_or(|name| *name == task.use_case)
        && id_prefix.as_ref().is_none_or(|prefix| task.id.to_string().starts_with(prefix))
        && worker.as_ref().is_none_or(|part| task.worker.as_ref().is_some_and(|name| name.0.contains(part)))
        && created_since.is_none_or(|since| task.created >= since)
        && created_before.is_none_or(|before| task.created < before)
}

pub(crate) async fn a_foreign_cursor_is_refused<E: Engine>() {
    let (world, _) = populated::<E>().await;
    let page = |order, cursor: &str| world.store().list(order, ListFilter::default(), Some(cursor.to_owned()), 5);
    let first = world.store().list(ListOrder::Created, ListFilter::default(), None, 5).await.unwrap();
    let good = first.cursor.unwrap();
    assert!(page(ListOrder::Created, &good).await.is_ok());
    for (order, cursor) in
        [(ListOrder::Life, good.as_str()), (ListOrder::Created, ""), (ListOrder::Created, "' OR 1=1")]
    {
        assert!(matches!(page(order, cursor).await, Err(StoreError::BadCursor)), "{cursor}");
    }
}

pub(crate) async fn a_page_holds_at_most_two_hundred_and_the_last_has_no_cursor<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let submissions = (0..201).map(|_| world.store().enqueue(world.new_task(uid)));
    futures::future::try_join_all(submissions).await.unwrap();
    let page = world.store().list(ListOrder::Position, ListFilter::default(), None, 5_000).await.unwrap();
    assert_eq!((page.tasks.len(), page.scanned), (200, 0));
    let page = world.store().list(ListOrder::Position, ListFilter::default(), page.cursor, 5_000).await.unwrap();
    assert_eq!((page.tasks.len(), page.cursor), (1, None));
    let page = world.store().list(ListOrder::Position, ListFilter::default(), None, 201).await.unwrap();
    assert_eq!(page.tasks.len(), 200);
    world.claim().await.unwrap();
    let exact = world.store().list(ListOrder::Position, ListFilter::default(), None, 200).await.unwrap();
    assert_eq!((exact.tasks.len(), exact.cursor), (200, None), "a full last page is the last");
}

pub(crate) async fn tasks_that_come_and_go_between_pages_disturb_no_other<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let mut waiting = Vec::new();
    for _ in 0..10 {
        waiting.push(world.enqueue(uid).await);
    }
    let first = world.store().list(ListOrder::Position, ListFilter::default(), None, 4).await.unwrap();
    assert_eq!(ids(&first.tasks), waiting[..4]);
    // One of the first page is claimed, the cursor's own task is cancelled, one is added.
    world.claim().await.unwrap();
    world.store().cancel(waiting[3], None).await.unwrap();
    let added = world.enqueue(uid).await;
    let rest = world.store().list(ListOrder::Position, ListFilter::default(), first.cursor, 100).await.unwrap();
    assert_eq!(ids(&rest.tasks), [&waiting[4..], &[added]].concat());
}

pub(crate) async fn listed_tasks_show_their_progress<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    world.enqueue(uid).await;
    let claim = world.claim().await.unwrap();
    let beat = Beat { task: claim.task.id, token: claim.token, progress: 0.25 };
    world.store().heartbeat(vec![beat]).await.unwrap();
    let page = world.store().list(ListOrder::Life, ListFilter::default(), None, 10).await.unwrap();
    assert_eq!(page.tasks[0].progress, Some(0.25));
    assert_eq!(page.tasks[0], world.task(claim.task.id).await);
}
