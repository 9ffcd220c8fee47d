//! What nobody uses any more goes, is said once, and is counted.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use cipherdeck::{
    blobs::BlobStore,
    config::{self, Overrides},
    store::{NewTask, Store, StoreOptions, sqlite::SqliteStore},
    task::{ClientId, Clock, TaskId, Timestamp, Uid},
    vault::KeyVault,
    worker::janitor::Janitor,
};

#[tokio::test]
async fn unused_keys_and_ended_tasks_are_swept_when_their_time_has_come_and_counted() {
    let (dir, now) = (tempfile::tempdir().unwrap(), Arc::new(AtomicI64::new(Timestamp::now().millis())));
    let settings = config::load(Overrides::default()).unwrap();
    let clock = Arc::clone(&now);
    let options = StoreOptions {
        clock: Clock::from_fn(move || Timestamp::from_millis(clock.load(Ordering::SeqCst))),
        ..StoreOptions::from_settings(&settings)
    };
    let (result_ttl, key_ttl) = (options.result_ttl, options.key_ttl);
    let store: Arc<dyn Store> = SqliteStore::open(dir.path(), options).unwrap();
    let blobs = BlobStore::local(&dir.path().join("blobs")).unwrap();
    let vault = KeyVault::new(Arc::clone(&store), blobs.clone());
    let janitor = Janitor::new(Arc::clone(&store), blobs.clone(), vault.clone(), Timestamp::now(), Duration::ZERO);
    let totals = janitor.totals();
    let counted = || [&totals.tasks, &totals.uids, &totals.keys, &totals.blobs].map(|it| it.load(Ordering::SeqCst));
    let pass = |time: Duration| now.fetch_add(time.as_millis() as i64, Ordering::SeqCst);

    let uid = Uid::random();
    let mut key = blobs.writer();
    key.write(Bytes::from_static(b"a key")).await.unwrap();
    vault.add(uid, ClientId(uid.tag()), Some(key.finish().await.unwrap())).await.unwrap();
    let id = TaskId::random();
    let input = blobs.put(&format!("inputs/{id}"), Bytes::from_static(b"x")).await.unwrap();
    let task = NewTask {
        id,
        uid,
        client: ClientId(uid.tag()),
        use_case: "weight_stats".to_owned(),
        capability: "weight_stats".to_owned(),
        input,
        idempotency_key: None,
        priority: 0,
        received: Timestamp::now(),
    };
    store.enqueue(task).await.unwrap();
    store.cancel(id, None).await.unwrap();

    janitor.sweep_expired().await;
    assert_eq!(counted(), [0; 4], "nothing is due");
    pass(result_ttl);
    janitor.sweep_expired().await;
    assert_eq!(counted(), [1, 0, 0, 1]);
    pass(key_ttl);
    janitor.sweep_expired().await;
    assert_eq!(counted(), [1, 1, 1, 2]);
    assert!(store.key(uid).await.unwrap().is_none() && blobs.list().await.unwrap().is_empty());
    janitor.sweep_expired().await;
    assert_eq!(counted(), [1, 1, 1, 2], "and that was all");
}
