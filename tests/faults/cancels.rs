//! K6: cancels at one node of what waits, runs and has ended on another.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use cipherdeck::{
    store::Store,
    task::{Status, TaskId},
};
use serde_json::Value;

use super::{
    clients::Clients,
    cluster::{Cluster, Kind, open_gate},
    kills::stop,
    questions::Question,
    rounds,
};
use crate::support::{
    process::ServerProcess,
    wait::{task_when, task_with},
};

/// A remote cancel is heard within this, also where no event arrives.
const HEARD: Duration = Duration::from_millis(1_500);

struct World {
    cluster: Cluster,
    api: ServerProcess,
    worker: ServerProcess,
    clients: Clients,
    store: Arc<dyn Store>,
}

impl World {
    /// With a worker that knows Redis under this address.
    async fn new(cluster: Cluster, of_worker: &str) -> Self {
        let api = cluster.start(Kind::Plain, "api");
        let worker = cluster.start_with(Kind::Plain, "worker", &[("STORE__URL", of_worker)]);
        let clients = Clients::register(&[&api.url], 1, false).await;
        let store = cluster.store().await;
        Self { cluster, api, worker, clients, store }
    }

    async fn submit(&self, name: &str, order: &str) -> TaskId {
        self.clients.submitted(&self.api.url, 0, &Question::work(name, order)).await
    }

    /// Submits a job and waits until it runs.
    async fn running(&self, name: &str, order: &str) -> TaskId {
        let id = self.submit(name, order).await;
        let began = |task: &cipherdeck::task::Task| task.progress.is_some_and(|progress| progress > 0.0);
        task_when(&self.store, id, began).await;
        id
    }

    async fn post(&self, id: TaskId) -> Value {
        let form = [("task_id", id.to_string()), ("uid", self.clients.uid(0).to_owned())];
        let request = self.clients.http().post(format!("{}/cancel_task", self.api.url)).form(&form);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// The result as its owner gets it.
    async fn result(&self, id: TaskId) -> String {
        let query = [("task_name", "work"), ("task_id", &id.to_string()), ("uid", self.clients.uid(0))];
        let request = self.clients.http().get(format!("{}/get_task_result", self.api.url)).query(&query);
        request.send().await.unwrap().text().await.unwrap()
    }

    /// How long a running job goes on after its cancel.
    async fn cancelled_after(&self, name: &str) -> Duration {
        let id = self.running(name, "run 60000").await;
        let asked = Instant::now();
        let answer = self.post(id).await;
        assert!(answer["details"].as_str().unwrap().starts_with("Successfully cancelled"), "{answer}");
        task_with(&self.store, id, Status::Revoked).await;
        let took = asked.elapsed();
        assert_eq!(self.cluster.results_of(id), 0);
        took
    }

    async fn end(self) {
        stop(vec![self.worker, self.api]);
        self.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k6_what_waits_runs_or_has_ended_is_cancelled_over_http_and_nothing_comes_out_later() {
    let cluster = Cluster::in_memory();
    let url = cluster.redis.url();
    let world = World::new(cluster, &url).await;
    let gate = world.cluster.file("gate");
    let ended = world.submit("ended", "echo").await;
    task_with(&world.store, ended, Status::Success).await;
    // It does not listen, so that it computes a result although it is cancelled.
    let running = world.running("running", &format!("deaf {}", gate.display())).await;
    let waiting = world.submit("waiting", "echo").await;
    let last = world.submit("last", "echo").await;
    for _ in 0..2 {
        assert_eq!(world.post(waiting).await["status"], "revoked");
    }
    let answer = world.post(running).await;
    assert_eq!(
        (answer["status"].as_str(), answer["details"].as_str().unwrap().contains("next step")),
        (Some("started"), true)
    );
    let answer = world.post(ended).await;
    assert!(answer["details"].as_str().unwrap().starts_with("Cannot cancel"), "{answer}");
    open_gate(&gate);
    task_with(&world.store, running, Status::Revoked).await;
    // What was behind them runs; by then everything of the cancelled ones is over.
    task_with(&world.store, last, Status::Success).await;
    for id in [running, waiting] {
        let status: Value = serde_json::from_str(&world.result(id).await).unwrap();
        assert_eq!((status["status"].as_str(), world.cluster.results_of(id)), (Some("revoked"), 0));
    }
    assert_eq!((world.cluster.runs("running").len(), world.cluster.runs("waiting").len()), (1, 0));
    assert!(world.result(ended).await.starts_with("ended by "));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k6_a_cancel_is_heard_in_time_by_a_worker_in_another_process() {
    let cluster = Cluster::in_memory();
    let url = cluster.redis.url();
    heard_in_time("events arrive", World::new(cluster, &url).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k6_a_worker_to_which_no_event_arrives_hears_its_cancels_in_time_and_finds_its_work() {
    let cluster = Cluster::in_memory();
    cluster.redis.admin::<()>(&[
        "ACL",
        "SETUSER",
        "deaf",
        "on",
        ">secret",
        "~*",
        "&*",
        "+@all",
        "-xread",
        "-subscribe",
    ]);
    let url = cluster.redis.url_of("deaf");
    heard_in_time("no event arrives", World::new(cluster, &url).await).await;
}

async fn heard_in_time(round: &str, world: World) {
    let mut took = Vec::new();
    for number in 0..rounds(11, 3) {
        took.push(world.cancelled_after(&format!("job{number}")).await);
    }
    took.sort();
    eprintln!("K6, {round}: cancels heard after {took:.2?}");
    // The median: a machine that is busy with something else may hold up one.
    assert!(took[took.len() / 2] < HEARD, "{took:.2?}");
    world.end().await;
}
