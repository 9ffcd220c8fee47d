//! The network between one worker and Redis is cut: packets vanish, connections stay, and later everything arrives.

use std::time::Duration;

use cipherdeck::task::Status;
use reqwest::StatusCode;

use super::{
    clients::{Clients, End, finished},
    cluster::{Cluster, Kind, open_gate, ran_on},
    kills::stop,
    ledger::Figures,
    proxy::Proxy,
    questions::Question,
};
use crate::support::{
    redis::PREFIX,
    wait::{DEADLINE, task_when},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_that_is_longer_than_the_lease_moves_the_task_and_the_late_result_is_refused() {
    let cluster = Cluster::in_memory();
    let proxy = Proxy::start(&cluster.redis).await;
    let far = cluster.start_with(Kind::Plain, "worker", &[("STORE__URL", &proxy.url())]);
    let api = cluster.start(Kind::Plain, "api");
    let (clients, store) = (Clients::register(&[&api.url], 1, false).await, cluster.store().await);
    let gate = cluster.file("gate");
    let asked = clients.ask(vec![Question::work("moved", &format!("deaf {}", gate.display()))], 1);
    clients.acknowledged(1).await;
    let id = clients.tasks()[0].id;
    task_when(&store, id, |task| task.progress.is_some_and(|progress| progress > 0.4)).await;
    proxy.cut();
    task_when(&store, id, |task| task.status == Status::Queued).await;
    let near = cluster.start(Kind::Plain, "worker");
    task_when(&store, id, |task| ran_on(task, &near) && task.status == Status::Started).await;
    far.says("no heartbeat for a whole lease");
    // Both end; the result of the one that is cut off is on its way when the network comes back.
    open_gate(&gate);
    finished(asked).await;
    proxy.heal();
    assert_eq!(cluster.runs("moved"), [far.id(), near.id()]);
    stop(vec![near]);
    assert_eq!(clients.one(0, &Question::work("after", "echo")).await.end, Some(End::Right));
    assert_eq!(cluster.runs("after"), [far.id()], "it works again");
    let task = store.task(id).await.unwrap().unwrap();
    assert_eq!((task.status, task.attempt), (Status::Completed, 2));
    stop(vec![far, api]);
    store.close().await;
    Figures::of(&cluster, &clients).await.settle("cut", "longer than the lease");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_that_is_shorter_than_the_lease_costs_nothing() {
    let cluster = Cluster::in_memory();
    let proxy = Proxy::start(&cluster.redis).await;
    let settings = [("STORE__URL", &*proxy.url()), ("WORKER__LEASE_S", "15")];
    let servers = [cluster.start(Kind::Plain, "api"), cluster.start_with(Kind::Plain, "worker", &settings)];
    let (clients, store) = (Clients::register(&[&servers[0].url], 1, false).await, cluster.store().await);
    let asked = clients.ask(vec![Question::work("kept", "run 9000")], 1);
    clients.acknowledged(1).await;
    let id = clients.tasks()[0].id;
    task_when(&store, id, |task| task.progress.is_some_and(|progress| progress > 0.1)).await;
    proxy.cut();
    // A third of the lease without a beat: two tries of a heartbeat come to nothing.
    let (lease, task) = (format!("{PREFIX}lease"), id.to_string());
    let left = || {
        let ends: f64 = cluster.redis.admin(&["ZSCORE", &lease, &task]);
        let now: Vec<f64> = cluster.redis.admin(&["TIME"]);
        Duration::from_secs_f64((ends / 1e3 - now[0] - now[1] / 1e6).max(0.0))
    };
    while left() > Duration::from_secs(10) {
        tokio::task::yield_now().await;
    }
    proxy.heal();
    finished(asked).await;
    assert_eq!(cluster.runs("kept").len(), 1);
    stop(servers.into());
    store.close().await;
    let figures = Figures::of(&cluster, &clients).await;
    figures.settle("short cut", "shorter than the lease");
    assert_eq!(figures.recovered, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_api_that_is_cut_off_says_so_in_time_and_comes_back_by_itself() {
    let cluster = Cluster::in_memory();
    let proxy = Proxy::start(&cluster.redis).await;
    let api = cluster.start_with(Kind::Plain, "api", &[("STORE__URL", &proxy.url())]);
    let worker = cluster.start(Kind::Plain, "worker");
    let clients = Clients::register(&[&api.url], 1, false).await;
    proxy.cut();
    let began = std::time::Instant::now();
    let ready = || clients.http().get(format!("{}/readyz", api.url)).send();
    assert_eq!(ready().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    let asked = clients.ask(vec![Question::work("patient", "echo")], 1);
    let refused = async {
        while clients.failures().is_empty() {
            tokio::task::yield_now().await
        }
    };
    tokio::time::timeout(DEADLINE, refused).await.expect("the client hears that it is refused");
    let took = began.elapsed();
    assert!(took < Duration::from_secs(15), "two refusals took {took:?}");
    proxy.heal();
    finished(asked).await;
    assert_eq!(clients.failures().keys().collect::<Vec<_>>(), ["503 store_unavailable"]);
    assert_eq!(ready().await.unwrap().status(), StatusCode::OK);
    stop(vec![worker, api]);
    Figures::of(&cluster, &clients).await.settle("api cut off", &format!("two refusals in {took:.1?}"));
}
