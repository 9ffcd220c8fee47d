//! Who may call a blob an orphan, and when.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use cipherdeck::{
    blobs::BlobStore,
    config::{self, Overrides},
    store::{
        Store, StoreOptions,
        redis::{RedisStore, Tuning},
        sqlite::SqliteStore,
    },
    vault::KeyVault,
    worker::janitor::{Janitor, OrphanError},
};

use crate::support::redis::RedisServer;

fn options() -> StoreOptions {
    StoreOptions::from_settings(&config::load(Overrides::default()).unwrap())
}

async fn janitor(store: &Arc<dyn Store>, blobs: &BlobStore, grace: Duration) -> Janitor {
    let vault = KeyVault::new(Arc::clone(store), blobs.clone());
    Janitor::new(Arc::clone(store), blobs.clone(), vault, blobs.now().await.unwrap(), grace)
}

async fn left(blobs: &BlobStore) -> usize {
    blobs.list().await.unwrap().len()
}

#[tokio::test]
async fn blobs_of_another_store_are_never_removed() {
    let (theirs, ours, storage) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let blobs = BlobStore::local(storage.path()).unwrap();
    let owner: Arc<dyn Store> = SqliteStore::open(theirs.path(), options()).unwrap();
    let stranger: Arc<dyn Store> = SqliteStore::open(ours.path(), options()).unwrap();
    janitor(&owner, &blobs, Duration::ZERO).await.look_for_orphans().await.unwrap();

    blobs.put("keys/a", Bytes::from_static(b"a")).await.unwrap();
    let refused = janitor(&stranger, &blobs, Duration::ZERO).await.look_for_orphans().await;
    let Err(OrphanError::Foreign(name)) = refused else { panic!("{refused:?}") };
    assert_eq!((name, left(&blobs).await), (owner.identity().await.unwrap().to_string(), 1));

    // The operator hands them over.
    std::fs::remove_file(storage.path().join("store-id")).unwrap();
    let later = blobs.now().await.unwrap().plus(Duration::from_secs(1));
    assert_eq!(janitor(&stranger, &blobs, Duration::ZERO).await.sweep_orphans(later).await.unwrap(), 1);
    let refused = janitor(&owner, &blobs, Duration::ZERO).await.look_for_orphans().await;
    assert!(matches!(refused, Err(OrphanError::Foreign(_))), "{refused:?}");
}

#[tokio::test]
async fn a_store_keeps_its_name_and_one_that_has_lost_its_memory_has_another() {
    let dir = tempfile::tempdir().unwrap();
    let open = || SqliteStore::open(dir.path(), options()).unwrap();
    let name = open().identity_of().await;
    assert_eq!(open().identity_of().await, name);

    let server = RedisServer::durable();
    let open = async || RedisStore::open(&server.url(), options(), Tuning::default()).await.unwrap();
    let (a, b) = (open().await, open().await);
    let name = a.identity_of().await;
    assert_eq!(b.identity_of().await, name);
    server.admin::<()>(&["FLUSHALL"]);
    assert_ne!(a.identity_of().await, name);
}

/// Its name, whatever the engine.
trait Named {
    async fn identity_of(&self) -> uuid::Uuid;
}

impl<T: Store> Named for T {
    async fn identity_of(&self) -> uuid::Uuid {
        self.identity().await.unwrap()
    }
}

#[tokio::test]
async fn where_others_write_too_an_orphan_is_old() {
    let (server, storage) = (RedisServer::durable(), tempfile::tempdir().unwrap());
    let store: Arc<dyn Store> = RedisStore::open(&server.url(), options(), Tuning::default()).await.unwrap();
    let blobs = BlobStore::local(storage.path()).unwrap();
    for name in ["keys/a", "inputs/a", "results/a/b", "not/ours"] {
        blobs.put(name, Bytes::from_static(b"nobody refers to it")).await.unwrap();
    }
    let day = Duration::from_hours(24);
    let patient = janitor(&store, &blobs, day).await;
    assert_eq!((patient.look_for_orphans().await.unwrap(), left(&blobs).await), (0, 3));
    for name in ["keys/a", "inputs/a", "not/ours"] {
        let file = std::fs::File::options().write(true).open(storage.path().join(name)).unwrap();
        file.set_modified(std::time::SystemTime::now() - 2 * day).unwrap();
    }
    assert_eq!((patient.look_for_orphans().await.unwrap(), left(&blobs).await), (2, 1));
    assert!(storage.path().join("not/ours").exists());
}
