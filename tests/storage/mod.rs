//! Blobs that several servers share: in a directory, and in a bucket that speaks S3.

mod bucket;
mod client;
mod owner;

use std::{
    fs,
    path::{Path, PathBuf},
};

use bucket::Bucket;
use client::Asker;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{process::ServerProcess, redis::RedisServer};

/// Where the servers of a test keep their blobs.
enum Shelf {
    Directory(TempDir),
    Bucket(Bucket),
}

impl Shelf {
    fn directory() -> Self {
        Self::Directory(tempfile::tempdir().unwrap())
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Directory(dir) => vec![("CIPHERDECK__BLOBS__URL", dir.path().to_str().unwrap().to_owned())],
            Self::Bucket(bucket) => bucket.settings(),
        }
    }

    fn path(&self) -> PathBuf {
        match self {
            Self::Directory(dir) => dir.path().to_owned(),
            Self::Bucket(bucket) => bucket.path(),
        }
    }

    /// The only file of this kind (`keys`, `inputs`, `results`).
    fn only(&self, kind: &str) -> PathBuf {
        let found = files(&self.path().join(kind));
        assert_eq!(found.len(), 1, "{kind}: {found:?}");
        found[0].clone()
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Servers on one Redis and one shelf, each with a data directory of its own.
struct Cluster {
    redis: RedisServer,
    shelf: Shelf,
    dirs: TempDir,
}

impl Cluster {
    fn new(shelf: Shelf) -> Self {
        Self { redis: RedisServer::durable(), shelf, dirs: tempfile::tempdir().unwrap() }
    }

    fn node(&self, role: &str) -> ServerProcess {
        let mut settings = self.shelf.settings();
        settings.push(("CIPHERDECK__STORE__URL", self.redis.url()));
        settings.push(("CIPHERDECK__SERVER__ROLE", role.to_owned()));
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        ServerProcess::start(&self.dirs.path().join(role), &settings)
    }
}

/// One server takes what clients bring, another one computes.
fn an_answer_travels_from_one_server_to_the_other(shelf: Shelf) {
    let cluster = Cluster::new(shelf);
    let (api, worker) = (cluster.node("api"), cluster.node("worker"));
    let asker = Asker::new(&api.url);
    let (first, second) = (asker.add_key(), asker.add_key());
    assert_eq!(files(&cluster.shelf.path().join("keys")).len(), 1, "equal keys are one blob");
    for uid in [&first, &second] {
        let task = asker.weights(uid, [650, 701]);
        assert_eq!(asker.ended(uid, &task)["status"], "success");
        assert_eq!(asker.weights_of(uid, &task), [650, 701, 676]);
        // The key stays for the other uid.
        asker.delete_key(uid);
    }
    assert_eq!(files(&cluster.shelf.path().join("keys")), Vec::<PathBuf>::new(), "nobody needs it any more");
    drop((api, worker));
}

#[test]
fn servers_share_a_directory() {
    an_answer_travels_from_one_server_to_the_other(Shelf::directory());
}

#[test]
fn servers_share_a_bucket() {
    an_answer_travels_from_one_server_to_the_other(Shelf::Bucket(Bucket::start()));
}

/// What storage has lost or changed is an error with a name, never a wrong answer.
fn damage_is_named(shelf: Shelf) {
    let cluster = Cluster::new(shelf);
    let api = cluster.node("api");
    let asker = Asker::new(&api.url);
    let uid = asker.add_uid();
    let profile = Asker::profile(1);

    // Inputs, while nobody computes.
    let flipped = asker.ads(&uid, &profile);
    flip(&cluster.shelf.only("inputs"));
    let missing = asker.ads(&uid, &profile);
    fs::remove_file(cluster.shelf.path().join("inputs").join(&missing)).unwrap();
    let worker = cluster.node("worker");
    for (task, label) in [(&flipped, "blob_corrupt"), (&missing, "blob_missing")] {
        let status = asker.ended(&uid, task);
        assert_eq!(status["status"], "failure", "{status}");
        assert!(status["details"].as_str().unwrap().contains(label), "{status}");
    }

    // A result.
    let task = asker.ads(&uid, &profile);
    assert_eq!(asker.ended(&uid, &task)["status"], "success");
    assert_eq!(asker.scores(&uid, &task), Asker::clear(&profile));
    flip(&cluster.shelf.only("results"));
    assert_eq!(asker.error_of_result(&uid, &task), "blob_corrupt");
    fs::remove_file(cluster.shelf.only("results")).unwrap();
    assert_eq!(asker.error_of_result(&uid, &task), "blob_missing");
    drop((api, worker));
}

/// Flips one bit in the middle of a file; its length stays.
fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn damage_in_a_directory_is_named() {
    damage_is_named(Shelf::directory());
}

#[test]
fn damage_in_a_bucket_is_named() {
    damage_is_named(Shelf::Bucket(Bucket::start()));
}

#[test]
fn a_worker_answers_only_how_it_is() {
    let cluster = Cluster::new(Shelf::directory());
    let worker = cluster.node("worker");
    let asker = Asker::new(&worker.url);
    for (path, status) in [("/healthz", 200), ("/readyz", 200), ("/metrics", 200), ("/get_use_cases", 404)] {
        assert_eq!(asker.get(path).0, status, "{path}");
    }
    assert_eq!(asker.get("/operator/tasks").0, 404);
    assert_eq!(asker.get("/docs").0, 404);
}

#[test]
fn a_bucket_that_cannot_be_reached_stops_the_start_in_plain_words() {
    let mut bucket = Bucket::start().settings();
    // Nobody listens on this port of loopback.
    for (name, value) in &mut bucket {
        if *name == "AWS_ENDPOINT_URL" {
            "http://127.0.0.1:1".clone_into(value);
        }
    }
    let settings: Vec<_> = bucket.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let dir = tempfile::tempdir().unwrap();
    let output = crate::support::process::fails_to_start(dir.path(), &settings);
    assert!(output.contains("blob storage"), "{output}");
    assert!(!output.contains("a-secret-key"), "{output}");
}

/// The JSON of an answer.
fn object(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
