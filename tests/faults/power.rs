//! A Redis that writes to disk once a second: what a dead process costs, and what a power failure.

use std::time::{Duration, Instant};

use super::{
    clients::{Clients, End, finished},
    cluster::{Cluster, Kind},
    kills::stop,
    ledger::{Figures, sweep},
    questions::Question,
    rounds,
};
use crate::support::{redis::RedisServer, wait::DEADLINE};

fn every_second() -> Cluster {
    Cluster::on(RedisServer::start(&["--appendonly", "yes", "--appendfsync", "everysec"]))
}

fn jobs(count: usize) -> Vec<Question> {
    (0..count).map(|number| Question::work(&format!("job{number}"), "run 10")).collect()
}

/// What was answered has been handed to the system, which outlives the process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k3_a_redis_that_syncs_every_second_loses_nothing_when_only_its_process_dies() {
    let (cluster, count, kills) = (every_second(), rounds(800, 100), rounds(20, 3));
    let (api, worker) = (cluster.start(Kind::Plain, "api"), cluster.start(Kind::Plain, "worker"));
    let clients = Clients::register(&[&api.url], 8, false).await;
    let asked = clients.ask(jobs(count), 16);
    for kill in 1..=kills {
        clients.acknowledged(count * kill / (kills + 1)).await;
        cluster.redis.kill();
        cluster.redis.start_again();
    }
    finished(asked).await;
    stop(vec![worker, api]);
    let figures = Figures::of(&cluster, &clients).await;
    figures.settle("K3 everysec", &format!("redis killed {kills} times, failed requests {:?}", clients.failures()));
}

/// A power failure also takes what the system had not written yet: the end of the file is cut off here as it was up to a
/// second before. What was accepted within that second is lost, and nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k3_a_power_failure_costs_what_was_accepted_since_the_last_sync_and_no_more() {
    let (cluster, failures) = (every_second(), rounds(5, 1));
    let (api, worker) = (cluster.start(Kind::Plain, "api"), cluster.start(Kind::Plain, "worker"));
    let clients = Clients::register(&[&api.url], 8, false).await;
    let asked = clients.ask(jobs(failures * 150 + 50), 16);
    let mut windows = Vec::new();
    for failure in 1..=failures {
        clients.acknowledged(failure * 100).await;
        let (synced, at) = (cluster.redis.log_len(), Instant::now());
        clients.acknowledged(clients.counts().0 + 15).await;
        cluster.redis.kill();
        windows.push((at, Instant::now()));
        cluster.redis.lose_log_behind(synced);
        cluster.redis.start_again();
    }
    finished(asked).await;
    let tasks = clients.tasks();
    let lost: Vec<_> = tasks.iter().filter(|task| task.end == Some(End::Lost)).collect();
    let early = lost.iter().filter(|task| {
        // A request is acknowledged a moment after it was written.
        !windows.iter().any(|(from, to)| (*from..=*to + Duration::from_secs(1)).contains(&task.acknowledged))
    });
    let (early, unexpected) = (early.count(), tasks.iter().filter(|task| task.end == Some(End::Unexpected)).count());
    let widths: Vec<_> = windows.iter().map(|(from, to)| to.duration_since(*from).as_millis()).collect();
    // The cluster goes on, and the blobs of what is lost are garbage like any other.
    clients.one(0, &Question::work("after", "echo")).await;
    stop(vec![worker, api]);
    let store = cluster.store().await;
    let swept = sweep(&cluster, &store).await;
    eprintln!(
        "K3 everysec, power failure: accepted {}, lost {} within windows of {widths:?} ms, lost outside {early}, \
         unexpected {unexpected}; blobs swept {swept}, failed requests {:?}",
        tasks.len(),
        lost.len(),
        clients.failures()
    );
    assert_eq!((early, unexpected), (0, 0));
    assert!(!lost.is_empty(), "nothing was cut off: this has tested nothing");
    assert!(widths.iter().all(|&width| width < DEADLINE.as_millis()));
}
