//! TLS: whom a server believes to be its Redis, and that every connection is encrypted.

use std::path::Path;

use cipherdeck::{
    store::{
        Beat, BeatAnswer, EventKind, FinishOutcome, Result, Store, StoreError,
        redis::{Address, RedisStore, Tuning},
    },
    task::Status,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use super::{claim, enqueue, hear, options, success, uid};
use crate::support::{redis::RedisServer, wait::DEADLINE};

/// A Redis with a second port, which speaks TLS.
struct Encrypted {
    server: RedisServer,
    port: u16,
    files: TempDir,
}

impl Encrypted {
    /// Its certificate is made out to `name` by a CA of its own.
    fn start(name: &str) -> Self {
        let files = tempfile::tempdir().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        let write = |name: &str, text: String| {
            std::fs::write(files.path().join(name), text).unwrap();
            files.path().join(name).to_str().unwrap().to_owned()
        };
        let ca = write("ca.pem", authority.as_ref().pem());
        let (certificate, key) = (write("redis.pem", certificate.pem()), write("redis.key", key.serialize_pem()));
        let settings = ["--tls-cert-file", &certificate, "--tls-key-file", &key, "--tls-ca-cert-file", &ca];
        let settings = [&settings[..], &["--tls-auth-clients", "no", "--appendonly", "no"]].concat();
        let server = RedisServer::start(&settings);
        // Between looking for a free port and taking it somebody else may.
        let port = (0..20).map(|_| free_port()).find(|port| server.allows(&["CONFIG", "SET", "tls-port", port]));
        Self { server, port: port.expect("a free port").parse().unwrap(), files }
    }

    fn url(&self) -> String {
        format!("rediss://127.0.0.1:{}/0", self.port)
    }

    async fn open(&self, ca: Option<&Path>) -> Result<std::sync::Arc<dyn Store>> {
        let url = self.url();
        let address = Address::from(&url);
        let address = ca.map_or(address, |ca| address.with_ca(ca));
        let store: std::sync::Arc<dyn Store> = RedisStore::open(address, options(), Tuning::default()).await?;
        Ok(store)
    }

    /// Why this CA does not do.
    async fn refusal(&self, ca: Option<&Path>) -> String {
        match self.open(ca).await {
            Err(StoreError::CannotOpen(text)) => text,
            other => panic!("{:?}", other.map(|_| "opened")),
        }
    }

    fn ca(&self) -> std::path::PathBuf {
        self.files.path().join("ca.pem")
    }

    /// Connections of the stores, and how many of them are not on the port with TLS.
    fn connections(&self) -> (usize, usize) {
        let list: String = self.server.admin(&["CLIENT", "LIST", "TYPE", "NORMAL"]);
        let stores: Vec<&str> = list.lines().filter(|line| !line.contains("cmd=client|list")).collect();
        let encrypted = format!(" laddr=127.0.0.1:{} ", self.port);
        (stores.len(), stores.iter().filter(|line| !line.contains(&encrypted)).count())
    }
}

fn free_port() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

#[tokio::test]
async fn a_whole_life_of_a_task_and_its_events_are_encrypted_also_after_the_connections_broke() {
    let redis = Encrypted::start("127.0.0.1");
    let (a, b) = (redis.open(Some(&redis.ca())).await.unwrap(), redis.open(Some(&redis.ca())).await.unwrap());
    let mut events = b.events();
    for round in 0..2 {
        let owner = uid(a.as_ref()).await;
        let id = enqueue(a.as_ref(), owner).await;
        hear(&mut events, |kind| *kind == EventKind::Task { id, status: Some(Status::Queued) }).await;
        let taken = claim(b.as_ref()).await.unwrap();
        let beat = Beat { task: id, token: taken.token, progress: 0.5 };
        assert_eq!(b.heartbeat(vec![beat]).await.unwrap(), [BeatAnswer::Ok]);
        let answer = b.finish(id, taken.token, success(&taken)).await.unwrap();
        assert_eq!(answer, FinishOutcome::Applied(Status::Success));
        let task = a.task(id).await.unwrap().unwrap();
        a.fetched(id, task.finished.unwrap(), task.finished.unwrap()).await.unwrap();
        hear(&mut events, |kind| *kind == EventKind::Task { id, status: Some(Status::Completed) }).await;
        let (all, clear) = redis.connections();
        assert!(all >= 4 && clear == 0, "round {round}: {clear} of {all} connections are in clear text");
        redis.server.admin::<u64>(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        let again = async { while a.ping().await.is_err() || b.ping().await.is_err() {} };
        tokio::time::timeout(DEADLINE, again).await.expect("they connect again");
    }
}

#[tokio::test]
async fn a_redis_that_nobody_trusted_vouches_for_is_refused_with_what_to_do() {
    let (redis, other) = (Encrypted::start("127.0.0.1"), Encrypted::start("redis.example"));
    for ca in [None, Some(other.ca())] {
        let said = redis.refusal(ca.as_deref()).await;
        assert!(said.contains("store.ca"), "{said}");
    }
    let said = other.refusal(Some(&other.ca())).await;
    assert!(said.contains("another name"), "{said}");
}

#[tokio::test]
async fn clear_text_where_tls_is_spoken_and_tls_where_it_is_not_are_named() {
    let redis = Encrypted::start("127.0.0.1");
    let clear = redis.url().replace("rediss://", "redis://");
    let Err(StoreError::CannotOpen(said)) = RedisStore::open(&clear, options(), Tuning::default()).await else {
        panic!("it understood clear text");
    };
    assert!(said.contains("begins with rediss://"), "{said}");
    let encrypted = redis.server.url().replace("redis://", "rediss://");
    let ca = redis.ca();
    let address = Address::from(&encrypted).with_ca(&ca);
    let Err(StoreError::CannotOpen(said)) = RedisStore::open(address, options(), Tuning::default()).await else {
        panic!("it spoke TLS");
    };
    assert!(said.contains("TLS"), "{said}");
}
