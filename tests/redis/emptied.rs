//! Somebody runs FLUSHALL while a server is at work.

use std::{path::Path, sync::Arc, time::Duration};

use cipherdeck::{
    config::{self, Overrides},
    monitor::logs::LogRing,
    server::Server,
    store::{EventKind, Events, Store},
    task::{Status, TaskId},
    use_cases::Registry,
};
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{hear, open};
use crate::support::{
    fake::{ECHO, FAKE, Fake, Gate, WAIT},
    redis::RedisServer,
};

/// A client of a whole server.
struct Client {
    url: String,
    http: reqwest::Client,
}

impl Client {
    async fn post(&self, path: &str, form: Form) -> (u16, Value) {
        let answer = self.http.post(format!("{}{path}", self.url)).multipart(form).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn uid(&self) -> String {
        let (_, answer) = self.post("/add_key", Form::new().text("task_name", FAKE)).await;
        answer["uid"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    async fn start(&self, uid: &str, input: &'static [u8]) -> (u16, Value) {
        let form = Form::new().text("uid", uid.to_owned()).text("task_name", FAKE);
        self.post("/start_task", form.part("encrypted_input", Part::bytes(input).file_name("input"))).await
    }

    async fn task(&self, uid: &str, input: &'static [u8]) -> TaskId {
        let (status, answer) = self.start(uid, input).await;
        assert_eq!(status, 200, "{answer}");
        answer["task_id"].as_str().unwrap().parse().unwrap()
    }

    async fn status(&self, uid: &str, task: TaskId) -> Value {
        let url = format!("{}/get_task_status?task_id={task}&uid={uid}", self.url);
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }
}

async fn reaches(events: &mut Events, id: TaskId, status: Status) {
    hear(events, |kind| *kind == EventKind::Task { id, status: Some(status) }).await;
}

#[tokio::test]
async fn a_server_whose_redis_is_emptied_stops_its_tasks_forgets_and_goes_on() {
    let redis = RedisServer::durable();
    let dir = tempfile::tempdir().unwrap();
    let overrides = Overrides {
        data_dir: Some(dir.path().to_owned()),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        store: Some(redis.url()),
        workers: Some(1),
        threads: Some(1),
        ..Overrides::default()
    };
    let gate = Arc::new(Gate::default());
    let fake = Arc::new(Fake { gate: Arc::clone(&gate), needs_key: false });
    let use_cases = Registry::standard(Path::new("")).unwrap().with(fake);
    let server = Server::start(config::load(overrides).unwrap(), use_cases, LogRing::new(100)).await.unwrap();
    let observer: Arc<dyn Store> = open(&redis.url()).await;
    let mut events = observer.events();
    cipherdeck::tls::install();
    let client = Client { url: format!("http://{}", server.address()), http: reqwest::Client::new() };

    let before = client.uid().await;
    let (running, waiting) = (client.task(&before, WAIT).await, client.task(&before, WAIT).await);
    hear(&mut events, |kind| matches!(kind, EventKind::Progress { id, .. } if *id == running)).await;
    assert_eq!(gate.begun(), 1);
    redis.admin::<()>(&["FLUSHALL"]);

    hear(&mut events, |kind| *kind == EventKind::Missed).await;
    for task in [running, waiting] {
        assert_eq!(client.status(&before, task).await["status"], "unknown");
    }
    let (status, answer) = client.start(&before, ECHO).await;
    assert_eq!((status, answer["label"].as_str()), (404, Some("unknown_uid")), "{answer}");
    assert_eq!(observer.counts().await.unwrap().total(), 0);

    // The only slot is free again though nobody opened the gate: its worker heard that the claim is lost.
    let after = client.uid().await;
    let (first, second, third) =
        (client.task(&after, WAIT).await, client.task(&after, ECHO).await, client.task(&after, ECHO).await);
    reaches(&mut events, first, Status::Started).await;
    assert_eq!(client.status(&after, second).await["position"], 1);
    assert_eq!(client.status(&after, third).await["position"], 2);
    gate.open();
    for task in [first, second, third] {
        reaches(&mut events, task, Status::Success).await;
    }
    assert_eq!(observer.counts().await.unwrap().total(), 3);
    server.stop(Duration::from_secs(10), CancellationToken::new()).await;
}

#[tokio::test]
async fn numbers_that_begin_anew_and_pass_the_old_ones_at_once_are_noticed() {
    let redis = RedisServer::durable();
    redis.admin::<()>(&["ACL", "SETUSER", "deaf", "on", ">secret", "~*", "&*", "+@all"]);
    let (late, other) = (open(&redis.url_of("deaf")).await, open(&redis.url()).await);
    let mut events = late.events();
    let owner = super::uid(other.as_ref()).await;
    let id = super::enqueue(other.as_ref(), owner).await;
    reaches(&mut events, id, Status::Queued).await;
    // It hears nothing while the log is emptied and grows beyond its old length.
    redis.admin::<()>(&["ACL", "SETUSER", "deaf", "-xread"]);
    redis.admin::<u64>(&["CLIENT", "KILL", "USER", "deaf"]);
    redis.admin::<()>(&["FLUSHALL"]);
    let owner = super::uid(other.as_ref()).await;
    let mut last = id;
    for _ in 0..5 {
        last = super::enqueue(other.as_ref(), owner).await;
    }
    redis.admin::<()>(&["ACL", "SETUSER", "deaf", "+xread"]);
    hear(&mut events, |kind| *kind == EventKind::Missed).await;
    assert_eq!(late.position(last).await.unwrap().map(|position| position.place), Some(5));
    let id = super::enqueue(other.as_ref(), owner).await;
    reaches(&mut events, id, Status::Queued).await;
}
