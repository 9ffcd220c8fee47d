use std::sync::atomic::AtomicUsize;

use futures::{FutureExt as _, future::join_all};

use super::*;
use crate::fhe::test_keys::{COMPRESSED, SERVER};

/// Keys that differ in their digest only.
fn blob(number: u8) -> BlobRef {
    BlobRef { name: format!("keys/{number}"), len: COMPRESSED.len() as u64, digest: Digest::of(&[number]) }
}

/// A cache with room for so many keys.
fn room_for(keys: u64) -> KeyCache {
    KeyCache::new(keys * SERVER.memory_bytes() + 4_096)
}

fn loaded(admission: Admission) -> KeyLease {
    match admission {
        Admission::Ready(lease) => lease,
        Admission::Load(room) => room.load(|| Ok::<_, ()>(SERVER.clone())).unwrap(),
    }
}

async fn ask(cache: &KeyCache, number: u8) -> Admission {
    cache.admit(&blob(number), || ()).await
}

async fn key(cache: &KeyCache, number: u8) -> KeyLease {
    loaded(ask(cache, number).await)
}

#[tokio::test]
async fn keys_are_kept_within_the_budget_and_the_one_used_last_stays() {
    let cache = room_for(2);
    for number in [1, 2, 1, 3] {
        drop(key(&cache, number).await);
    }
    let stats = cache.stats();
    assert_eq!((stats.entries, stats.hits, stats.misses), (2, 1, 3));
    assert_eq!(stats.bytes, 2 * SERVER.memory_bytes());
    assert!(matches!(ask(&cache, 1).await, Admission::Ready(_)), "the key used last was thrown out");
    assert!(matches!(ask(&cache, 2).await, Admission::Load(_)));
}

#[tokio::test]
async fn a_key_that_does_not_fit_beside_those_in_use_waits_until_one_of_them_is_done() {
    let cache = room_for(2);
    let (first, second) = (key(&cache, 1).await, key(&cache, 2).await);
    let (mut told, blob) = (false, blob(3));
    let mut third = Box::pin(cache.admit(&blob, || told = true));
    assert!(third.as_mut().now_or_never().is_none());
    assert_eq!((cache.stats().waiting, cache.stats().bytes), (1, 2 * SERVER.memory_bytes()));
    drop(second);
    let third = third.await;
    assert!(told && matches!(third, Admission::Load(_)));
    assert_eq!((cache.stats().waiting, cache.stats().bytes), (0, 2 * SERVER.memory_bytes()));
    drop(loaded(third));
    drop(first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_keys_in_use_never_exceed_the_budget_however_many_ask() {
    let (cache, in_use, most) = (room_for(3), AtomicUsize::new(0), AtomicUsize::new(0));
    let task = async |number: u8| {
        for round in 0..20 {
            let key = key(&cache, number.wrapping_mul(7).wrapping_add(round) % 11).await;
            most.fetch_max(in_use.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            assert!(cache.stats().bytes <= cache.stats().capacity, "{:?}", cache.stats());
            tokio::task::yield_now().await;
            in_use.fetch_sub(1, Ordering::SeqCst);
            drop(key);
        }
    };
    join_all((0..8).map(task)).await;
    assert!((2..=8).contains(&most.into_inner()));
    let stats = cache.stats();
    assert_eq!((stats.hits + stats.misses, stats.waiting), (160, 0));
    assert!(cache.0.book.lock().keys.values().all(|entry| entry.users == 0));
}

#[tokio::test]
async fn nobody_overtakes_the_first_who_waits_and_whoever_gives_up_holds_nobody_up() {
    let cache = room_for(1);
    let first = key(&cache, 1).await;
    let mut other = Box::pin(ask(&cache, 2));
    assert!(other.as_mut().now_or_never().is_none());
    let mut same = Box::pin(ask(&cache, 1));
    assert!(same.as_mut().now_or_never().is_none(), "it would keep the other one waiting for ever");
    drop(first);
    let other = loaded(other.await);
    assert!(same.as_mut().now_or_never().is_none());
    drop(other);
    assert!(same.now_or_never().is_some());

    let cache = room_for(1);
    let first = key(&cache, 1).await;
    let mut given_up = Box::pin(ask(&cache, 2));
    assert!(given_up.as_mut().now_or_never().is_none());
    drop(given_up);
    assert!(matches!(ask(&cache, 1).await, Admission::Ready(_)));
    drop(first);
}

#[tokio::test]
async fn a_key_larger_than_the_budget_is_used_alone_and_not_kept() {
    let cache = KeyCache::new(SERVER.memory_bytes() / 2);
    let alone = key(&cache, 1).await;
    let mut next = Box::pin(ask(&cache, 2));
    assert!(next.as_mut().now_or_never().is_none());
    drop(alone);
    drop(loaded(next.await));
    assert_eq!((cache.stats().entries, cache.stats().bytes), (0, 0));
}

#[tokio::test]
async fn slots_that_ask_at_once_share_one_load() {
    let cache = room_for(10);
    let Admission::Load(room) = ask(&cache, 1).await else { panic!("it is there already") };
    let mut others: Vec<_> = (0..3).map(|_| Box::pin(key(&cache, 1))).collect();
    assert!(others.iter_mut().all(|other| other.as_mut().now_or_never().is_none()));
    let first = room.load(|| Ok::<_, ()>(SERVER.clone())).unwrap();
    let others = join_all(others).await;
    assert_eq!((cache.stats().misses, cache.stats().hits, cache.stats().entries), (1, 3, 1));
    drop((first, others));
}

#[tokio::test]
async fn a_failed_load_is_told_gives_its_room_back_and_is_tried_again() {
    let cache = room_for(1);
    let Admission::Load(room) = ask(&cache, 1).await else { panic!("it is there already") };
    let mut next = Box::pin(ask(&cache, 2));
    assert!(next.as_mut().now_or_never().is_none());
    assert_eq!(room.load(|| Err("gone")).err(), Some("gone"));
    drop(loaded(next.await));
    drop(key(&cache, 1).await);
    assert_eq!((cache.stats().entries, cache.stats().misses), (1, 3));
}
