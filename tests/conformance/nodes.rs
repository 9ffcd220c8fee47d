//! The register of nodes: who works, since when they were not heard of, and which slots are asked to claim nothing more.

use std::{collections::BTreeSet, time::Duration};

use cipherdeck::{
    store::{EventKind, FORGOTTEN_AFTER, KeyCacheReport, Node, NodeName, NodeReport, SlotReport, StoreError},
    task::WorkerName,
};

use super::{engine::Engine, world::World};

/// A node with two slots that do nothing.
fn report<E: Engine>(world: &World<E>, name: &str) -> NodeReport {
    let name = NodeName(name.to_owned());
    let slot = |index| SlotReport {
        worker: name.slot(index),
        device: "cpu".to_owned(),
        task: None,
        since: world.now(),
        done: 3,
        failed: 1,
        computed: Duration::from_millis(1_500),
        busy: Duration::from_millis(2_500),
        draining: false,
    };
    let slots = vec![slot(0), slot(1)];
    let keys = KeyCacheReport { entries: 2, bytes: 9, capacity: 10, hits: 4, misses: 5 };
    let (version, devices) = ("1.2.3".to_owned(), vec!["cpu".to_owned()]);
    NodeReport {
        name,
        version,
        started: world.now(),
        threads: 8,
        devices,
        slots,
        keys,
        bootstraps: 77,
        lease_ms: 4_000,
    }
}

async fn names<E: Engine>(world: &World<E>) -> Vec<String> {
    let nodes = world.store().nodes().await.unwrap();
    nodes.into_iter().map(|node| node.report.name.0).collect()
}

fn slots(names: &[&str]) -> Vec<WorkerName> {
    names.iter().map(|name| WorkerName((*name).to_owned())).collect()
}

pub(crate) async fn a_node_is_listed_as_it_reported_with_the_age_of_its_last_beat<E: Engine>() {
    let world = World::<E>::new().await;
    assert!(world.store().nodes().await.unwrap().is_empty());
    let (other, first) = (report(&world, "b:2:y"), report(&world, "a:1:x"));
    for report in [&other, &first] {
        assert!(world.store().announce(report.clone()).await.unwrap().is_empty());
    }
    let seen = world.now();
    world.advance(Duration::from_secs(4));
    let mut busier = other.clone();
    busier.bootstraps = 99;
    world.store().announce(busier.clone()).await.unwrap();
    let expected = [
        Node { report: first, draining: BTreeSet::new(), seen, age: Duration::from_secs(4) },
        Node { report: busier, draining: BTreeSet::new(), seen: world.now(), age: Duration::ZERO },
    ];
    assert_eq!(world.store().nodes().await.unwrap(), expected);
    world.step_clock(-60_000);
    assert!(world.store().nodes().await.unwrap().iter().all(|node| node.age == Duration::ZERO), "a clock stepped back");
}

pub(crate) async fn a_drain_is_told_and_heard_with_the_next_beat_until_it_is_taken_back<E: Engine>() {
    let world = World::<E>::new().await;
    let mine = report(&world, "a:1:x");
    world.store().announce(mine.clone()).await.unwrap();
    world.store().announce(report(&world, "b:2:y")).await.unwrap();
    let mut events = world.store().events();
    let one = slots(&["a:1:x/1"]);
    for _ in 0..2 {
        assert_eq!(world.store().set_draining("a:1:x/1", true).await.unwrap(), one);
    }
    let told = |worker: &str, draining| EventKind::Draining { worker: WorkerName(worker.to_owned()), draining };
    assert_eq!(events.recv().await.unwrap().kind, told("a:1:x/1", true));
    let heard = BTreeSet::from_iter(one);
    let nodes = world.store().nodes().await.unwrap();
    assert_eq!((&nodes[0].draining, &nodes[1].draining), (&heard, &BTreeSet::new()));
    for _ in 0..2 {
        assert_eq!(world.store().announce(mine.clone()).await.unwrap(), heard);
    }
    // The whole node: only what changes is told.
    assert_eq!(world.store().set_draining("a:1:x", true).await.unwrap(), slots(&["a:1:x/0", "a:1:x/1"]));
    assert_eq!(world.store().set_draining("a:1:x", false).await.unwrap().len(), 2);
    let expected = [told("a:1:x/0", true), told("a:1:x/0", false), told("a:1:x/1", false)];
    for kind in expected {
        assert_eq!(events.recv().await.unwrap().kind, kind);
    }
    assert!(events.try_recv().is_err());
    assert!(world.store().announce(mine).await.unwrap().is_empty());
}

pub(crate) async fn a_name_of_nobody_drains_nobody<E: Engine>() {
    let world = World::<E>::new().await;
    world.store().announce(report(&world, "a:1:x")).await.unwrap();
    for name in ["", "a", "a:1:x/2", "a:1:x/", "b:2:y", "%"] {
        assert!(world.store().set_draining(name, true).await.unwrap().is_empty(), "{name}");
    }
    assert!(world.store().announce(report(&world, "a:1:x")).await.unwrap().is_empty());
}

pub(crate) async fn who_leaves_is_gone_at_once_and_who_is_silent_is_forgotten<E: Engine>() {
    let world = World::<E>::new().await;
    for name in ["a:1:x", "b:2:y"] {
        world.store().announce(report(&world, name)).await.unwrap();
    }
    world.store().leave(NodeName("a:1:x".to_owned())).await.unwrap();
    assert_eq!(names(&world).await, ["b:2:y"]);
    world.advance(FORGOTTEN_AFTER - Duration::from_millis(1));
    assert_eq!(names(&world).await, ["b:2:y"]);
    world.advance(Duration::from_millis(1));
    assert!(names(&world).await.is_empty());
}

pub(crate) async fn what_a_node_says_of_its_draining_slots_holds_when_the_store_knows_nothing<E: Engine>() {
    let mut world = World::<E>::new().await;
    let mut mine = report(&world, "a:1:x");
    world.store().announce(mine.clone()).await.unwrap();
    world.store().set_draining("a:1:x/0", true).await.unwrap();
    mine.slots[0].draining = true;
    world.crash().await;
    let draining = world.store().announce(mine).await.unwrap();
    assert_eq!(draining, BTreeSet::from_iter(slots(&["a:1:x/0"])));
}

pub(crate) async fn a_closed_store_has_no_register<E: Engine>() {
    let world = World::<E>::new().await;
    world.store().close().await;
    let unavailable = |error: StoreError| assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    unavailable(world.store().nodes().await.unwrap_err());
    unavailable(world.store().announce(report(&world, "a:1:x")).await.unwrap_err());
    unavailable(world.store().set_draining("a:1:x", true).await.unwrap_err());
}
