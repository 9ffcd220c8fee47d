//! What a pool says of itself, and what it is told through the register of nodes.

use std::time::Duration;

use cipherdeck::{
    store::{Node, Store},
    task::Status,
};

use super::{ECHO, PANIC, WAIT, World, task_with, worker_settings};

/// Waits until the only node is as wanted.
async fn node_when(store: &dyn Store, wanted: impl Fn(&Node) -> bool) -> Node {
    let looking = async {
        loop {
            if let Some(node) = store.nodes().await.unwrap().into_iter().find(&wanted) {
                return node;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), looking).await.expect("the node is as wanted")
}

#[tokio::test]
async fn a_pool_announces_its_slots_and_what_they_did() {
    let world = World::new(worker_settings(2, 60), false).await;
    let idle = node_when(&*world.store, |_| true).await;
    assert_eq!((idle.report.slots.len(), idle.report.threads), (2, 1));
    assert!(idle.report.slots.iter().all(|slot| slot.task.is_none() && slot.busy == Duration::ZERO));
    assert!(idle.report.keys.capacity > 0);

    let (good, bad) = (world.submit(ECHO).await, world.submit(PANIC).await);
    task_with(&world.store, good, Status::Success).await;
    task_with(&world.store, bad, Status::Failure).await;
    let long = world.submit(WAIT).await;
    let runs =
        |node: &Node| node.report.slots.iter().any(|slot| slot.task.as_ref().is_some_and(|task| task.id == long));
    let node = node_when(&*world.store, runs).await;
    let slots = &node.report.slots;
    assert_eq!(slots.iter().map(|slot| slot.done).sum::<u64>(), 1);
    assert_eq!(slots.iter().map(|slot| slot.failed).sum::<u64>(), 1);
    let slot = slots.iter().find(|slot| slot.task.is_some()).unwrap();
    let task = world.store.task(long).await.unwrap().unwrap();
    assert_eq!((Some(&slot.worker), Some(slot.since)), (task.worker.as_ref(), task.started));
    assert_eq!(slot.task.as_ref().unwrap().use_case, task.use_case);

    world.pool.drain(Duration::ZERO).await;
    assert!(world.store.nodes().await.unwrap().is_empty(), "it left in good order");
}

#[tokio::test]
async fn a_draining_slot_finishes_its_task_and_claims_no_more_until_it_may_again() {
    let world = World::new(worker_settings(1, 60), false).await;
    let running = world.submit(WAIT).await;
    let worker = task_with(&world.store, running, Status::Started).await.worker.unwrap();
    let waiting = world.submit(ECHO).await;
    let asked = std::time::Instant::now();
    assert_eq!(world.store.set_draining(&worker.0, true).await.unwrap(), vec![worker.clone()]);
    // Its own report says so: the slot has heard of it.
    let heard = |node: &Node| node.report.slots.iter().all(|slot| slot.draining);
    node_when(&*world.store, heard).await;
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    world.gate.open();
    task_with(&world.store, running, Status::Success).await;
    node_when(&*world.store, |node| node.report.slots[0].task.is_none() && node.report.slots[0].done == 1).await;
    assert_eq!(world.store.task(waiting).await.unwrap().unwrap().status, Status::Queued);
    assert_eq!(world.store.set_draining(&worker.0, false).await.unwrap().len(), 1);
    task_with(&world.store, waiting, Status::Success).await;
}
