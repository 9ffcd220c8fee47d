//! What operators change besides cancelling and requeueing: what the keys do in the store. And what viewers cannot do.

use cipherdeck::{console::Exit, task::Status};
use crossterm::event::KeyCode;

use super::world::{World, short};
use crate::support::wait::task_with;

#[tokio::test]
async fn ended_tasks_are_deleted_with_their_blobs() {
    let world = World::new().await;
    let id = world.submit(0).await;
    let blob = world.succeed(&world.claim().await).await;
    let mut console = world.console(120, 40);
    console.screen.until("✓ success").await;
    console.keys("X").await;
    console.screen.until("Delete 1 task?").await;
    console.keys("y").await;
    console.screen.until("1 task deleted").await;
    console.screen.until("no tasks yet").await;
    assert_eq!(world.store.task(id).await.unwrap(), None);
    for name in [blob, format!("inputs/{id}")] {
        assert!(!world.blobs.exists(&name).await.unwrap(), "{name}");
    }
}

#[tokio::test]
async fn a_raised_task_overtakes_and_a_lowered_one_falls_back() {
    let world = World::new().await;
    let ids = [world.submit(0).await, world.submit(0).await, world.submit(0).await];
    let mut console = world.console(120, 40);
    console.screen.until(&short(ids[2])).await;
    console.key(KeyCode::End).await;
    for (key, priority, place) in [("+", 1, 1), ("-", 0, 3), ("-", -1, 3)] {
        console.keys(key).await;
        console.screen.until(&ids[2].to_string()).await;
        console.keys("y").await;
        console.screen.until_gone(&ids[2].to_string()).await;
        loop {
            let task = world.store.task(ids[2]).await.unwrap().unwrap();
            if task.priority == priority {
                break;
            }
            tokio::task::yield_now().await;
        }
        assert_eq!(world.store.position(ids[2]).await.unwrap().unwrap().place, place);
        console.screen.until("1 task").await;
    }
}

#[tokio::test]
async fn a_queue_is_paused_and_resumed() {
    let world = World::new().await;
    world.submit(0).await;
    let mut console = world.console(120, 40);
    console.screen.until("○ queued").await;
    console.keys("P").await;
    console.screen.until("ad_targeting").await;
    console.keys("P").await;
    let screen = console.screen.until("Pause the queue of weight_stats?").await;
    assert!(screen.contains("1 waiting tasks"), "{screen}");
    console.keys("y").await;
    console.screen.until("1 queue paused").await;
    assert_eq!(world.store.paused().await.unwrap(), ["weight_stats"]);
    console.keys("P").await;
    console.screen.until("1  paused").await;
    console.keys("P").await;
    console.screen.until("Resume the queue of weight_stats?").await;
    console.keys("y").await;
    console.screen.until("1 queue resumed").await;
    assert!(world.store.paused().await.unwrap().is_empty());
}

#[tokio::test]
async fn all_that_match_a_filter_are_gathered_and_acted_on() {
    let world = World::new().await;
    let ids = futures::future::join_all((0..300).map(|n| world.submit(n))).await;
    let mut console = world.console(120, 40);
    console.screen.until("of 300").await;
    console.keys("/use:weight state:queued age<1h").await;
    console.key(KeyCode::Enter).await;
    console.screen.until("of ≥").await;
    console.keys("A").await;
    console.screen.until("100 selected").await;
    console.keys("C").await;
    console.screen.until("Cancel 100 tasks?").await;
    console.keys("y").await;
    console.screen.until("100 tasks cancelled").await;
    for (n, id) in ids.iter().enumerate() {
        let expected = if n % 3 == 0 { Status::Revoked } else { Status::Queued };
        task_with(&world.store, *id, expected).await;
    }
}

#[tokio::test]
async fn an_age_in_the_filter_is_counted_from_the_submission() {
    let world = World::new().await;
    world.submit(0).await;
    let mut console = world.console(120, 40);
    console.screen.until("○ queued").await;
    console.keys("/age>1h").await;
    console.key(KeyCode::Enter).await;
    console.screen.until("nothing matches the filter").await;
    console.key(KeyCode::Esc).await;
    console.screen.until("1–1 of 1").await;
    console.keys("/age<1h").await;
    console.key(KeyCode::Enter).await;
    console.screen.until("1–1 of 1").await;
}

#[tokio::test]
async fn who_may_only_look_changes_nothing() {
    let world = World::new().await;
    let id = world.submit(0).await;
    let mut console = world.viewer(120, 40);
    console.screen.until(&short(id)).await;
    console.keys("Cy+yXyqD").await;
    console.key(KeyCode::Esc).await;
    console.keys("3").await;
    console.screen.until("no run").await;
    console.keys("Eq").await;
    console.screen.until("Leave the dashboard?").await;
    console.keys("l").await;
    assert_eq!(console.ended().await, Exit::Leave);
    let task = world.store.task(id).await.unwrap().unwrap();
    assert_eq!((task.status, task.priority), (Status::Queued, 0));
    assert!(
        std::fs::read_dir(world.dir.path())
            .unwrap()
            .all(|entry| { entry.unwrap().path().extension().is_none_or(|extension| extension != "csv") })
    );
}
