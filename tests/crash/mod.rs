//! `kill -9` of the real process at random moments while clients submit real ciphertexts.
//!
//! Reported as queue tests do: *lost* are acknowledged tasks that the server no longer knows, *unexpected* are ended
//! tasks without the right answer, *duplicated* are results published more than once, *recovered* are tasks that a crash
//! interrupted and that ended all the same.

mod clients;

use std::{path::Path, sync::LazyLock};

use cipherdeck::{
    config::{self, Overrides},
    store::{RunFilter, StoreOptions, TaskStore as _, sqlite::SqliteStore},
    task::{Status, TaskId},
    use_cases::ad_targeting::{self, Catalogue},
};
use clients::Clients;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::support::process::ServerProcess;

const ROUNDS: usize = 20;

/// Interrupting a task must not use up its attempts here: every one of them has to succeed in the end.
const SETTINGS: [(&str, &str); 1] = [("CIPHERDECK__WORKER__ATTEMPTS", "100")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_twenty_times_the_server_loses_nothing_and_publishes_every_result_once() {
    let seed = rand::random();
    eprintln!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir().unwrap();

    let mut server = ServerProcess::start(dir.path(), &SETTINGS);
    let clients = Clients::register(&server.url, 4).await;
    for round in 0..ROUNDS {
        // The moment is a number of answers, not of milliseconds: requests go on all the time, about one each ms.
        let working = clients.work(&server.url, round, random.random_range(1..1_500)).await;
        server.kill();
        for client in working {
            client.await.unwrap();
        }
        server = ServerProcess::start(dir.path(), &SETTINGS);
    }

    let ended = clients.finish(&server.url).await;
    server.signal("TERM");
    assert!(server.ended().success());
    let published = publications(dir.path(), &ended.accepted).await;
    eprintln!(
        "accepted {}, lost {}, recovered {}, unexpected {}, duplicated {}, kills that hit a started task {}/{ROUNDS}",
        ended.accepted.len(),
        ended.lost,
        published.recovered,
        ended.unexpected,
        published.duplicated,
        published.hits
    );
    assert_eq!((ended.lost, ended.unexpected, published.duplicated), (0, 0, 0));
    assert!(published.hits >= 5, "only {} kills hit a started task", published.hits);
    assert!(ended.accepted.len() >= ROUNDS);
}

struct Publications {
    recovered: usize,
    /// Each kill of the one worker interrupts at most one claim, and each interrupted claim counts one attempt.
    hits: u32,
    duplicated: usize,
}

/// Reads what the stopped server has left: one row of the run history per success, one result blob per task.
async fn publications(dir: &Path, accepted: &[TaskId]) -> Publications {
    let settings = config::load(Overrides::default()).unwrap();
    let store = SqliteStore::open(dir, StoreOptions::from_settings(&settings)).unwrap();
    let runs = store.runs(RunFilter { limit: 100_000, ..RunFilter::default() }).await.unwrap();
    let (mut recovered, mut hits, mut duplicated) = (0, 0, 0);
    for &id in accepted {
        let task = store.task(id).await.unwrap().unwrap();
        assert_eq!(task.status, Status::Completed, "{id}");
        recovered += usize::from(task.attempt > 1);
        hits += task.attempt - 1;
        let results = std::fs::read_dir(dir.join("blobs/results").join(id.to_string())).unwrap().count();
        let rows = runs.iter().filter(|run| run.task == id).count();
        assert!(rows >= 1 && results >= 1, "{id} has {rows} rows, {results} results");
        duplicated += (rows - 1) + (results - 1);
    }
    store.close().await;
    Publications { recovered, hits, duplicated }
}

/// The oracle.
fn clear_scores(profile: &[bool; ad_targeting::FEATURES]) -> Vec<u16> {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::load(Path::new("")).unwrap());
    ad_targeting::rules::scores(&CATALOGUE, profile)
}
