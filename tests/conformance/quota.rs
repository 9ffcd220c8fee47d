//! How many uids one client may have.

use cipherdeck::{
    store::{DeleteUid, StoreError},
    task::{BlobRef, ClientId, Uid},
};

use super::{
    engine::Engine,
    world::{World, blob},
};

/// A store that allows each client two.
async fn two<E: Engine>() -> World<E> {
    World::with(|options| options.uids_per_client = 2).await
}

/// A new uid of this client.
async fn add<E: Engine>(world: &World<E>, client: &str, key: Option<BlobRef>) -> Result<Uid, StoreError> {
    let uid = Uid::random();
    world.store().add_uid(uid, ClientId(client.to_owned()), key).await.map(|_| uid)
}

/// Is one more uid of this client refused, because it has so many?
async fn full<E: Engine>(world: &World<E>, client: &str, limit: u64) -> bool {
    match add(world, client, None).await {
        Ok(_) => false,
        Err(StoreError::TooManyUidsOfClient { limit: told }) if told == limit => true,
        Err(other) => panic!("unexpected: {other}"),
    }
}

pub(crate) async fn a_client_has_so_many_uids_and_a_refused_one_leaves_nothing<E: Engine>() {
    let world = two::<E>().await;
    let (first, _) = (add(&world, "anna", None).await.unwrap(), add(&world, "anna", None).await.unwrap());
    let (late, anna, key) = (Uid::random(), ClientId("anna".to_owned()), blob("keys/late"));
    let refused = world.store().add_uid(late, anna.clone(), Some(key.clone())).await;
    assert!(matches!(refused, Err(StoreError::TooManyUidsOfClient { limit: 2 })), "{refused:?}");
    assert_eq!(world.store().key(late).await.unwrap(), None);
    assert!(world.store().referenced(vec![key.name.clone()]).await.unwrap().is_empty());
    assert!(matches!(world.store().enqueue(world.new_task(late)).await, Err(StoreError::UnknownUid)));

    // The same again is the same, not one more.
    world.store().add_uid(first, anna.clone(), None).await.unwrap();
    // Another client has its own.
    add(&world, "ben", None).await.unwrap();
    add(&world, "ben", None).await.unwrap();
    assert!(full(&world, "ben", 2).await);
    // With room it is a new uid, as if nothing had been.
    world.store().delete_uid(first).await.unwrap();
    let other = blob("keys/other");
    assert_eq!(world.store().add_uid(late, anna, Some(other.clone())).await.unwrap(), Some(other));
}

pub(crate) async fn the_limit_holds_for_uids_with_a_key_and_without<E: Engine>() {
    let world = two::<E>().await;
    let keyless = add(&world, "anna", None).await.unwrap();
    add(&world, "anna", Some(blob("keys/a"))).await.unwrap();
    for key in [None, Some(blob("keys/a")), Some(blob("keys/b"))] {
        let refused = add(&world, "anna", key).await;
        assert!(matches!(refused, Err(StoreError::TooManyUidsOfClient { limit: 2 })), "{refused:?}");
    }
    // A key for a uid is no further uid.
    world.store().attach_key(keyless, blob("keys/b")).await.unwrap();
    assert!(full(&world, "anna", 2).await);
    world.store().delete_uid(keyless).await.unwrap();
    assert!(!full(&world, "anna", 2).await);
}

pub(crate) async fn fifty_at_once_are_as_many_as_there_is_room_for<E: Engine>() {
    let world = World::<E>::with(|options| options.uids_per_client = 20).await;
    let answers = futures::future::join_all((0..50).map(|_| add(&world, "anna", None))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 20);
    assert!(full(&world, "anna", 20).await);
}

pub(crate) async fn a_deleted_uid_makes_room<E: Engine>() {
    let world = two::<E>().await;
    let mut last = add(&world, "anna", Some(blob("keys/a"))).await.unwrap();
    add(&world, "anna", Some(blob("keys/a"))).await.unwrap();
    for _ in 0..3 {
        assert!(full(&world, "anna", 2).await);
        world.store().delete_uid(last).await.unwrap();
        assert_eq!(world.store().delete_uid(last).await.unwrap(), DeleteUid::Unknown);
        last = add(&world, "anna", None).await.unwrap();
    }
    assert!(full(&world, "anna", 2).await);
}

pub(crate) async fn a_uid_counts_until_its_last_task_has_stopped<E: Engine>() {
    let world = two::<E>().await;
    let (busy, _) = (add(&world, "anna", None).await.unwrap(), add(&world, "anna", None).await.unwrap());
    world.enqueue(busy).await;
    let claim = world.claim().await.unwrap();
    world.store().delete_uid(busy).await.unwrap();
    world.store().sweep(10).await.unwrap();
    assert!(full(&world, "anna", 2).await);
    world.succeed(&claim).await;
    assert_eq!(world.store().sweep(10).await.unwrap().uids, 1);
    assert!(!full(&world, "anna", 2).await);
    assert!(full(&world, "anna", 2).await);
}

pub(crate) async fn an_unused_uid_makes_room_when_it_is_swept<E: Engine>() {
    let world = two::<E>().await;
    add(&world, "anna", Some(blob("keys/a"))).await.unwrap();
    add(&world, "anna", None).await.unwrap();
    world.advance(world.options.keyless_ttl);
    assert!(full(&world, "anna", 2).await, "it is still there");
    assert_eq!(world.store().sweep(10).await.unwrap().uids, 1);
    assert!(!full(&world, "anna", 2).await);
    assert!(full(&world, "anna", 2).await);
    world.advance(world.options.key_ttl);
    assert_eq!(world.store().sweep(10).await.unwrap().uids, 2);
    for _ in 0..2 {
        add(&world, "anna", None).await.unwrap();
    }
    assert!(full(&world, "anna", 2).await);
}

pub(crate) async fn without_a_limit_any_number_is_taken_and_counted<E: Engine>() {
    let mut world = World::<E>::new().await;
    assert_eq!(world.options.uids_per_client, 0);
    for _ in 0..40 {
        add(&world, "anna", None).await.unwrap();
    }
    world.crash_with(|options| options.uids_per_client = 41).await;
    assert!(!full(&world, "anna", 41).await);
    assert!(full(&world, "anna", 41).await);
    // A lower limit takes nothing away.
    world.crash_with(|options| options.uids_per_client = 5).await;
    assert!(full(&world, "anna", 5).await);
    world.crash_with(|options| options.uids_per_client = 0).await;
    add(&world, "anna", None).await.unwrap();
}

pub(crate) async fn the_count_survives_a_crash<E: Engine>() {
    let mut world = two::<E>().await;
    let (first, _) = (add(&world, "anna", None).await.unwrap(), add(&world, "anna", None).await.unwrap());
    add(&world, "ben", None).await.unwrap();
    world.crash().await;
    assert!(full(&world, "anna", 2).await);
    world.store().delete_uid(first).await.unwrap();
    world.crash().await;
    for client in ["anna", "ben"] {
        assert!(!full(&world, client, 2).await);
        assert!(full(&world, client, 2).await);
    }
}
