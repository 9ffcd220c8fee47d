//! I12: a client with one task waits for at most one task of each other client at equal priority.

use cipherdeck::task::{TaskId, Uid};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::{
    engine::Engine, invariants::i12_at_most_one_task_of_each_other_client_goes_first, view::View, world::World,
};

pub(crate) async fn a_hundred_tasks_of_one_client_do_not_starve_another<E: Engine>() {
    let world = World::<E>::new().await;
    let (many, one) = (world.uid().await, world.uid().await);
    for _ in 0..100 {
        world.enqueue(many).await;
    }
    for _ in 0..30 {
        world.run_one().await;
        let single = world.enqueue(one).await;
        let place = world.store().position(single).await.unwrap().unwrap().place;
        assert!(place <= 2, "it waits at place {place}");
        if place == 2 {
            world.run_one().await;
        }
        assert_eq!(world.run_one().await, single);
    }
}

pub(crate) async fn clients_take_turns<E: Engine>() {
    let world = World::<E>::new().await;
    let uids = [world.uid().await, world.uid().await, world.uid().await];
    for uid in uids {
        for _ in 0..4 {
            world.enqueue(uid).await;
        }
    }
    for _ in 0..4 {
        let mut round = Vec::new();
        for _ in 0..3 {
            let id = world.run_one().await;
            round.push(world.task(id).await.uid);
        }
        assert_eq!(round, uids, "each client once a round, in order of arrival");
    }
}

pub(crate) async fn a_backlog_of_higher_priority_does_not_push_newcomers_back<E: Engine>() {
    let world = World::<E>::new().await;
    let (urgent, many, one) = (world.uid().await, world.uid().await, world.uid().await);
    for _ in 0..20 {
        world.enqueue(many).await;
        let mut new = world.new_task(urgent);
        new.priority = 5;
        world.store().enqueue(new).await.unwrap();
    }
    for _ in 0..20 {
        world.run_one().await;
    }
    let single = world.enqueue(one).await;
    assert!(world.store().position(single).await.unwrap().unwrap().place <= 2, "behind one of `many`, not twenty");
}

pub(crate) async fn a_client_that_cancels_everything_is_not_punished<E: Engine>() {
    let world = World::<E>::new().await;
    let (many, one) = (world.uid().await, world.uid().await);
    for _ in 0..20 {
        world.enqueue(many).await;
        let id = world.enqueue(one).await;
        world.store().cancel(id, None).await.unwrap();
    }
    let single = world.enqueue(one).await;
    assert!(world.store().position(single).await.unwrap().unwrap().place <= 2);
}

pub(crate) async fn fairness_holds_along_random_arrivals_and_over_a_crash<E: Engine>() {
    let mut world = World::<E>::new().await;
    let mut rng = StdRng::seed_from_u64(12);
    let mut uids: Vec<Uid> = Vec::new();
    for _ in 0..5 {
        uids.push(world.uid().await);
    }
    let mut checked = 0;
    for _ in 0..400 {
        match rng.random_range(0..100) {
            0..55 => {
                let uid = uids[rng.random_range(0..uids.len())];
                let mut new = world.new_task(uid);
                new.priority = rng.random_range(0..2);
                let id: TaskId = new.id;
                let view = View::read(world.store()).await;
                let alive = |task: &&cipherdeck::task::Task| !task.status.is_terminal();
                let idle = view.tasks.iter().filter(alive).all(|task| task.uid != uid);
                world.store().enqueue(new).await.unwrap();
                if idle {
                    i12_at_most_one_task_of_each_other_client_goes_first(&View::read(world.store()).await, id);
                    checked += 1;
                }
            }
            55..98 => {
                if let Some(claim) = world.claim().await {
                    world.succeed(&claim).await;
                    world.store().delete(claim.task.id).await.unwrap();
                }
            }
            _ => world.crash().await,
        }
    }
    assert!(checked > 20, "only {checked} newcomers");
}
