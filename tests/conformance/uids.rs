//! Uids, keys, and the deletion of everything under a uid.

use cipherdeck::{
    store::{AttachKey, DeleteUid, FinishOutcome, RequeueOutcome, StoreError},
    task::{BlobRef, ClientId, Status, Uid},
};

use super::{
    engine::Engine,
    world::{World, blob, failure, result_of},
};

async fn in_use<E: Engine>(world: &World<E>, key: &BlobRef) -> bool {
    !world.store().referenced(vec![key.name.clone()]).await.unwrap().is_empty()
}

pub(crate) async fn a_uid_shows_its_key_use_and_expiry<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = Uid::random();
    let (client, key) = (ClientId("alice".to_owned()), blob("keys/a"));
    world.store().add_uid(uid, client.clone(), Some(key.clone())).await.unwrap();
    let created = world.now();
    let record = world.store().key(uid).await.unwrap().unwrap();
    assert_eq!((record.uid, &record.client, &record.key), (uid, &client, &Some(key)));
    assert_eq!((record.created, record.last_used), (created, created));
    assert_eq!(record.expires, created.plus(world.options.key_ttl));

    // A submission and a claim are uses.
    world.step_clock(1_000);
    world.enqueue(uid).await;
    assert_eq!(world.store().key(uid).await.unwrap().unwrap().last_used, world.now());
    world.step_clock(1_000);
    world.claim().await.unwrap();
    let record = world.store().key(uid).await.unwrap().unwrap();
    assert_eq!((record.last_used, record.created), (world.now(), created));
    // A clock that steps back makes it no older.
    world.step_clock(-60_000);
    world.enqueue(uid).await;
    assert_eq!(world.store().key(uid).await.unwrap().unwrap().last_used, record.last_used);
    assert_eq!(world.store().key(Uid::random()).await.unwrap(), None);
}

pub(crate) async fn the_tasks_of_a_uid_are_counted_whatever_their_state<E: Engine>() {
    let world = World::<E>::new().await;
    let (uid, other) = (world.uid().await, world.uid().await);
    assert_eq!(world.store().tasks_of(uid).await.unwrap(), 0);
    let done = world.enqueue(uid).await;
    world.run_one().await;
    world.enqueue(uid).await;
    let running = world.claim().await.unwrap();
    world.enqueue(uid).await;
    assert_eq!(world.store().tasks_of(uid).await.unwrap(), 3);
    assert_eq!(world.store().tasks_of(other).await.unwrap(), 0);
    assert_eq!(world.store().tasks_of(Uid::random()).await.unwrap(), 0, "unknown");
    world.store().delete(done).await.unwrap();
    assert_eq!(world.store().tasks_of(uid).await.unwrap(), 2);
    // From its deletion on it is unknown, also while a task of it stops.
    world.store().delete_uid(uid).await.unwrap();
    assert_eq!(world.status(running.task.id).await, Some(Status::Started));
    assert_eq!(world.store().tasks_of(uid).await.unwrap(), 0);
}

pub(crate) async fn a_key_is_attached_once<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = Uid::random();
    world.store().add_uid(uid, ClientId(uid.tag()), None).await.unwrap();
    let record = world.store().key(uid).await.unwrap().unwrap();
    assert_eq!((record.key, record.expires), (None, world.now().plus(world.options.keyless_ttl)));
    let attached = AttachKey::Attached(blob("keys/a"));
    assert_eq!(world.store().attach_key(uid, blob("keys/a")).await.unwrap(), attached);
    assert_eq!(world.store().attach_key(uid, blob("keys/b")).await.unwrap(), AttachKey::HasKey);
    let record = world.store().key(uid).await.unwrap().unwrap();
    assert_eq!((record.key, record.expires), (Some(blob("keys/a")), world.now().plus(world.options.key_ttl)));
    assert_eq!(world.store().attach_key(Uid::random(), blob("keys/a")).await.unwrap(), AttachKey::Unknown);
}

pub(crate) async fn the_number_of_uids_without_a_key_is_limited<E: Engine>() {
    let world = World::<E>::with(|options| options.keyless_uids = 2).await;
    let add = |uid: Uid, key| world.store().add_uid(uid, ClientId(uid.tag()), key);
    let (a, b) = (Uid::random(), Uid::random());
    add(a, None).await.unwrap();
    add(b, None).await.unwrap();
    assert!(matches!(add(Uid::random(), None).await, Err(StoreError::TooManyUids { limit: 2 })));
    add(Uid::random(), Some(blob("keys/a"))).await.unwrap();
    world.store().attach_key(a, blob("keys/a")).await.unwrap();
    add(Uid::random(), None).await.unwrap();
    assert!(matches!(add(Uid::random(), None).await, Err(StoreError::TooManyUids { .. })));
    // The same again is the same, not one more.
    add(b, None).await.unwrap();
}

pub(crate) async fn deleting_a_uid_takes_everything_with_it<E: Engine>() {
    let mut world = World::<E>::new().await;
    let (uid, other) = (world.uid().await, world.uid().await);
    let (done, waiting) = (world.enqueue(uid).await, world.enqueue(uid).await);
    let claim = world.claim().await.unwrap();
    world.succeed(&claim).await;
    let theirs = world.enqueue(other).await;
    let key = world.store().key(uid).await.unwrap().unwrap().key.unwrap();
    let inputs = [world.task(done).await.input, world.task(waiting).await.input];

    let DeleteUid::Deleted { mut garbage, running } = world.store().delete_uid(uid).await.unwrap() else { panic!() };
    let mut expected = vec![key.clone(), result_of(&claim)];
    expected.extend(inputs);
    for list in [&mut garbage, &mut expected] {
        list.sort_by(|a, b| a.name.cmp(&b.name));
    }
    assert_eq!((garbage, running), (expected, 0));
    assert_eq!((world.status(done).await, world.status(waiting).await), (None, None));
    assert_eq!(world.store().key(uid).await.unwrap(), None);
    assert!(!in_use(&world, &key).await);
    assert_eq!(world.store().delete_uid(uid).await.unwrap(), DeleteUid::Unknown);
    assert!(matches!(world.store().enqueue(world.new_task(uid)).await, Err(StoreError::UnknownUid)));
    world.crash().await;
    assert_eq!(world.store().counts().await.unwrap().total(), 1);
    assert_eq!(world.run_one().await, theirs);
}

pub(crate) async fn a_running_task_delays_the_end_of_its_uid<E: Engine>() {
    let world = World::<E>::new().await;
    let uid = world.uid().await;
    let (running, waiting) = (world.enqueue(uid).await, world.enqueue(uid).await);
    let claim = world.claim().await.unwrap();
    let key = world.store().key(uid).await.unwrap().unwrap().key.unwrap();
    let DeleteUid::Deleted { garbage, running: number } = world.store().delete_uid(uid).await.unwrap() else {
        panic!()
    };
    assert_eq!((garbage.len(), number), (1, 1), "only the waiting task's input: {garbage:?}");
    assert_eq!(world.status(waiting).await, None);
    let task = world.task(running).await;
    assert_eq!((task.status, task.cancelling), (Status::Started, true));

    // Unknown to everything already, but its key is still in use.
    assert_eq!(world.store().key(uid).await.unwrap(), None);
    assert_eq!(world.store().delete_uid(uid).await.unwrap(), DeleteUid::Unknown);
    assert_eq!(world.store().attach_key(uid, blob("keys/b")).await.unwrap(), AttachKey::Unknown);
    assert!(world.store().add_uid(uid, ClientId(uid.tag()), None).await.is_err());
    assert!(matches!(world.store().enqueue(world.new_task(uid)).await, Err(StoreError::UnknownUid)));
    assert!(in_use(&world, &key).await);
    assert_eq!(world.store().sweep(10).await.unwrap().uids, 0);

    assert_eq!(world.succeed(&claim).await, FinishOutcome::Applied(Status::Revoked));
    assert_eq!(world.store().requeue(running).await.unwrap(), RequeueOutcome::Unknown);
    let swept = world.store().sweep(10).await.unwrap();
    assert_eq!(swept.uids, 1);
    let names: Vec<_> = swept.garbage.iter().map(|blob| blob.name.as_str()).collect();
    assert_eq!(names, [format!("inputs/{running}"), key.name.clone()]);
    assert_eq!(world.status(running).await, None);
    assert!(!in_use(&world, &key).await);
}

pub(crate) async fn a_deletion_is_completed_after_a_crash<E: Engine>() {
    let mut world = World::<E>::new().await;
    let uid = world.uid().await;
    let id = world.enqueue(uid).await;
    world.claim().await.unwrap();
    world.store().delete_uid(uid).await.unwrap();
    world.crash().await;
    assert_eq!(world.status(id).await, Some(Status::Revoked));
    assert_eq!(world.store().key(uid).await.unwrap(), None);
    let swept = world.store().sweep(10).await.unwrap();
    assert_eq!((swept.uids, swept.garbage.len()), (1, 2));
    assert_eq!(world.store().counts().await.unwrap().total(), 0);
}

pub(crate) async fn a_shared_key_stays_as_long_as_one_uid_has_it<E: Engine>() {
    let world = World::<E>::new().await;
    let (a, b, c) = (Uid::random(), Uid::random(), Uid::random());
    // Each server publishes it under a name of its own; the first name stays.
    let key = blob("keys/first");
    let second = BlobRef { name: "keys/second".to_owned(), ..key.clone() };
    let add = |uid: Uid, key: &BlobRef| world.store().add_uid(uid, ClientId(uid.tag()), Some(key.clone()));
    assert_eq!(add(a, &key).await.unwrap(), Some(key.clone()));
    assert_eq!(add(b, &second).await.unwrap(), Some(key.clone()));
    assert_eq!(add(b, &second).await.unwrap(), Some(key.clone()), "the same again");
    assert_eq!(world.store().key(b).await.unwrap().unwrap().key, Some(key.clone()));
    assert!(!in_use(&world, &second).await);
    // Equal in its digest only: another key.
    let longer = BlobRef { name: "keys/longer".to_owned(), len: key.len + 1, ..key.clone() };
    assert_eq!(add(c, &longer).await.unwrap(), Some(longer));
    let nothing = DeleteUid::Deleted { garbage: Vec::new(), running: 0 };
    assert_eq!(world.store().delete_uid(a).await.unwrap(), nothing);
    assert!(in_use(&world, &key).await);
    let last = DeleteUid::Deleted { garbage: vec![key.clone()], running: 0 };
    assert_eq!(world.store().delete_uid(b).await.unwrap(), last);
    assert!(!in_use(&world, &key).await);
    // What was called garbage never comes back.
    assert_eq!(add(Uid::random(), &second).await.unwrap(), Some(second.clone()));
    assert!(!in_use(&world, &key).await);
}

pub(crate) async fn unused_uids_expire_but_never_while_tasks_exist<E: Engine>() {
    let world = World::<E>::new().await;
    let (keyed, keyless, busy) = (world.uid().await, Uid::random(), Uid::random());
    for uid in [keyless, busy] {
        world.store().add_uid(uid, ClientId(uid.tag()), None).await.unwrap();
    }
    let waiting = world.enqueue(busy).await;
    world.advance(world.options.keyless_ttl);
    world.step_clock(-1);
    assert_eq!(world.store().sweep(10).await.unwrap().uids, 0);
    world.step_clock(1);
    let swept = world.store().sweep(10).await.unwrap();
    assert_eq!((swept.uids, swept.tasks), (1, 0));
    assert_eq!(world.store().key(keyless).await.unwrap(), None);
    assert!(world.store().key(busy).await.unwrap().is_some(), "its task waits");

    world.advance(world.options.key_ttl);
    let swept = world.store().sweep(10).await.unwrap();
    assert_eq!((swept.uids, swept.garbage.len()), (1, 1), "the key goes with its uid");
    assert_eq!(world.store().key(keyed).await.unwrap(), None);
    assert_eq!(world.status(waiting).await, Some(Status::Queued), "queued tasks do not expire");

    // The claim is a use; the last task's expiry comes first, then the uid's.
    let claim = world.claim().await.unwrap();
    world.store().finish(waiting, claim.token, failure()).await.unwrap();
    world.advance(world.options.result_ttl.max(world.options.keyless_ttl));
    let swept = world.store().sweep(10).await.unwrap();
    assert_eq!((swept.tasks, swept.uids), (1, 1));
    assert_eq!(world.store().key(busy).await.unwrap(), None);
}
