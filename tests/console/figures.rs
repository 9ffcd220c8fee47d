//! How quickly what happens is on the screen. The bounds are generous, for a busy machine; they notice what grows.

use std::time::{Duration, Instant};

use bytes::Bytes;
use cipherdeck::{
    store::NewTask,
    task::{ClientId, TaskId, Timestamp},
};

use super::world::{Console, USE_CASES, World, short};

/// Median time from a cancel in the store to its row on the screen, over several tasks.
async fn until_shown(world: &World, console: &Console, ids: &[TaskId]) -> Duration {
    let mut times = Vec::new();
    for id in ids {
        let began = Instant::now();
        world.store.cancel(*id, None).await.unwrap();
        console.screen.until_gone(&short(*id)).await;
        times.push(began.elapsed());
    }
    times.sort();
    times[times.len() / 2]
}

async fn fill(world: &World, count: usize) {
    let input = world.blobs.put("inputs/shared", Bytes::from_static(b"input")).await.unwrap();
    for _ in 0..count / 1_000 {
        let burst = (0..1_000).map(|_| {
            let (id, client) = (TaskId::random(), ClientId("client".to_owned()));
            let use_case = USE_CASES[0].to_owned();
            world.store.enqueue(NewTask {
                id,
                uid: world.uid,
                client,
                capability: use_case.clone(),
                use_case,
                input: input.clone(),
                idempotency_key: None,
                priority: 0,
                received: Timestamp::now(),
            })
        });
        futures::future::try_join_all(burst).await.unwrap();
    }
}

#[tokio::test]
async fn a_hundred_thousand_waiting_tasks_are_shown_as_quickly_as_ten() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(world.submit(0).await);
    }
    let mut console = world.console(120, 60);
    console.screen.until(&short(ids[19])).await;
    // The queue alone: what is cancelled leaves it.
    console.key(crossterm::event::KeyCode::Right).await;
    console.screen.until("WAITS").await;
    let few = until_shown(&world, &console, &ids[..10]).await;
    fill(&world, 100_000).await;
    console.screen.until("100,010").await;
    let many = until_shown(&world, &console, &ids[10..]).await;
    eprintln!("from a change to the screen: {few:?} with ten waiting tasks, {many:?} with 100,000");
    assert!(few < Duration::from_millis(500), "{few:?}");
    assert!(many < few * 3 + Duration::from_millis(100), "{many:?}, with ten tasks {few:?}");
}
