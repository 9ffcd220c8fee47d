//! Keys of running tasks within the budget of memory, with real keys.

use std::{path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use cipherdeck::{
    blobs::BlobStore,
    config::{self, Overrides},
    fhe::ClientKeys,
    store::{CancelOutcome, NewTask, Store, StoreOptions, sqlite::SqliteStore},
    task::{BlobRef, ClientId, Digest, Status, TaskId, Timestamp, Uid},
    use_cases::Registry,
    worker::{Admission, Parts, Pool},
};

use crate::{
    http::harness::patiently,
    support::{
        fake::{ECHO, FAKE, Fake, Gate, WAIT},
        keys::{SERVER, SERVER_KEY},
        wait::{ended, task_when, task_with},
    },
};

struct World {
    _dir: tempfile::TempDir,
    store: Arc<dyn Store>,
    blobs: BlobStore,
    pool: Pool,
    gate: Arc<Gate>,
}

impl World {
    /// Three workers, and memory for less than two keys.
    fn new(time_limit_s: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = config::load(Overrides::default()).unwrap();
        let store: Arc<dyn Store> = SqliteStore::open(dir.path(), StoreOptions::from_settings(&settings)).unwrap();
        let blobs = BlobStore::local(&dir.path().join("blobs")).unwrap();
        let gate = Arc::new(Gate::default());
        let fake = Fake { gate: Arc::clone(&gate), needs_key: true };
        let use_cases = Registry::standard(Path::new("")).unwrap().with(Arc::new(fake));
        let key_cache_mib = (SERVER.memory_bytes() * 3 / 2) >> 20;
        let settings = config::Worker { count: 3, threads: 1, time_limit_s, key_cache_mib, ..settings.worker };
        let pool = Pool::start(Parts { store: Arc::clone(&store), blobs: blobs.clone(), use_cases, settings }).unwrap();
        Self { _dir: dir, store, blobs, pool, gate }
    }

    async fn uid(&self, key: &[u8]) -> Uid {
        let uid = Uid::random();
        let key = self.blobs.put(&format!("keys/{}", uid.tag()), Bytes::copy_from_slice(key)).await.unwrap();
        self.store.add_uid(uid, ClientId(uid.tag()), Some(key)).await.unwrap();
        uid
    }

    async fn submit(&self, uid: Uid, input: &'static [u8]) -> TaskId {
        let id = TaskId::random();
        let input = self.blobs.put(&format!("inputs/{id}"), Bytes::from_static(input)).await.unwrap();
        let task = NewTask {
            id,
            uid,
            client: ClientId(uid.tag()),
            use_case: FAKE.to_owned(),
            capability: FAKE.to_owned(),
            input,
            idempotency_key: None,
            priority: 0,
            received: Timestamp::now(),
        };
        self.store.enqueue(task).await.unwrap().id()
    }

    /// Waits until so many wait for memory.
    async fn waiting(&self, count: u64) {
        patiently(async {
            while self.pool.keys().stats().waiting != count {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_whose_key_does_not_fit_waits_with_its_claim_and_its_attempt() {
    let world = World::new(600);
    let other = ClientKeys::generate().compressed_server_key();
    let (first_uid, second_uid) = (world.uid(&SERVER_KEY).await, world.uid(&other).await);
    let first = world.submit(first_uid, WAIT).await;
    task_when(&world.store, first, |task| task.progress.is_some_and(|progress| progress > 0.4)).await;
    let (second, third) = (world.submit(second_uid, WAIT).await, world.submit(second_uid, WAIT).await);
    for task in [second, third] {
        task_with(&world.store, task, Status::Started).await;
    }
    world.waiting(2).await;
    let stats = world.pool.keys().stats();
    assert!(stats.bytes <= stats.capacity && stats.entries == 1, "{stats:?}");
    assert_eq!(world.gate.begun(), 1, "nothing runs without its key");

    // A cancel reaches one that waits.
    assert_eq!(world.store.cancel(third, None).await.unwrap(), CancelOutcome::Requested);
    assert_eq!(task_with(&world.store, third, Status::Revoked).await.attempt, 1);
    world.waiting(1).await;

    // The first one's key makes room for the second one's.
    assert_eq!(world.store.cancel(first, None).await.unwrap(), CancelOutcome::Requested);
    task_with(&world.store, first, Status::Revoked).await;
    task_when(&world.store, second, |task| task.progress.is_some_and(|progress| progress > 0.4)).await;
    world.gate.open();
    assert_eq!(task_with(&world.store, second, Status::Success).await.attempt, 1);
    let stats = world.pool.keys().stats();
    assert!(stats.bytes <= stats.capacity && (stats.waiting, stats.misses) == (0, 2), "{stats:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wait_for_memory_is_no_part_of_the_time_limit() {
    const LIMIT_S: u64 = 4;
    let world = World::new(LIMIT_S);
    let uid = world.uid(&SERVER_KEY).await;
    // The test itself uses a key meanwhile.
    let blob = BlobRef { name: "keys/mine".to_owned(), len: SERVER_KEY.len() as u64, digest: Digest::of(b"mine") };
    let Admission::Load(mine) = world.pool.keys().admit(&blob, || ()).await else { panic!("nobody has loaded it") };
    let task = world.submit(uid, ECHO).await;
    world.waiting(1).await;
    let early = tokio::time::timeout(Duration::from_millis(LIMIT_S * 1_000 + 300), ended(&world.store, task)).await;
    assert!(early.is_err(), "{early:?}");
    drop(mine);
    assert_eq!(ended(&world.store, task).await.status, Status::Success);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_gives_back_a_task_that_waits_for_memory() {
    let world = World::new(60);
    let other = ClientKeys::generate().compressed_server_key();
    let (first_uid, second_uid) = (world.uid(&SERVER_KEY).await, world.uid(&other).await);
    let first = world.submit(first_uid, WAIT).await;
    task_when(&world.store, first, |task| task.progress.is_some_and(|progress| progress > 0.4)).await;
    let second = world.submit(second_uid, WAIT).await;
    world.waiting(1).await;
    world.pool.drain(Duration::ZERO).await;
    for id in [first, second] {
        let task = world.store.task(id).await.unwrap().unwrap();
        assert_eq!((task.status, task.attempt), (Status::Queued, 0));
    }
}
