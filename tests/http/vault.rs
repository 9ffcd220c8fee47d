//! Key blobs that several uids share.

use bytes::Bytes;
use cipherdeck::{
    blobs::Incoming,
    store::{AttachKey, DeleteUid},
    task::{ClientId, Uid},
};
use futures::future::join;

use super::harness::Deck;

async fn incoming(deck: &Deck, bytes: &'static [u8]) -> Incoming {
    let mut writer = deck.state.blobs.writer();
    writer.write(Bytes::from_static(bytes)).await.unwrap();
    writer.finish().await.unwrap()
}

async fn add(deck: &Deck) -> Uid {
    let (uid, key) = (Uid::random(), incoming(deck, b"the same key").await);
    deck.state.vault.add(uid, ClientId(uid.tag()), Some(key)).await.unwrap();
    uid
}

async fn delete(deck: &Deck, uid: Uid) {
    match deck.state.store.delete_uid(uid).await.unwrap() {
        DeleteUid::Deleted { garbage, .. } => deck.state.vault.remove(garbage).await,
        DeleteUid::Unknown => panic!("it was added"),
    };
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shared_key_is_never_deleted_while_another_uid_is_getting_it() {
    let deck = Deck::start();
    let mut last = add(&deck).await;
    for _ in 0..40 {
        let (next, ()) = join(add(&deck), delete(&deck, last)).await;
        let key = deck.state.store.key(next).await.unwrap().unwrap().key.unwrap();
        assert_eq!(deck.state.blobs.get(&key).await.unwrap(), "the same key");
        last = next;
    }
    delete(&deck, last).await;
    assert!(deck.blobs().await.is_empty());
}

#[tokio::test]
async fn what_is_refused_leaves_no_blob_and_takes_none_from_others() {
    let deck = Deck::start();
    let key = incoming(&deck, b"the same key").await;
    assert_eq!(deck.state.vault.attach(Uid::random(), key).await.unwrap(), AttachKey::Unknown);
    assert!(deck.blobs().await.is_empty());
    let uid = add(&deck).await;
    let key = incoming(&deck, b"the same key").await;
    assert_eq!(deck.state.vault.attach(uid, key).await.unwrap(), AttachKey::HasKey);
    assert_eq!(deck.blobs().await.len(), 1);
}

#[tokio::test]
async fn orphans_are_only_what_nothing_refers_to() {
    let deck = Deck::start();
    add(&deck).await;
    let used = deck.blobs().await;
    deck.state.blobs.put("keys/orphan", Bytes::from_static(b"x")).await.unwrap();
    assert_eq!(deck.state.vault.remove_orphans(deck.blobs().await).await.unwrap(), 1);
    assert_eq!(deck.blobs().await, used);
}
