//! `kill -9` again and again: of workers, of servers that do all, of Redis.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::{
    clients::{Clients, finished},
    cluster::{Cluster, Kind},
    ledger::Figures,
    questions::Question,
    rounds,
};
use crate::support::process::ServerProcess;

/// A random generator, and its seed in the output.
fn random(round: &str) -> StdRng {
    let seed = rand::random();
    eprintln!("{round}: seed {seed}");
    StdRng::seed_from_u64(seed)
}

/// Short jobs of different lengths.
fn jobs(count: usize, random: &mut StdRng) -> Vec<Question> {
    let job = |number: usize| Question::work(&format!("job{number}"), &format!("run {}", random.random_range(1..60)));
    (0..count).map(job).collect()
}

/// Ends every process in good order.
pub(super) fn stop(servers: Vec<ServerProcess>) {
    servers.iter().for_each(|server| server.signal("TERM"));
    for server in servers {
        assert!(server.ended().success());
    }
}

/// Two workers, one of which dies whenever some more tasks have ended, and comes back.
async fn workers_die(round: &str, kind: Kind, questions: Vec<Question>, every: std::ops::Range<usize>) {
    let mut random = random(round);
    let (cluster, count) = (Cluster::new(), questions.len());
    let api = cluster.start(kind, "api");
    let mut workers = [cluster.start(kind, "worker"), cluster.start(kind, "worker")];
    let clients = Clients::register(&[&api.url], 8, false).await;
    let asked = clients.ask(questions, 32);
    let (mut kills, mut next) = (0, random.random_range(every.clone()));
    while next < count {
        clients.ended(next).await;
        let fresh = cluster.start(kind, "worker");
        std::mem::replace(&mut workers[kills % 2], fresh).kill();
        kills += 1;
        next = clients.counts().1 + random.random_range(every.clone());
    }
    finished(asked).await;
    let [a, b] = workers;
    stop(vec![a, b, api]);
    let figures = Figures::of(&cluster, &clients).await;
    figures.settle(round, &format!("{kills} workers killed, failed requests {:?}", clients.failures()));
    assert_eq!(figures.accepted, count);
    assert!(figures.interrupted > 0, "no kill hit a running task");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k1_workers_are_killed_again_and_again_and_every_result_is_published_once() {
    let count = rounds(1_000, 120);
    workers_die("K1", Kind::Plain, jobs(count, &mut StdRng::seed_from_u64(1)), 25..60).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k1_workers_of_real_ciphertexts_are_killed_and_every_answer_is_right() {
    // These tasks are short: of many kills one surely hits one that runs.
    let count = rounds(300, 100);
    workers_die("K1 real", Kind::Real, (0..count).map(Question::ads).collect(), 3..8).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k2_servers_that_do_all_are_killed_at_random_moments_and_every_accepted_task_ends() {
    let (mut random, count) = (random("K2 random"), rounds(300, 50));
    let cluster = Cluster::new();
    let mut servers = [cluster.start(Kind::Real, "all"), cluster.start(Kind::Real, "all")];
    let clients = Clients::register(&[&servers[0].url, &servers[1].url], 4, false).await;
    let asked = clients.ask((0..count).map(Question::ads).collect(), 8);
    let (mut kills, mut next) = (0, random.random_range(5..20));
    while next < count {
        // In the middle of accepting, not only when something has ended.
        clients.acknowledged(next).await;
        let fresh = cluster.start(Kind::Real, "all");
        std::mem::replace(&mut servers[kills % 2], fresh).kill();
        clients.turn_to(&[&servers[0].url, &servers[1].url]);
        kills += 1;
        next = clients.counts().0 + random.random_range(5..20);
    }
    finished(asked).await;
    stop(servers.into());
    let figures = Figures::of(&cluster, &clients).await;
    figures.settle("K2 random", &format!("{kills} servers killed, failed requests {:?}", clients.failures()));
    assert_eq!(figures.accepted, count);
}

/// Redis, with every acknowledged write on disk, dies whenever some more tasks were accepted.
async fn redis_dies(round: &str, kind: Kind, questions: Vec<Question>, kills: usize) {
    let mut random = random(round);
    let (cluster, count) = (Cluster::new(), questions.len());
    let api = cluster.start(kind, "api");
    let workers = [cluster.start(kind, "worker"), cluster.start(kind, "worker")];
    let clients = Clients::register(&[&api.url], 8, false).await;
    let asked = clients.ask(questions, 16);
    let each = count / (kills + 1);
    for _ in 0..kills {
        clients.acknowledged(clients.counts().0 + random.random_range(1..each)).await;
        cluster.redis.kill();
        cluster.redis.start_again();
    }
    finished(asked).await;
    let [a, b] = workers;
    stop(vec![a, b, api]);
    let figures = Figures::of(&cluster, &clients).await;
    figures.settle(round, &format!("redis killed {kills} times, failed requests {:?}", clients.failures()));
    assert_eq!(figures.accepted, count);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k3_redis_is_killed_again_and_again_and_no_accepted_task_is_lost() {
    let count = rounds(800, 100);
    redis_dies("K3 always", Kind::Plain, jobs(count, &mut StdRng::seed_from_u64(3)), rounds(20, 3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k3_redis_is_killed_while_real_ciphertexts_are_computed_and_every_answer_is_right() {
    let count = rounds(200, 40);
    redis_dies("K3 always, real", Kind::Real, (0..count).map(Question::ads).collect(), rounds(10, 2)).await;
}
