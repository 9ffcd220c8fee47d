//! Clients that go on through failures, as they are told to: a submission has an idempotency key and is repeated until it
//! is acknowledged, then the status is asked for until the task has ended, then the result is fetched and checked.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use cipherdeck::{task::TaskId, use_cases::ad_targeting::PublicCatalogue};
use parking_lot::Mutex;
use reqwest::{
    Response,
    multipart::{Form, Part},
};
use serde_json::Value;
use tokio::{sync::watch, task::JoinSet};
use uuid::Uuid;

use super::questions::Question;
use crate::support::{keys::SERVER_KEY, wait::DEADLINE};

/// A client whose request failed waits so long, and asks another node.
const PAUSE: Duration = Duration::from_millis(25);
/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of an accepted task, as its client sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The right answer.
    Right,
    /// Another answer, or another end.
    Unexpected,
    /// The cluster does not know it (any more).
    Lost,
}

/// One accepted task.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) id: TaskId,
    /// When the client heard that it is accepted.
    pub(super) acknowledged: Instant,
    pub(super) end: Option<End>,
}

/// Any number of clients of one cluster. Clones are the same clients.
#[derive(Clone)]
pub(super) struct Clients(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    nodes: Mutex<Vec<String>>,
    uids: Vec<String>,
    catalogue: PublicCatalogue,
    tasks: Mutex<Vec<Entry>>,
    /// Requests that failed, by how.
    failures: Mutex<BTreeMap<String, usize>>,
    counts: watch::Sender<(usize, usize)>,
}

/// Why a request gave nothing.
struct Failed(String);

impl From<reqwest::Error> for Failed {
    fn from(error: reqwest::Error) -> Self {
        let kind = if error.is_connect() { "no connection" } else { "cut off" };
        Self(if error.is_timeout() { "no answer".to_owned() } else { kind.to_owned() })
    }
}

impl Clients {
    /// Registers so many clients at these nodes, with an evaluation key if they need one.
    pub(super) async fn register(nodes: &[&str], count: usize, with_key: bool) -> Self {
        cipherdeck::tls::install();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let mut uids = Vec::new();
        for index in 0..count {
            let form = if with_key {
                Form::new().part("key", Part::bytes(SERVER_KEY.clone()).file_name("server.key"))
            } else {
                Form::new().text("task_name", "ad_targeting")
            };
            let request = http.post(format!("{}/add_key", nodes[index % nodes.len()])).multipart(form);
            let answer: Value = request.send().await.unwrap().json().await.unwrap();
            uids.push(answer["uid"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned());
        }
        let catalogue = http.get(format!("{}/get_ads", nodes[0])).send().await.unwrap().json().await.unwrap();
        let nodes = Mutex::new(nodes.iter().map(|&url| url.to_owned()).collect());
        let (tasks, failures) = (Mutex::default(), Mutex::default());
        let counts = watch::Sender::new((0, 0));
        Self(Arc::new(Inner { http, nodes, uids, catalogue, tasks, failures, counts }))
    }

    /// From now on these are the nodes.
    pub(super) fn turn_to(&self, nodes: &[&str]) {
        *self.0.nodes.lock() = nodes.iter().map(|&url| url.to_owned()).collect();
    }

    /// Asks these questions, `at_once` at a time, each until it is answered.
    pub(super) fn ask(&self, questions: Vec<Question>, at_once: usize) -> JoinSet<()> {
        let (mut clients, questions) = (JoinSet::new(), Arc::new(Mutex::new(questions.into_iter().enumerate())));
        for _ in 0..at_once {
            let (this, questions) = (self.clone(), Arc::clone(&questions));
            clients.spawn(async move {
                while let Some((number, question)) = { questions.lock().next() } {
                    this.one(number, &question).await;
                }
            });
        }
        clients
    }

    /// Asks one question until it is answered; `number` says which client does and which node it turns to first.
    pub(super) async fn one(&self, number: usize, question: &Question) -> Entry {
        let (uid, key) = (&self.0.uids[number % self.0.uids.len()], Uuid::new_v4().to_string());
        let input = question.encrypt(&self.0.catalogue);
        let id = self.until(number, |node| self.submit(node, uid, question, &key, &input)).await;
        let index = {
            let mut tasks = self.0.tasks.lock();
            tasks.push(Entry { id, acknowledged: Instant::now(), end: None });
            tasks.len() - 1
        };
        self.0.counts.send_modify(|counts| counts.0 += 1);
        let end = self.until(number, |node| self.end_of(node, uid, question, id)).await;
        let entry = {
            let entry = &mut self.0.tasks.lock()[index];
            entry.end = Some(end);
            *entry
        };
        self.0.counts.send_modify(|counts| counts.1 += 1);
        entry
    }

    /// Repeats a request at one node after the other until one answers.
    async fn until<T, F: Future<Output = Result<Option<T>, Failed>>>(
        &self,
        mut number: usize,
        request: impl Fn(String) -> F,
    ) -> T {
        loop {
            let node = {
                let nodes = self.0.nodes.lock();
                nodes[number % nodes.len()].clone()
            };
            match request(node).await {
                Ok(Some(answer)) => return answer,
                Ok(None) => {}
                Err(Failed(how)) => {
                    *self.0.failures.lock().entry(how).or_default() += 1;
                    number += 1;
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn submit(
        &self,
        node: String,
        uid: &str,
        question: &Question,
        key: &str,
        input: &[u8],
    ) -> Result<Option<TaskId>, Failed> {
        let form = Form::new()
            .text("uid", uid.to_owned())
            .text("task_name", question.use_case())
            .part("encrypted_input", Part::bytes(input.to_vec()).file_name("input"));
        let request = self.0.http.post(format!("{node}/start_task")).header("Idempotency-Key", key).multipart(form);
        let answer: Value = answered(request.send().await?).await?.json().await?;
        Ok(Some(answer["task_id"].as_str().unwrap().parse().unwrap()))
    }

    /// How the task has ended; `None` while it has not.
    async fn end_of(&self, node: String, uid: &str, question: &Question, id: TaskId) -> Result<Option<End>, Failed> {
        let id = id.to_string();
        let query = [("task_id", id.as_str()), ("uid", uid), ("wait", "10")];
        let request = self.0.http.get(format!("{node}/get_task_status")).query(&query);
        let status: Value = answered(request.send().await?).await?.json().await?;
        match status["status"].as_str().unwrap() {
            "queued" | "started" => return Ok(None),
            "success" | "completed" => {}
            "unknown" => return Ok(Some(End::Lost)),
            _ => {
                eprintln!("{status}");
                return Ok(Some(End::Unexpected));
            }
        }
        let query = [("task_name", question.use_case()), ("task_id", &id), ("uid", uid)];
        let request = self.0.http.get(format!("{node}/get_task_result")).query(&query);
        let body = answered(request.send().await?).await?.bytes().await?;
        let right = question.is_right(&self.0.catalogue, &body);
        Ok(Some(if right { End::Right } else { End::Unexpected }))
    }

    /// Submits one question at this node, once, and leaves it at that.
    pub(super) async fn submitted(&self, node: &str, number: usize, question: &Question) -> TaskId {
        let (key, input) = (Uuid::new_v4().to_string(), self.encrypted(question));
        match self.submit(node.to_owned(), self.uid(number), question, &key, &input).await {
            Ok(Some(id)) => id,
            Ok(None) => unreachable!("a submission is answered"),
            Err(Failed(how)) => panic!("{how}"),
        }
    }

    /// What a client sends for this question.
    pub(super) fn encrypted(&self, question: &Question) -> Vec<u8> {
        question.encrypt(&self.0.catalogue)
    }

    /// Does this node have the right answer?
    pub(super) async fn is_answered(&self, node: &str, number: usize, question: &Question, id: TaskId) -> bool {
        let end = self.end_of(node.to_owned(), self.uid(number), question, id).await;
        matches!(end, Ok(Some(End::Right)))
    }

    /// Waits until so many tasks have been acknowledged in all.
    pub(super) async fn acknowledged(&self, count: usize) {
        self.counted(|counts| counts.0 >= count).await;
    }

    /// Waits until so many tasks have ended in all.
    pub(super) async fn ended(&self, count: usize) {
        self.counted(|counts| counts.1 >= count).await;
    }

    async fn counted(&self, enough: impl Fn((usize, usize)) -> bool) {
        let mut counts = self.0.counts.subscribe();
        let wait = counts.wait_for(|counts| enough(*counts));
        tokio::time::timeout(3 * DEADLINE, wait).await.expect("tasks go on").expect("the clients are there");
    }

    /// Acknowledged and ended tasks so far.
    pub(super) fn counts(&self) -> (usize, usize) {
        *self.0.counts.borrow()
    }

    pub(super) fn tasks(&self) -> Vec<Entry> {
        self.0.tasks.lock().clone()
    }

    pub(super) fn failures(&self) -> BTreeMap<String, usize> {
        self.0.failures.lock().clone()
    }

    pub(super) fn uid(&self, number: usize) -> &str {
        &self.0.uids[number % self.0.uids.len()]
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }
}

/// Waits for clients that were asked something.
pub(super) async fn finished(mut clients: JoinSet<()>) {
    let all = async { while clients.join_next().await.is_some_and(|client| client.map(|()| true).unwrap()) {} };
    tokio::time::timeout(10 * DEADLINE, all).await.expect("every client gets its answers");
}

/// An answer that is no refusal.
async fn answered(response: Response) -> Result<Response, Failed> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body: Value = response.json().await.unwrap_or_default();
    Err(Failed(format!("{} {}", status.as_u16(), body["label"].as_str().unwrap_or("?"))))
}
