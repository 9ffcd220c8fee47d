//! The server under churn, and what everybody who comes there shares.

use std::{path::PathBuf, process::Command, sync::Arc, time::Duration};

use bytes::Bytes;
use cipherdeck::{client::api::Api, fhe::ClientKeys, use_cases::ad_targeting::PublicCatalogue};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::time::Instant;

use super::{
    after, clients, operators,
    pace::Pace,
    plan::{KEY_TTL, Plan, RESULT_TTL},
    rude,
    tally::Tally,
    vitals::Sample,
    warden::{self, Gone},
};
use crate::{
    ssh::house::Door,
    support::{
        keys::{CLIENT, SERVER_KEY},
        process::ServerProcess,
        wait::DEADLINE,
    },
};

/// Real keys, drawn once; more than the server's cache holds, so that it has to let go of some again and again.
const PEOPLE: usize = 3;

/// Somebody with a key.
pub(super) struct Person {
    pub(super) secret: ClientKeys,
    pub(super) evaluation: Bytes,
}

/// What all actors share.
pub(super) struct Site {
    pub(super) url: String,
    pub(super) people: Vec<Arc<Person>>,
    pub(super) catalogue: Arc<PublicCatalogue>,
    pub(super) door: Door,
    pub(super) operator_key: PathBuf,
    /// The program, and the socket of its console.
    pub(super) program: PathBuf,
    pub(super) socket: PathBuf,
    pub(super) tally: Tally,
    /// What must be gone at some time.
    pub(super) doomed: Mutex<Vec<(Gone, Instant)>>,
    pace: Pace,
    /// When the churn ends.
    end: Mutex<Instant>,
}

/// The server.
pub(super) struct House {
    server: ServerProcess,
    data: PathBuf,
}

/// What goes wrong in a visit, for people.
pub(super) type Visit = Result<(), String>;

impl House {
    pub(super) async fn open(plan: &Plan) -> (Self, Arc<Site>) {
        let people = tokio::task::spawn_blocking(|| (0..PEOPLE).map(person).collect());
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let mut command = Command::new(&plan.program);
        command.args(["serve", "--headless", "--listen", "127.0.0.1:0", "--ssh", "127.0.0.1:0"]);
        command.args(["--workers", "2", "--threads", "1", "--data-dir"]).arg(&data);
        for (name, value) in [
            ("SSH__AUTHORIZED_KEYS", dir.path().join("authorized").display().to_string()),
            ("SSH__HOST_KEY", dir.path().join("host_key").display().to_string()),
            ("WORKER__KEY_CACHE_MIB", "200".to_owned()),
            ("RETENTION__RESULT_TTL_S", RESULT_TTL.as_secs().to_string()),
            ("RETENTION__KEY_TTL_S", KEY_TTL.as_secs().to_string()),
            ("RETENTION__KEYLESS_TTL_S", KEY_TTL.as_secs().to_string()),
            ("RETENTION__SWEEP_EVERY_S", "1".to_owned()),
            // Short, so that they are full soon and roll from then on.
            ("RETENTION__RUNS", "50".to_owned()),
            ("RETENTION__AUDIT", "1000".to_owned()),
            ("LOG__RING_LINES", "200".to_owned()),
        ] {
            command.env(format!("CIPHERDECK__{name}"), value);
        }
        let mut server = ServerProcess::spawn(command);
        assert!(server.listens(), "the server did not start:\n{}", server.log());
        let door = Door { dir, address: server.ssh.as_ref().expect("it listens for SSH").parse().unwrap() };
        let operator_key = door.key("alice", Some("operator"));
        let url = server.url.clone();
        let site = Site {
            catalogue: Arc::new(Api::new(&url).unwrap().ads(None).await.unwrap().unwrap().catalogue),
            people: people.await.unwrap(),
            pace: Pace::new(server.id(), plan.load),
            url,
            door,
            operator_key,
            program: plan.program.clone(),
            socket: data.join("console.sock"),
            tally: Tally::default(),
            doomed: Mutex::default(),
            end: Mutex::new(Instant::now()),
        };
        (Self { server, data }, Arc::new(site))
    }

    pub(super) fn id(&self) -> u32 {
        self.server.id()
    }

    pub(super) fn data(&self) -> PathBuf {
        self.data.clone()
    }

    /// What the server has when nobody is there: what had its time is gone, and three looks in a row, a second apart, show
    /// the same.
    pub(super) async fn at_rest(&self, site: &Site) -> Sample {
        let rest = async {
            warden::last(site).await;
            let (mut ticks, mut same, mut before) = (tokio::time::interval(Duration::from_secs(1)), 0, (0, 0));
            loop {
                ticks.tick().await;
                let sample = Sample::take(self.id(), &self.data);
                let now = (sample.descriptors, sample.blobs);
                same = if now == before { same + 1 } else { 1 };
                before = now;
                if same == 3 {
                    return sample;
                }
            }
        };
        tokio::time::timeout(2 * DEADLINE, rest).await.expect("the server comes to rest")
    }

    /// Stops the server; its log.
    pub(super) fn close(self) -> String {
        self.server.signal("TERM");
        self.server.says("stopped");
        let log = self.server.log();
        assert!(self.server.ended().success(), "it did not end well:\n{log}");
        log
    }
}

fn person(number: usize) -> Arc<Person> {
    if number == 0 {
        return Arc::new(Person { secret: CLIENT.clone(), evaluation: Bytes::from_static(SERVER_KEY.as_slice()) });
    }
    let secret = ClientKeys::generate();
    let evaluation = secret.compressed_server_key().into();
    Arc::new(Person { secret, evaluation })
}

impl Site {
    /// One of everything, so that whatever is made at its first use is made.
    pub(super) async fn everything_once(&self) {
        let visits = async {
            for round in 0..PEOPLE as u64 {
                clients::stay(self, round).await?;
            }
            clients::glance(self, 0).await?;
            clients::change_of_mind(self, 0).await?;
            operators::console(self, 0).await?;
            operators::console(self, 1).await?;
            operators::pages(self, 0).await?;
            rude::visit(self, 0).await
        };
        visits.await.unwrap_or_else(|problem| panic!("before it began: {problem}"));
    }

    /// From now on everybody is busy.
    pub(super) fn begin(&self, plan: &Plan) {
        *self.end.lock() = after(plan.churn);
    }

    /// Is the churn over?
    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= *self.end.lock()
    }

    /// Is a uid left to its time, or deleted? The very first ones are left, however short the churn is, and later ones by
    /// turns, if they will be gone by its end.
    pub(super) fn is_left(&self, round: u64) -> bool {
        !self.is_over() && (round < 2 || round % 4 < 2 && after(KEY_TTL) < *self.end.lock())
    }

    /// Visits until the churn is over.
    pub(super) async fn repeat(&self, visit: impl AsyncFn(u64) -> Visit) {
        for round in 0.. {
            self.pace.turn().await;
            if self.is_over() {
                return;
            }
            if let Err(problem) = visit(round).await {
                self.tally.problem(problem);
            }
        }
    }

    /// Waits for another turn within a visit.
    pub(super) async fn turn(&self) {
        if !self.is_over() {
            self.pace.turn().await;
        }
    }

    /// A client of its own, with connections of its own.
    pub(super) fn api(&self) -> Api {
        Api::new(&self.url).expect("a URL")
    }

    /// Tasks that exist.
    pub(super) async fn tasks(&self) -> u64 {
        let answer = self.http().get(format!("{}/operator/tasks", self.url)).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["counts"]["total"].as_u64().expect("a number")
    }

    /// For what [`Api`] does not do.
    pub(super) fn http(&self) -> reqwest::Client {
        reqwest::Client::builder().no_proxy().timeout(DEADLINE).build().expect("a client")
    }
}
