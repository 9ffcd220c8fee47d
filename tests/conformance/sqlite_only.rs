//! What only the embedded engine promises: one process at a time, closed files, a clean end.

use cipherdeck::store::{Store, StoreError, TaskStore as _, sqlite::SqliteStore};

use super::{
    engine::{Engine as _, Sqlite},
    world::World,
};

#[tokio::test]
async fn a_second_store_on_the_same_directory_is_refused_by_name() {
    let world = World::<Sqlite>::new().await;
    let uid = world.uid().await;
    let dir = world.engine.dir.path().display().to_string();
    let Err(StoreError::CannotOpen(text)) = world.engine.open(world.options.clone()).await else {
        panic!("two stores share a directory");
    };
    assert!(text.contains(&dir) && text.contains("another process"), "{text}");
    world.enqueue(uid).await;
}

#[tokio::test]
async fn a_closed_store_answers_unavailable_and_frees_its_directory() {
    let world = World::<Sqlite>::new().await;
    let other = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(other.path(), world.options.clone()).unwrap();
    let uid = cipherdeck::task::Uid::random();
    let shared: &dyn Store = store.as_ref();
    shared.add_uid(uid, cipherdeck::task::ClientId("c".to_owned()), None).await.unwrap();
    let new = world.new_task(uid);
    shared.enqueue(new.clone()).await.unwrap();
    store.close().await;
    store.close().await;
    assert!(matches!(store.enqueue(new.clone()).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.task(new.id).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    let log = std::fs::metadata(other.path().join("store.sqlite-wal")).map_or(0, |data| data.len());
    assert_eq!(log, 0, "the log is written back");
    // The closed store still exists, but it holds nothing.
    let again = SqliteStore::open(other.path(), world.options.clone()).unwrap();
    assert_eq!(again.task(new.id).await.unwrap().map(|task| task.id), Some(new.id));
}

#[tokio::test]
async fn commands_that_wait_at_the_end_are_answered_one_way_or_the_other() {
    let world = World::<Sqlite>::new().await;
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), world.options.clone()).unwrap();
    let pings = (0..200).map(|_| store.ping());
    let all = async { futures::join!(futures::future::join_all(pings), store.close()) };
    let (answers, ()) = tokio::time::timeout(std::time::Duration::from_secs(20), all).await.unwrap();
    for answer in answers {
        assert!(matches!(answer, Ok(()) | Err(StoreError::Unavailable(_))), "{answer:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::<Sqlite>::new().await;
    let uid = world.uid().await;
    world.enqueue(uid).await;
    world.claim().await.unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(world.engine.dir.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
        seen += 1;
    }
    assert!(seen >= 3, "database, log and lock");
}
