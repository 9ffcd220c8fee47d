//! Connections that are opened for nothing: closed at once, or kept by the thousand.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::AsyncReadExt as _,
    sync::Semaphore,
    time::{MissedTickBehavior, interval},
};

use super::{
    place::{Place, connect},
    round::{Attack, withstands},
};

/// Connections that are opened and closed, a second.
const RATE: u64 = 1_000;

/// Connections that are kept: more than the server has places for.
const IDLE: usize = 3_000;

#[test]
fn connections_that_are_closed_at_once_cost_nobody_else_anything() {
    let place = Place::open(&[]);
    let opened = Arc::new(AtomicUsize::new(0));
    let attack = |attack: &Attack| {
        let (target, opened) = (attack.target, Arc::clone(&opened));
        opened.store(0, Ordering::Relaxed);
        let begun = Arc::new(Semaphore::new(0));
        let told = Arc::clone(&begun);
        attack.send(async move {
            let mut pace = interval(Duration::from_millis(10));
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                pace.tick().await;
                let some = (0..RATE as usize / 100).map(async |_| {
                    let stream = connect(target, opened.fetch_add(1, Ordering::Relaxed)).await;
                    // Every other one is reset instead of closed in order.
                    if let Ok(stream) = stream
                        && opened.load(Ordering::Relaxed).is_multiple_of(2)
                    {
                        let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
                    }
                });
                futures::future::join_all(some).await;
                told.add_permits(1);
            }
        });
        drop(attack.wait(begun.acquire_many(10)).expect("it is open"));
    };
    let check = |_: &Attack| {
        let opened = opened.load(Ordering::Relaxed);
        eprintln!("{opened} connections opened and closed");
        assert!(opened > 300, "an attack of {opened} connections is none");
    };
    withstands(&place, "a flood of connections", attack, check);
}

#[test]
fn thousands_of_idle_connections_give_way_to_those_who_ask() {
    let place = Place::open(&[]);
    let attack = |attack: &Attack| {
        let connected = Arc::new(Semaphore::new(0));
        for number in 0..IDLE {
            let (target, connected) = (attack.target, Arc::clone(&connected));
            attack.send(async move {
                let mut told = false;
                // Whoever is sent away comes back a moment later.
                let mut pace = interval(Duration::from_secs(2));
                pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
                loop {
                    pace.tick().await;
                    let Ok(mut stream) = connect(target, number).await else { continue };
                    if !std::mem::replace(&mut told, true) {
                        connected.add_permits(1);
                    }
                    let _ = stream.read_u8().await;
                }
            });
        }
        drop(attack.wait(connected.acquire_many(IDLE as u32)).expect("it is open"));
    };
    withstands(&place, "3,000 idle connections", attack, |_| ());
}
