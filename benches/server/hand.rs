//! One process of several at the same queue: this program again, told by lines on its standard input what to do.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Lines, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use cipherdeck::{
    config::{self, Overrides},
    store::{
        ClaimRequest, NewTask, Outcome, Store, StoreOptions,
        redis::{RedisStore, Tuning},
    },
    task::{BlobRef, ClientId, Digest, TaskId, Timestamp, Token, Uid, WorkerName},
};
use futures::StreamExt as _;

/// Where its Redis is.
const ADDRESS: &str = "CIPHERDECK_BENCH_REDIS";

/// What the tasks are for: no worker is able to run them.
pub const NOBODY: &str = "nobody";

/// Operations on their way at once in each process.
const AT_ONCE: usize = 64;

/// A store without limits.
pub async fn open(url: &str) -> Arc<dyn Store> {
    let mut settings = config::load(Overrides::default()).unwrap();
    settings.limits.waiting = 10_000_000;
    settings.limits.waiting_per_client = 10_000_000;
    // Nobody renews the leases here.
    let tuning = Tuning { lease: Duration::from_hours(1), patience: Duration::from_secs(60), ..Tuning::default() };
    RedisStore::open(url, StoreOptions::from_settings(&settings), tuning).await.unwrap()
}

pub async fn uid(store: &dyn Store) -> Uid {
    let uid = Uid::random();
    store.add_uid(uid, ClientId(uid.tag()), None).await.unwrap();
    uid
}

pub fn task(uid: Uid, use_case: &str) -> NewTask {
    let id = TaskId::random();
    NewTask {
        id,
        uid,
        client: ClientId(uid.tag()),
        use_case: use_case.to_owned(),
        capability: use_case.to_owned(),
        input: BlobRef { name: format!("inputs/{id}"), len: 123_456, digest: Digest::of(id.to_string().as_bytes()) },
        idempotency_key: None,
        priority: 0,
        received: Timestamp::now(),
    }
}

/// `count` tasks of these uids, side by side.
pub async fn enqueue(store: &dyn Store, uids: &[Uid], count: usize) {
    let tasks = (0..count).map(|index| store.enqueue(task(uids[index % uids.len()], NOBODY)));
    futures::stream::iter(tasks)
        .buffer_unordered(AT_ONCE)
        .for_each(|answer| async move {
            answer.unwrap();
        })
        .await;
}

/// Is this process such a one? Then it does what it is told until its input ends.
pub async fn obey() -> bool {
    let Ok(url) = std::env::var(ADDRESS) else { return false };
    let store = open(&url).await;
    let uids = [uid(store.as_ref()).await];
    let mut claims = Vec::new();
    println!("ready");
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let (what, count) = line.split_once(' ').unwrap();
        let count: usize = count.parse().unwrap();
        match what {
            "enqueue" => enqueue(store.as_ref(), &uids, count).await,
            "claim" => {
                let request = || ClaimRequest {
                    worker: WorkerName("host:1:bench/0".to_owned()),
                    nonce: Token::random(),
                    capabilities: BTreeSet::from([NOBODY.to_owned()]),
                    device: "cpu".to_owned(),
                };
                let asked = (0..count).map(|_| store.claim(request()));
                let taken: Vec<_> = futures::stream::iter(asked).buffer_unordered(AT_ONCE).collect().await;
                claims.extend(taken.into_iter().map(|claim| claim.unwrap().expect("enough tasks wait")));
            }
            _ => {
                let ended = claims.drain(..).map(|claim| {
                    let (id, token) = (claim.task.id, claim.token);
                    let result = BlobRef { name: format!("results/{id}/{token}"), len: 1, digest: Digest::of(b"x") };
                    let outcome = Outcome::Success { result, server: Duration::from_millis(1), bootstraps: 1 };
                    store.finish(id, token, outcome)
                });
                let ended = futures::stream::iter(ended).buffer_unordered(AT_ONCE);
                ended
                    .for_each(|answer| async move {
                        answer.unwrap();
                    })
                    .await;
            }
        }
        println!("done");
    }
    true
}

/// The other end of it.
pub struct Hand {
    child: Child,
    words: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Hand {
    pub fn start(url: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child =
            command.env(ADDRESS, url).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("this program runs");
        let words = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut hand = Self { child, words, answers };
        hand.wait();
        hand
    }

    pub fn tell(&mut self, what: &str, count: usize) {
        writeln!(self.words, "{what} {count}").unwrap();
    }

    pub fn wait(&mut self) {
        self.answers.next().expect("the process answers").unwrap();
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
