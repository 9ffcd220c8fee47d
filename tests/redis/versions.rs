//! Two versions of the program on one Redis: the older leaves alone what it does not know.

use std::{sync::Arc, time::Duration};

use cipherdeck::{
    store::{
        CancelOutcome, ListFilter, ListOrder, Store, StoreError, StoreOptions,
        redis::{RedisStore, Tuning},
    },
    task::{ClientId, Status, Uid},
};

use super::{claim, enqueue, open, open_with, options, success, uid};
use crate::support::redis::{PREFIX, RedisServer};

#[tokio::test]
async fn a_record_of_a_newer_program_is_left_alone_and_harms_no_other() {
    let server = RedisServer::durable();
    let store = open(&server.url()).await;
    let uid = uid(store.as_ref()).await;
    let (newer, ours) = (enqueue(store.as_ref(), uid).await, enqueue(store.as_ref(), uid).await);
    let key = format!("{PREFIX}task:{newer}");
    server.admin::<()>(&["HSET", &key, "v", "2", "shape", "unheard of"]);
    let before: Vec<String> = server.admin(&["HGETALL", &key]);

    let Err(StoreError::Damaged(text)) = store.task(newer).await else { panic!("it was read") };
    assert!(text.contains("newer"), "{text}");
    assert!(matches!(store.cancel(newer, None).await, Err(StoreError::Damaged(_))));
    let listed = store.list(ListOrder::Life, ListFilter::default(), None, 10).await.unwrap();
    assert_eq!(listed.tasks.iter().map(|task| task.id).collect::<Vec<_>>(), [ours]);
    let taken = claim(store.as_ref()).await.unwrap();
    assert_eq!(taken.task.id, ours, "the next that it is able to read");
    store.finish(ours, taken.token, success(&taken)).await.unwrap();
    assert!(claim(store.as_ref()).await.is_none());
    assert_eq!(store.sweep(10).await.unwrap().tasks, 0);
    assert_eq!(server.admin::<Vec<String>>(&["HGETALL", &key]), before);

    // The newer program gives it back in the form that both know.
    server.admin::<()>(&["HSET", &key, "v", "1"]);
    assert_eq!(claim(store.as_ref()).await.unwrap().task.id, newer);
}

#[tokio::test]
async fn a_claim_of_a_newer_program_is_not_reaped_by_an_older() {
    let server = RedisServer::durable();
    let store = open(&server.url()).await;
    let uid = uid(store.as_ref()).await;
    let (newer, ours) = (enqueue(store.as_ref(), uid).await, enqueue(store.as_ref(), uid).await);
    claim(store.as_ref()).await.unwrap();
    claim(store.as_ref()).await.unwrap();
    let key = format!("{PREFIX}task:{newer}");
    server.admin::<()>(&["HSET", &key, "v", "2"]);
    server.end_leases();
    // Opening looks for lost workers before it returns.
    let other = open_with(&server.url(), Tuning { reap_every: Duration::from_mins(10), ..Tuning::default() }).await;
    assert_eq!(other.task(ours).await.unwrap().unwrap().status, Status::Queued);
    assert_eq!(server.admin::<String>(&["HGET", &key, "status"]), "started");
    server.admin::<()>(&["HSET", &key, "v", "1"]);
    assert!(matches!(other.cancel(newer, None).await.unwrap(), CancelOutcome::Requested | CancelOutcome::Revoked));
}

async fn of_anna(store: &dyn Store) -> Result<Uid, StoreError> {
    let uid = Uid::random();
    store.add_uid(uid, ClientId("anna".to_owned()), None).await.map(|_| uid)
}

#[tokio::test]
async fn uids_that_an_older_program_made_or_forgot_take_no_room_of_their_client() {
    let server = RedisServer::durable();
    let limited = StoreOptions { uids_per_client: 2, ..options() };
    let store: Arc<dyn Store> = RedisStore::open(&server.url(), limited, Tuning::default()).await.unwrap();
    let full = async || matches!(of_anna(store.as_ref()).await, Err(StoreError::TooManyUidsOfClient { limit: 2 }));
    let list = format!("{PREFIX}uids:anna");
    let (made, mut uids) = (of_anna(store.as_ref()).await.unwrap(), Vec::new());
    // As an older program makes it.
    server.admin::<()>(&["SREM", &list, &made.expose()]);
    for _ in 0..2 {
        uids.push(of_anna(store.as_ref()).await.unwrap());
    }
    assert!(full().await);
    store.delete_uid(made).await.unwrap();
    assert!(full().await, "who was not counted leaves no room");

    // As an older program forgets it.
    let (gone, tag) = (uids[0].expose(), uids[0].tag());
    server.admin::<()>(&["DEL", &format!("{PREFIX}uid:{gone}")]);
    server.admin::<()>(&["ZREM", &format!("{PREFIX}tags"), &format!("{tag}:{gone}")]);
    server.admin::<()>(&["SREM", &format!("{PREFIX}keyless"), &gone]);
    server.admin::<()>(&["ZREM", &format!("{PREFIX}idle:keyless"), &gone]);
    uids[0] = of_anna(store.as_ref()).await.unwrap();
    assert!(full().await);
    for uid in uids {
        store.delete_uid(uid).await.unwrap();
    }
    assert_eq!(server.admin::<u64>(&["EXISTS", &list]), 0);
}
