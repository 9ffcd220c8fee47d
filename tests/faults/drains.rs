//! K8: processes that are told to stop, and nodes that are replaced while clients go on.

use std::time::{Duration, Instant};

use cipherdeck::task::Status;

use super::{
    clients::{Clients, finished},
    cluster::{Cluster, Kind},
    kills::stop,
    ledger::Figures,
    questions::Question,
    rounds,
};
use crate::support::wait::task_when;

/// What a stop may take besides the grace: giving tasks back, saying goodbye, closing connections.
const GOODBYE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k8_a_worker_that_is_told_to_stop_ends_in_time_and_nothing_is_lost() {
    let cluster = Cluster::new();
    let settings = [("SERVER__DRAIN_GRACE_S", "2"), ("WORKER__COUNT", "2")];
    let (api, leaving) = (cluster.start(Kind::Plain, "api"), cluster.start_with(Kind::Plain, "worker", &settings));
    let (clients, store) = (Clients::register(&[&api.url], 4, false).await, cluster.store().await);
    let names = ["long", "short"];
    let both = [Question::work(names[0], "run 5000"), Question::work(names[1], "run 1200")];
    let asked = clients.ask(both.to_vec(), 2);
    for number in 1..=2 {
        clients.acknowledged(number).await;
    }
    for entry in clients.tasks() {
        task_when(&store, entry.id, |task| task.status == Status::Started).await;
    }
    let many = clients.ask((0..30).map(|number| Question::work(&format!("job{number}"), "run 5")).collect(), 8);
    leaving.signal("TERM");
    let (began, id) = (Instant::now(), leaving.id());
    let staying = cluster.start(Kind::Plain, "worker");
    assert!(tokio::task::spawn_blocking(|| leaving.ended()).await.unwrap().success());
    let took = began.elapsed();
    assert!(took < Duration::from_secs(2) + GOODBYE, "{took:?}");
    finished(asked).await;
    finished(many).await;
    assert_eq!(cluster.runs("short"), [id], "it was allowed to end");
    assert_eq!(cluster.runs("long"), [id, staying.id()]);
    stop(vec![staying, api]);
    store.close().await;
    let figures = Figures::of(&cluster, &clients).await;
    figures.settle("K8", &format!("a grace of 2 s, gone after {took:.1?}"));
    assert_eq!((figures.accepted, figures.recovered), (32, 0), "attempts of what was given back do not count");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k8_a_worker_is_gone_in_time_though_redis_does_not_answer() {
    let cluster = Cluster::new();
    let api = cluster.start(Kind::Plain, "api");
    let leaving = cluster.start_with(Kind::Plain, "worker", &[("SERVER__DRAIN_GRACE_S", "1")]);
    let (clients, store) = (Clients::register(&[&api.url], 1, false).await, cluster.store().await);
    let asked = clients.ask(vec![Question::work("given-up", "run 8000")], 1);
    clients.acknowledged(1).await;
    task_when(&store, clients.tasks()[0].id, |task| task.status == Status::Started).await;
    cluster.redis.signal("STOP");
    leaving.signal("TERM");
    let began = Instant::now();
    assert!(tokio::task::spawn_blocking(|| leaving.ended()).await.unwrap().success());
    let took = began.elapsed();
    cluster.redis.signal("CONT");
    // It could not give its task back, so the lease does.
    let staying = cluster.start(Kind::Plain, "worker");
    finished(asked).await;
    stop(vec![staying, api]);
    store.close().await;
    let figures = Figures::of(&cluster, &clients).await;
    figures.settle("K8, redis hangs", &format!("a grace of 1 s, gone after {took:.1?}"));
    assert!(took < Duration::from_secs(1) + 2 * GOODBYE, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_are_replaced_one_after_the_other_and_nothing_is_lost() {
    let (cluster, replaced) = (Cluster::in_memory(), rounds(8, 2));
    let start = || cluster.start_with(Kind::Real, "all", &[("WORKER__LEASE_S", "15")]);
    let mut nodes = [start(), start()];
    let clients = Clients::register(&[&nodes[0].url, &nodes[1].url], 4, false).await;
    let count = 40 * (replaced + 1);
    let asked = clients.ask((0..count).map(Question::ads).collect(), 4);
    for round in 0..replaced {
        clients.ended(30 * (round + 1)).await;
        // Its clients hear from itself that it stops, and turn to the other one.
        nodes[round % 2].signal("TERM");
        let fresh = start();
        let stopped = std::mem::replace(&mut nodes[round % 2], fresh);
        assert!(tokio::task::spawn_blocking(|| stopped.ended()).await.unwrap().success());
        clients.turn_to(&[&nodes[0].url, &nodes[1].url]);
    }
    finished(asked).await;
    stop(nodes.into());
    let figures = Figures::of(&cluster, &clients).await;
    let failures = clients.failures();
    figures.settle("rolling restart", &format!("{replaced} nodes replaced, failed requests {failures:?}"));
    assert_eq!(figures.accepted, count);
    // A node that stops may cut a connection off as a request comes in on it, and a store that stalls on a busy machine
    // may refuse one for a moment: clients ask again. Nothing else may fail.
    let known = ["503 draining", "503 store_unavailable", "no connection", "cut off"];
    let expected = |how: &String| known.contains(&how.as_str());
    assert!(failures.keys().all(expected), "{failures:?}");
}
