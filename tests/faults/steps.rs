//! K2: a server dies right before and right after each step of a task's life, and every accepted task ends.
//!
//! The steps are scripts in Redis; the proxy stops the server exactly there. What a server does to blobs lies between
//! them: an input is on disk before the enqueue, a result before the finish, what was swept is removed behind the sweep.

use cipherdeck::task::{Status, TaskId};
use serde_json::Value;
use tokio::task::JoinHandle;

use super::{
    clients::{Clients, End, Entry},
    cluster::{Cluster, Kind},
    kills::stop,
    ledger::{Figures, sweep},
    proxy::{Moment, Proxy},
    questions::Question,
    rounds,
};
use crate::support::{
    process::ServerProcess,
    wait::{DEADLINE, ended},
};

/// A cluster of one server, behind a proxy.
struct World {
    cluster: Cluster,
    proxy: Proxy,
    server: Option<ServerProcess>,
    clients: Clients,
}

impl World {
    async fn new() -> Self {
        let cluster = Cluster::new();
        let proxy = Proxy::start(&cluster.redis).await;
        let server = start(&cluster, &proxy);
        let clients = Clients::register(&[&server.url], 1, false).await;
        Self { cluster, proxy, server: Some(server), clients }
    }

    /// A client that asks, and goes on asking whatever happens.
    fn ask(&self, number: usize, question: Question) -> JoinHandle<Entry> {
        let clients = self.clients.clone();
        tokio::spawn(async move { clients.one(number, &question).await })
    }

    /// The server dies; the next one takes over what it had, without waiting for the lease: nobody else is there.
    fn dies(&mut self) {
        self.server.take().unwrap().kill();
        self.cluster.redis.end_leases();
        let server = start(&self.cluster, &self.proxy);
        self.clients.turn_to(&[&server.url]);
        self.server = Some(server);
    }

    /// The server dies at this step of a task's way to its answer.
    async fn dies_on_the_way(&mut self, number: usize, step: &str, moment: Moment, order: &str) -> TaskId {
        let stopped = self.proxy.stop_at(step, moment);
        let client = self.ask(number, Question::work(&format!("{step}-{moment:?}-{number}"), order));
        stopped.reached(&format!("{moment:?} {step}")).await;
        self.dies();
        let entry = client.await.unwrap();
        assert_eq!(entry.end, Some(End::Right), "{moment:?} {step}");
        entry.id
    }

    /// The server dies while an operator queues an ended task again, which then ends a second time.
    async fn dies_at_a_requeue(&mut self, number: usize, moment: Moment) -> TaskId {
        let entry = self.ask(number, Question::work(&format!("requeued-{moment:?}-{number}"), "echo")).await.unwrap();
        let stopped = self.proxy.stop_at("OPERATE", moment);
        let asked = tokio::spawn(requeue(self.clients.clone(), self.server.as_ref().unwrap().url.clone(), entry.id));
        stopped.reached(&format!("{moment:?} the requeue")).await;
        self.dies();
        assert!(asked.await.unwrap().is_none(), "the operator got no answer");
        if moment == Moment::Before {
            let url = self.server.as_ref().unwrap().url.clone();
            assert_eq!(requeue(self.clients.clone(), url, entry.id).await.unwrap()["answer"], "done");
        }
        let store = self.cluster.store().await;
        let task = ended(&store, entry.id).await;
        assert_eq!(task.status, Status::Success, "it ended a second time, and was not fetched since");
        store.close().await;
        entry.id
    }
}

fn start(cluster: &Cluster, proxy: &Proxy) -> ServerProcess {
    cluster.start_with(Kind::Plain, "all", &[("STORE__URL", &proxy.url())])
}

async fn requeue(clients: Clients, url: String, id: TaskId) -> Option<Value> {
    let request = clients.http().post(format!("{url}/operator/tasks/{id}/requeue")).json(&serde_json::json!({}));
    request.send().await.ok()?.json().await.ok()
}

/// The script of each step on the way to an answer, and an order that takes a task through it.
const WAY: [(&str, &str); 7] = [
    ("KEY", "echo"),
    ("ENQUEUE", "echo"),
    ("CLAIM", "echo"),
    ("HEARTBEAT", "run 1500"),
    ("FINISH", "echo"),
    ("TASK", "echo"),
    ("FETCHED", "echo"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k2_a_server_dies_before_and_after_each_step_and_every_accepted_task_ends() {
    let (mut world, mut requeued, mut number) = (World::new().await, Vec::new(), 0);
    for _ in 0..rounds(5, 1) {
        for moment in [Moment::Before, Moment::After] {
            for (step, order) in WAY {
                number += 1;
                world.dies_on_the_way(number, step, moment, order).await;
            }
            number += 1;
            requeued.push(world.dies_at_a_requeue(number, moment).await);
        }
    }
    stop(vec![world.server.take().unwrap()]);
    let successes = |id| 1 + usize::from(requeued.contains(&id));
    let figures = Figures::with_successes(&world.cluster, &world.clients, successes).await;
    let besides =
        format!("{number} deaths, each at a step that was reached; failed requests {:?}", world.clients.failures());
    figures.settle("K2 steps", &besides);
    assert_eq!(figures.accepted, number);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k2_a_server_that_dies_while_it_takes_up_what_another_had_leaves_it_to_the_next() {
    let mut world = World::new().await;
    for moment in [Moment::Before, Moment::After] {
        let gate = world.cluster.file(&format!("gate-{moment:?}"));
        let name = format!("taken-up-{moment:?}");
        let stopped = world.proxy.stop_at("HEARTBEAT", Moment::Before);
        let client = world.ask(0, Question::work(&name, &format!("deaf {}", gate.display())));
        stopped.reached("a heartbeat").await;
        world.server.take().unwrap().kill();
        world.cluster.redis.end_leases();
        // The first thing that a server does is to look for lost workers.
        let stopped = world.proxy.stop_at("REAP", moment);
        let heir = world.cluster.spawn(Kind::Plain, "all", &[("STORE__URL", &world.proxy.url())]);
        stopped.reached("the look for lost workers").await;
        heir.kill();
        super::cluster::open_gate(&gate);
        world.server = Some(start(&world.cluster, &world.proxy));
        world.clients.turn_to(&[&world.server.as_ref().unwrap().url]);
        assert_eq!(client.await.unwrap().end, Some(End::Right));
        assert_eq!(world.cluster.runs(&name).len(), 2);
    }
    stop(vec![world.server.take().unwrap()]);
    Figures::of(&world.cluster, &world.clients).await.settle("K2 heir", "2 heirs died at once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k2_a_server_that_dies_in_the_sweep_leaves_neither_a_reference_to_nothing_nor_garbage_for_ever() {
    for moment in [Moment::Before, Moment::After] {
        let cluster = Cluster::new();
        let proxy = Proxy::start(&cluster.redis).await;
        let (url, short) = (proxy.url(), ("RETENTION__RESULT_TTL_S", "1"));
        // Its only sweep is the one at its start.
        let settings = [("STORE__URL", url.as_str()), short, ("RETENTION__SWEEP_EVERY_S", "86400")];
        let server = cluster.start_with(Kind::Plain, "all", &settings);
        let clients = Clients::register(&[&server.url], 1, false).await;
        let entry = clients.one(0, &Question::work("swept", "echo")).await;
        server.kill();
        let store = cluster.store().await;
        let expires = store.task(entry.id).await.unwrap().unwrap().expires.unwrap();
        let clock = || -> Vec<String> { cluster.redis.admin(&["TIME"]) };
        while clock()[0].parse::<i64>().unwrap() * 1_000 <= expires.millis() {
            tokio::task::yield_now().await;
        }
        let stopped = proxy.stop_at("SWEEP", moment);
        let sweeping = cluster.spawn(Kind::Plain, "all", &settings);
        stopped.reached(&format!("{moment:?} the sweep")).await;
        sweeping.kill();
        let left = store.task(entry.id).await.unwrap();
        assert_eq!(left.is_some(), moment == Moment::Before);
        if let Some(result) = left.and_then(|task| task.result) {
            cluster.blobs().get(&result).await.expect("what is referred to is there");
        }
        let next = cluster.start_with(Kind::Plain, "all", &settings);
        let gone = async { while store.task(entry.id).await.unwrap().is_some() {} };
        tokio::time::timeout(DEADLINE, gone).await.expect("the next server sweeps it");
        stop(vec![next]);
        let swept = sweep(&cluster, &store).await;
        let left: Vec<_> = cluster.blobs().list().await.unwrap();
        eprintln!("K2 sweep, {moment:?}: {swept} blobs were left to the sweep of orphans");
        assert!(left.is_empty(), "{left:?}");
        store.close().await;
    }
}
