//! What only the engine of a cluster promises: several processes on one Redis, and a Redis that fails.

mod away;
mod cluster;
mod crash;
mod emptied;
mod encrypted;
mod limits;
mod versions;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use cipherdeck::{
    store::{
        Claim, ClaimRequest, Event, EventKind, Events, NewTask, Outcome, Store, StoreOptions,
        redis::{RedisStore, Tuning},
    },
    task::{BlobRef, ClientId, Clock, Digest, TaskId, Timestamp, Token, Uid, WorkerName},
};

use crate::support::wait::DEADLINE;

pub(crate) fn options() -> StoreOptions {
    let day = Duration::from_hours(24);
    StoreOptions {
        clock: Clock::system(),
        attempts: 3,
        waiting: 1_000_000,
        waiting_per_client: 1_000_000,
        keyless_uids: 1_000,
        uids_per_client: 0,
        result_ttl: day,
        key_ttl: day,
        keyless_ttl: day,
        runs: 10_000,
        audit: 1_000,
        event_backlog: 10_000,
    }
}

/// A process on this Redis.
pub(crate) async fn open(url: &str) -> Arc<dyn Store> {
    open_with(url, Tuning::default()).await
}

pub(crate) async fn open_with(url: &str, tuning: Tuning) -> Arc<dyn Store> {
    RedisStore::open(url, options(), tuning).await.unwrap()
}

/// A new uid.
pub(crate) async fn uid(store: &dyn Store) -> Uid {
    let uid = Uid::random();
    store.add_uid(uid, ClientId(uid.tag()), None).await.unwrap();
    uid
}

pub(crate) fn blob(name: &str) -> BlobRef {
    BlobRef { name: name.to_owned(), len: name.len() as u64, digest: Digest::of(name.as_bytes()) }
}

pub(crate) fn new_task(uid: Uid) -> NewTask {
    let id = TaskId::random();
    NewTask {
        id,
        uid,
        client: ClientId(uid.tag()),
        use_case: "weight_stats".to_owned(),
        capability: "weight_stats".to_owned(),
        input: blob(&format!("inputs/{id}")),
        idempotency_key: None,
        priority: 0,
        received: Timestamp::now(),
    }
}

pub(crate) async fn enqueue(store: &dyn Store, uid: Uid) -> TaskId {
    store.enqueue(new_task(uid)).await.unwrap().id()
}

pub(crate) async fn claim(store: &dyn Store) -> Option<Claim> {
    let capabilities = BTreeSet::from(["weight_stats".to_owned()]);
    let worker = WorkerName("host:1:w/0".to_owned());
    let request = ClaimRequest { worker, nonce: Token::random(), capabilities, device: "cpu".to_owned() };
    store.claim(request).await.unwrap()
}

pub(crate) fn success(claim: &Claim) -> Outcome {
    let result = blob(&format!("results/{}/{}", claim.task.id, claim.token));
    Outcome::Success { result, server: Duration::from_millis(20), bootstraps: 3 }
}

/// The next event that is wanted.
pub(crate) async fn hear(events: &mut Events, wanted: impl Fn(&EventKind) -> bool) -> Event {
    let wait = async {
        loop {
            let event = events.recv().await.expect("events go on");
            if wanted(&event.kind) {
                return event;
            }
        }
    };
    tokio::time::timeout(DEADLINE, wait).await.expect("the event comes in time")
}
