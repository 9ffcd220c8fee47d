//! K4: a claim lives as long as its worker does, and not longer.

use cipherdeck::task::Status;

use super::{
    clients::{Clients, End, finished},
    cluster::{Cluster, Kind, open_gate, ran_on},
    kills::stop,
    ledger::Figures,
    questions::Question,
};
use crate::support::wait::{task_when, task_with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k4_a_job_of_five_leases_is_executed_once_though_another_worker_is_idle() {
    let cluster = Cluster::in_memory();
    let servers = ["api", "worker", "worker"].map(|role| cluster.start(Kind::Plain, role));
    let clients = Clients::register(&[&servers[0].url], 1, false).await;
    // The lease is 3 s here.
    let entry = clients.one(0, &Question::work("long", "run 15500")).await;
    assert_eq!((entry.end, cluster.runs("long").len()), (Some(End::Right), 1));
    stop(servers.into());
    let figures = Figures::of(&cluster, &clients).await;
    figures.settle("K4 five leases", "executed once");
    assert_eq!(figures.tasks[0].attempt, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k4_a_worker_that_was_stopped_for_longer_than_its_lease_cannot_write_any_more() {
    let cluster = Cluster::in_memory();
    let (api, sleeper) = (cluster.start(Kind::Plain, "api"), cluster.start(Kind::Plain, "worker"));
    let (clients, store) = (Clients::register(&[&api.url], 1, false).await, cluster.store().await);
    let gate = cluster.file("gate");
    let asked = clients.ask(vec![Question::work("stopped", &format!("deaf {}", gate.display()))], 1);
    clients.acknowledged(1).await;
    let id = clients.tasks()[0].id;
    task_when(&store, id, |task| task.progress.is_some_and(|progress| progress > 0.4)).await;
    sleeper.signal("STOP");
    task_with(&store, id, Status::Queued).await;
    let heir = cluster.start(Kind::Plain, "worker");
    task_when(&store, id, |task| ran_on(task, &heir) && task.status == Status::Started).await;
    // It wakes while the other one computes, and computes to its end, too.
    sleeper.signal("CONT");
    sleeper.says("no heartbeat for a whole lease");
    open_gate(&gate);
    sleeper.says("what it made is thrown away");
    finished(asked).await;
    assert_eq!(cluster.runs("stopped"), [sleeper.id(), heir.id()]);
    let by = clients.http().get(format!("{}/get_task_result", api.url));
    let by = by.query(&[("task_name", "work"), ("task_id", &id.to_string()), ("uid", clients.uid(0))]);
    assert_eq!(by.send().await.unwrap().text().await.unwrap(), format!("stopped by {}", heir.id()));
    // Both are fit for work.
    stop(vec![heir]);
    assert_eq!(clients.one(0, &Question::work("again", "echo")).await.end, Some(End::Right));
    assert_eq!(cluster.runs("again"), [sleeper.id()]);
    assert_eq!(cluster.results_of(id), 1, "the late result is gone before any sweep");
    stop(vec![sleeper, api]);
    store.close().await;
    Figures::of(&cluster, &clients).await.settle("K4 stopped", "the late write was refused");
}
