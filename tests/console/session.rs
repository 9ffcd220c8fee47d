//! A console over a real store: what it shows and what its keys do there.

use std::time::Duration;

use cipherdeck::{
    console::Exit,
    store::{Beat, CancelOutcome},
    task::{Status, TaskId},
};
use crossterm::event::{Event, KeyCode};

use super::world::{Console, World, short};
use crate::support::wait::task_with;

#[tokio::test]
async fn a_task_is_shown_from_queue_to_end_as_it_happens() {
    let world = World::new().await;
    let console = world.console(160, 45);
    console.screen.until("no tasks yet").await;
    let id = world.submit(0).await;
    let screen = console.screen.until(&short(id)).await;
    assert!(screen.contains("○ queued") && screen.contains("All 1") && screen.contains("#1"), "{screen}");
    let claim = world.claim().await;
    console.screen.until("▸ started").await;
    let screen = console.screen.until("testhost/7").await;
    assert!(screen.contains("Started 1") && screen.contains("0 %"), "{screen}");
    world.store.heartbeat(vec![Beat { task: id, token: claim.token, progress: 0.5 }]).await.unwrap();
    console.screen.until("50 %").await;
    world.succeed(&claim).await;
    let screen = console.screen.until("✓ success").await;
    assert!(screen.contains("result ready") && screen.contains("rate 0.2/min"), "{screen}");
    world.store.delete(id).await.unwrap();
    console.screen.until("no tasks yet").await;
}

#[tokio::test]
async fn cancelling_a_queued_task_revokes_it_and_says_so() {
    let world = World::new().await;
    let (one, other) = (world.submit(0).await, world.submit(1).await);
    let mut console = world.console(80, 24);
    console.screen.until(&short(other)).await;
    console.keys("jC").await;
    console.screen.until(&other.to_string()).await;
    assert_eq!(world.store.task(other).await.unwrap().unwrap().status, Status::Queued, "nothing happens before y");
    console.keys("y").await;
    console.screen.until("✓ 1 task cancelled").await;
    task_with(&world.store, other, Status::Revoked).await;
    console.screen.until("– revoked").await;
    assert_eq!(world.store.task(one).await.unwrap().unwrap().status, Status::Queued);
}

#[tokio::test]
async fn cancelling_a_running_task_asks_its_worker_to_stop() {
    let world = World::new().await;
    let id = world.submit(0).await;
    let claim = world.claim().await;
    let mut console = world.console(120, 40);
    console.screen.until("▸ started").await;
    console.keys("C").await;
    console.screen.until("stops at its next step, as revoked").await;
    console.keys("y").await;
    console.screen.until("1 stops at its next step").await;
    console.screen.until("◌ cancelling").await;
    assert!(world.store.task(id).await.unwrap().unwrap().cancelling);
    world.store.finish(id, claim.token, cipherdeck::store::Outcome::Revoked).await.unwrap();
    console.screen.until("– revoked").await;
}

#[tokio::test]
async fn requeueing_queues_the_task_again_and_removes_its_former_result() {
    let world = World::new().await;
    let id = world.submit(0).await;
    let claim = world.claim().await;
    let blob = world.succeed(&claim).await;
    let mut console = world.console(120, 40);
    console.screen.until("✓ success").await;
    console.keys("R").await;
    console.screen.until("the unfetched result is dropped").await;
    assert!(world.blobs.exists(&blob).await.unwrap());
    console.keys("y").await;
    console.screen.until("✓ 1 task queued again").await;
    console.screen.until("○ queued").await;
    let task = world.store.task(id).await.unwrap().unwrap();
    assert_eq!((task.status, task.attempt, task.result), (Status::Queued, 0, None));
    assert!(!world.blobs.exists(&blob).await.unwrap(), "the former result is gone");
    assert!(world.blobs.exists(&format!("inputs/{id}")).await.unwrap(), "the input is kept");
}

#[tokio::test]
async fn what_the_store_refused_or_no_longer_has_is_counted() {
    let world = World::new().await;
    let ids: Vec<TaskId> = futures::future::join_all((0..5).map(|n| world.submit(n))).await;
    let mut console = world.console(80, 24);
    console.screen.until("Queued 5").await;
    console.keys("aC").await;
    console.screen.until("Cancel 5 tasks?").await;
    // Meanwhile somebody else cancels two of them, and deletes one of those.
    for id in &ids[..2] {
        assert_eq!(world.store.cancel(*id, None).await.unwrap(), CancelOutcome::Revoked);
    }
    world.store.delete(ids[0]).await.unwrap();
    console.keys("y").await;
    console.screen.until("3 tasks cancelled, 1 refused (is revoked), 1 gone").await;
}

#[tokio::test]
async fn a_long_queue_is_paged_by_the_store() {
    let world = World::new().await;
    futures::future::join_all((0..1_000).map(|n| world.submit(n))).await;
    let mut console = world.console(80, 24);
    console.screen.until("1–13 of 1,000").await;
    console.keys("n").await;
    let screen = console.screen.until("14–26 of 1,000").await;
    for place in 14..=26 {
        assert!(screen.contains(&format!("#{place} ")), "place {place} in:\n{screen}");
    }
    console.keys("n").await;
    console.screen.until("27–39 of 1,000").await;
    console.key(KeyCode::Up).await;
    console.screen.until("14–26 of 1,000").await;
    console.keys("g").await;
    console.screen.until("1–13 of 1,000").await;
    // What is claimed leaves the queue, and everybody else moves up.
    world.claim().await;
    console.key(KeyCode::Right).await;
    console.screen.until("1–13 of 999").await;
    // The store reads as many as the screen shows.
    console.screen.resize(80, 50);
    console.send(Event::Resize(80, 50)).await;
    console.screen.until_gone("1–13 of 999").await;
    console.screen.until(" of 999").await;
}

#[tokio::test]
async fn pages_of_all_tasks_go_from_running_over_waiting_to_ended() {
    let world = World::new().await;
    for n in 0..12 {
        world.submit(n).await;
    }
    for _ in 0..5 {
        world.succeed(&world.claim().await).await;
    }
    world.claim().await;
    let mut console = world.console(80, 16);
    // Nine rows: one runs, six wait, two of five have ended.
    let screen = console.screen.until("1–9 of 12").await;
    let states: Vec<_> = screen
        .lines()
        .filter_map(|line| line.split_whitespace().find(|word| ["started", "queued", "success"].contains(word)))
        .filter(|_| true)
        .collect();
    let listed = |word: &str| states.iter().filter(|state| **state == word).count();
    // One more "queued" is in the header.
    assert_eq!((listed("started"), listed("queued"), listed("success")), (1, 7, 2), "{screen}");
    console.keys("n").await;
    console.screen.until("10–12 of 12").await;
}

#[tokio::test]
async fn a_filter_is_answered_by_the_store() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for n in 0..30 {
        ids.push(world.submit(n).await);
    }
    let mut console = world.console(80, 24);
    console.screen.until("of 30").await;
    console.keys("/use:sl").await;
    console.key(KeyCode::Enter).await;
    console.screen.until("1–10 of 10").await;
    console.key(KeyCode::Esc).await;
    console.screen.until("of 30").await;
    console.keys(&format!("/{}", ids[20])).await;
    console.key(KeyCode::Enter).await;
    let screen = console.screen.until("1–1 of 1").await;
    assert!(screen.contains(&short(ids[20])) && screen.contains("#21"), "{screen}");
    console.keys(&format!("/uid:{}", world.uid.tag())).await;
    console.key(KeyCode::Esc).await;
    console.key(KeyCode::Esc).await;
    console.keys("/uid:0123456789").await;
    console.key(KeyCode::Enter).await;
    console.screen.until("nothing matches the filter").await;
}

#[tokio::test]
async fn a_frozen_screen_stays_until_it_is_released() {
    let world = World::new().await;
    let first = world.submit(0).await;
    let mut console = world.console(80, 24);
    console.screen.until(&short(first)).await;
    console.keys("f").await;
    console.screen.until("frozen").await;
    let mut events = world.store.events();
    let second = world.submit(1).await;
    events.recv().await.unwrap();
    console.keys("t").await;
    let screen = console.screen.until("colours: light").await;
    assert!(!screen.contains(&short(second)), "{screen}");
    console.keys("f").await;
    console.screen.until(&short(second)).await;
    console.screen.until("● live").await;
}

#[tokio::test(flavor = "current_thread")]
async fn dropped_events_are_said_and_the_list_is_right_all_the_same() {
    let world = World::with_backlog(8).await;
    let mut console = world.console(80, 24);
    console.screen.until("no tasks yet").await;
    // This thread draws: while it submits from another one, the console cannot listen.
    let world = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { futures::future::join_all((0..40).map(|n| world.submit(n))).await });
        world
    })
    .join()
    .unwrap();
    console.screen.until("changes dropped, list reloaded").await;
    console.screen.until("1–13 of 40").await;
    console.keys("ql").await;
    assert_eq!(console.ended().await, Exit::Leave);
    drop(world);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_seen_and_the_last_data_stay() {
    let world = World::new().await;
    let id = world.submit(0).await;
    let mut console = world.console(120, 40);
    console.screen.until(&short(id)).await;
    world.store.close().await;
    console.keys("C").await;
    console.screen.until("Cancel 1 task?").await;
    console.keys("y").await;
    console.screen.until("1 failed").await;
    let screen = console.screen.until("store unreachable").await;
    assert!(screen.contains("stale since") && screen.contains(&short(id)), "{screen}");
    console.keys("ql").await;
    assert_eq!(console.ended().await, Exit::Leave);
}

#[tokio::test]
async fn details_show_a_task_to_its_end_also_when_it_has_left_the_list() {
    let world = World::new().await;
    let id = world.submit(0).await;
    let mut console = world.console(160, 45);
    console.screen.until(&short(id)).await;
    console.key(KeyCode::Right).await;
    console.screen.until("RECEIVED").await;
    console.key(KeyCode::Enter).await;
    console.screen.until(&id.to_string()).await;
    let claim = world.claim().await;
    console.screen.until("nothing waits").await;
    console.screen.until("testhost:1:0/7").await;
    world.succeed(&claim).await;
    let screen = console.screen.until("✓ success").await;
    assert!(screen.contains(&id.to_string()), "{screen}");
    console.keys("y").await;
    console.screen.until("copied").await;
    assert_eq!(console.screen.clipboard(), id.to_string());
}

#[tokio::test]
async fn machine_samples_are_taken_while_something_waits_or_runs() {
    let world = World::new().await;
    let host = world.host();
    let sampler = host.sampler.clone();
    let console = Console::open(host, 80, 24);
    console.screen.until("not measured while idle").await;
    assert!(!sampler.is_running());
    let id = world.submit(0).await;
    console.screen.until("mem ").await;
    console.screen.until_gone("measuring").await;
    assert!(sampler.is_running());
    world.store.cancel(id, None).await.unwrap();
    console.screen.until("not measured while idle").await;
    let stopped = async {
        while sampler.is_running() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), stopped).await.expect("nobody looks any more");
}

#[tokio::test]
async fn every_way_out_is_told_apart() {
    let world = World::new().await;
    let opened = || async {
        let console = world.console(80, 24);
        console.screen.until("no tasks yet").await;
        console
    };
    let mut console = opened().await;
    console.keys("ql").await;
    assert_eq!(console.ended().await, Exit::Leave);
    let mut console = opened().await;
    console.keys("qD").await;
    assert_eq!(console.ended().await, Exit::Drain);
    let mut console = opened().await;
    console.ctrl_c().await;
    console.screen.until("Leave the dashboard?").await;
    console.ctrl_c().await;
    assert_eq!(console.ended().await, Exit::Leave);
    let console = opened().await;
    console.shutdown.cancel();
    assert_eq!(console.ended().await, Exit::Leave);
    assert_eq!(opened().await.hang_up().await, Exit::Leave);
}
