//! The worker pool on a real store and real blobs, with a use case without cryptography.

use std::{path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use cipherdeck::{
    blobs::BlobStore,
    codec,
    config::{self, Overrides},
    monitor::Telemetry,
    store::{CancelOutcome, NewTask, Store, StoreOptions, sqlite::SqliteStore},
    task::{ClientId, FailureLabel, Status, Task, TaskId, Timestamp, Uid},
    use_cases::{Output, Registry},
    vault::KeyVault,
    worker::{Parts, Pool, janitor::Janitor},
};

mod registry;

use crate::support::{
    fake::{DEAF, ECHO, FAKE, Fake, Gate, PANIC, REFUSE, WAIT},
    wait::{ended, task_when, task_with},
};

struct World {
    dir: tempfile::TempDir,
    store: Arc<dyn Store>,
    blobs: BlobStore,
    pool: Pool,
    gate: Arc<Gate>,
    uid: Uid,
}

fn worker_settings(count: usize, time_limit_s: u64) -> config::Worker {
    let settings = config::load(Overrides::default()).unwrap();
    config::Worker { count, threads: 1, time_limit_s, ..settings.worker }
}

fn open(dir: &Path) -> Arc<dyn Store> {
    let settings = config::load(Overrides::default()).unwrap();
    SqliteStore::open(dir, StoreOptions::from_settings(&settings)).unwrap()
}

impl World {
    async fn new(settings: config::Worker, needs_key: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path());
        let uid = Uid::random();
        store.add_uid(uid, ClientId("client".to_owned()), None).await.unwrap();
        let (gate, blobs) = (Arc::new(Gate::default()), BlobStore::local(&dir.path().join("blobs")).unwrap());
        let use_cases =
            Registry::standard(Path::new("")).unwrap().with(Arc::new(Fake { gate: Arc::clone(&gate), needs_key }));
        let parts = Parts {
            store: Arc::clone(&store),
            blobs: blobs.clone(),
            use_cases,
            settings,
            telemetry: Telemetry::default(),
        };
        let pool = Pool::start(parts).unwrap();
        Self { dir, store, blobs, pool, gate, uid }
    }

    async fn submit(&self, input: &'static [u8]) -> TaskId {
        let id = TaskId::random();
        let input = self.blobs.put(&format!("inputs/{id}"), Bytes::from_static(input)).await.unwrap();
        let task = NewTask {
            id,
            uid: self.uid,
            client: ClientId("client".to_owned()),
            use_case: FAKE.to_owned(),
            capability: FAKE.to_owned(),
            input,
            idempotency_key: None,
            priority: 0,
            received: Timestamp::now(),
        };
        self.store.enqueue(task).await.unwrap().id()
    }

    async fn result(&self, task: &Task) -> Vec<u8> {
        let bytes = self.blobs.get(task.result.as_ref().unwrap()).await.unwrap();
        match codec::decode::<Output>(&bytes).unwrap() {
            Output::One(bytes) => bytes,
            Output::Named(_) => panic!("the fake use case has one output"),
        }
    }

    async fn result_blobs(&self) -> usize {
        self.blobs.list().await.unwrap().iter().filter(|blob| blob.name.starts_with("results/")).count()
    }
}

#[tokio::test]
async fn a_task_queued_on_an_idle_worker_runs_and_its_result_is_readable() {
    let world = World::new(worker_settings(1, 60), false).await;
    let id = world.submit(ECHO).await;
    let task = task_with(&world.store, id, Status::Success).await;
    assert_eq!(world.result(&task).await, ECHO);
    assert_eq!((task.attempt, task.device.as_deref()), (1, Some("cpu")));
    assert_eq!(
        world.store.runs(cipherdeck::store::RunFilter { limit: 10, ..Default::default() }).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_panicking_kernel_fails_its_task_and_no_other() {
    let world = World::new(worker_settings(1, 60), false).await;
    let (bad, refused, good) = (world.submit(PANIC).await, world.submit(REFUSE).await, world.submit(ECHO).await);
    for (id, text) in [(bad, "told to panic"), (refused, "told to refuse")] {
        let failure = task_with(&world.store, id, Status::Failure).await.failure.unwrap();
        assert_eq!(failure.label, FailureLabel::KernelPanic);
        assert!(failure.detail.contains(text), "{}", failure.detail);
    }
    task_with(&world.store, good, Status::Success).await;
    assert_eq!(world.result_blobs().await, 1);
}

#[tokio::test]
async fn a_running_task_is_cancelled_within_a_second_and_publishes_nothing() {
    let world = World::new(worker_settings(1, 60), false).await;
    let id = world.submit(WAIT).await;
    task_when(&world.store, id, |task| task.status == Status::Started && world.gate.begun() == 1).await;
    let asked = std::time::Instant::now();
    assert_eq!(world.store.cancel(id, Some(world.uid)).await.unwrap(), CancelOutcome::Requested);
    task_with(&world.store, id, Status::Revoked).await;
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    assert_eq!(world.result_blobs().await, 0);
}

#[tokio::test]
async fn a_kernel_that_does_not_listen_to_its_cancel_publishes_nothing() {
    let world = World::new(worker_settings(1, 60), false).await;
    let id = world.submit(DEAF).await;
    task_when(&world.store, id, |task| task.progress.is_some_and(|progress| progress > 0.4)).await;
    assert_eq!(world.store.cancel(id, None).await.unwrap(), CancelOutcome::Requested);
    world.gate.open();
    let task = ended(&world.store, id).await;
    assert_eq!((task.status, task.result), (Status::Revoked, None));
    // A second task shows that the slot is free, and that the first one's late result has been removed by then.
    let next = world.submit(ECHO).await;
    task_with(&world.store, next, Status::Success).await;
    assert_eq!(world.result_blobs().await, 1);
}

#[tokio::test]
async fn a_task_that_runs_too_long_fails_with_time_limit() {
    let world = World::new(worker_settings(1, 1), false).await;
    let id = world.submit(WAIT).await;
    let task = task_with(&world.store, id, Status::Failure).await;
    assert_eq!(task.failure.unwrap().label, FailureLabel::TimeLimit);
}

#[tokio::test]
async fn a_drain_gives_a_long_task_back_with_its_attempt_and_lets_a_short_one_finish() {
    let world = World::new(worker_settings(2, 60), false).await;
    let long = world.submit(WAIT).await;
    let waiting = world.submit(WAIT).await;
    let later = world.submit(ECHO).await;
    for id in [long, waiting] {
        task_with(&world.store, id, Status::Started).await;
    }
    world.pool.drain(Duration::from_millis(50)).await;
    for id in [long, waiting, later] {
        let task = world.store.task(id).await.unwrap().unwrap();
        assert_eq!((task.status, task.attempt), (Status::Queued, 0));
    }
    assert_eq!(world.store.position(later).await.unwrap().unwrap().place, 3);
    assert_eq!(world.result_blobs().await, 0);
}

#[tokio::test]
async fn an_abandoned_kernel_cannot_publish_its_late_result() {
    let world = World::new(worker_settings(1, 60), false).await;
    let id = world.submit(DEAF).await;
    task_when(&world.store, id, |task| task.status == Status::Started && world.gate.begun() == 1).await;
    world.pool.abandon().await;
    assert_eq!(world.store.task(id).await.unwrap().unwrap().status, Status::Queued);
    world.gate.open();
    world.pool.drain(Duration::from_secs(30)).await;
    let task = world.store.task(id).await.unwrap().unwrap();
    assert_eq!((task.status, task.result), (Status::Queued, None));
    assert_eq!(world.result_blobs().await, 0);
}

#[tokio::test]
async fn a_result_is_kept_when_the_store_cannot_say_whether_it_was_published() {
    let world = World::new(worker_settings(1, 60), false).await;
    let id = world.submit(DEAF).await;
    task_when(&world.store, id, |task| task.status == Status::Started && world.gate.begun() == 1).await;
    world.store.close().await;
    world.gate.open();
    world.pool.drain(Duration::from_secs(30)).await;
    assert_eq!(world.result_blobs().await, 1);

    // The next start knows: it was not, so the task waits again and the result is garbage.
    let store = open(world.dir.path());
    assert_eq!(store.task(id).await.unwrap().unwrap().status, Status::Queued);
    let vault = KeyVault::new(Arc::clone(&store), world.blobs.clone());
    let janitor = Janitor::new(store, world.blobs.clone(), vault, Timestamp::now(), Duration::ZERO);
    janitor.sweep_orphans(Timestamp::now().plus(Duration::from_secs(1))).await.unwrap();
    assert_eq!(world.result_blobs().await, 0);
}

#[tokio::test]
async fn a_missing_key_and_a_damaged_input_fail_with_their_own_labels() {
    let world = World::new(worker_settings(0, 60), true).await;
    let id = world.submit(ECHO).await;
    let slot = Pool::start(Parts {
        store: Arc::clone(&world.store),
        blobs: world.blobs.clone(),
        use_cases: Registry::standard(Path::new(""))
            .unwrap()
            .with(Arc::new(Fake { gate: Arc::clone(&world.gate), needs_key: true })),
        settings: worker_settings(1, 60),
        telemetry: Telemetry::default(),
    })
    .unwrap();
    assert_eq!(ended(&world.store, id).await.failure.unwrap().label, FailureLabel::KeyMissing);
    slot.drain(Duration::ZERO).await;

    let world = World::new(worker_settings(1, 60), false).await;
    let blocker = world.submit(WAIT).await;
    let (damaged, missing) = (world.submit(ECHO).await, world.submit(ECHO).await);
    world.blobs.put(&format!("inputs/{damaged}"), Bytes::from_static(b"ecHo")).await.unwrap();
    world.blobs.delete(&format!("inputs/{missing}")).await.unwrap();
    world.gate.open();
    assert_eq!(ended(&world.store, damaged).await.failure.unwrap().label, FailureLabel::BlobCorrupt);
    assert_eq!(ended(&world.store, missing).await.failure.unwrap().label, FailureLabel::BlobMissing);
    assert_eq!(ended(&world.store, blocker).await.status, Status::Success);
}

#[tokio::test]
async fn after_a_crash_the_sweep_removes_what_nothing_refers_to_and_nothing_else() {
    let world = World::new(worker_settings(1, 60), false).await;
    let id = world.submit(ECHO).await;
    let task = task_with(&world.store, id, Status::Success).await;
    let mut writer = world.blobs.writer();
    // Long enough that it is stored before it has a name.
    writer.write(vec![7; 2 << 20].into()).await.unwrap();
    std::mem::forget(writer.finish().await.unwrap());
    world.blobs.put("results/of/nobody", Bytes::from_static(b"unpublished")).await.unwrap();
    let janitor = Janitor::new(
        Arc::clone(&world.store),
        world.blobs.clone(),
        KeyVault::new(Arc::clone(&world.store), world.blobs.clone()),
        Timestamp::now(),
        Duration::ZERO,
    );
    let later = Timestamp::now().plus(Duration::from_secs(1));
    assert_eq!(janitor.sweep_orphans(later).await.unwrap(), 2);
    let mut names: Vec<_> = world.blobs.list().await.unwrap().into_iter().map(|blob| blob.name).collect();
    names.sort();
    assert_eq!(names, [format!("inputs/{id}"), task.result.as_ref().unwrap().name.clone()]);
    assert_eq!(world.result(&task).await, ECHO);
    assert!(world.dir.path().join("blobs").is_dir());
}
