//! Clients that go on through crashes: each submission has an idempotency key and is repeated until it is acknowledged.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use cipherdeck::{
    task::TaskId,
    use_cases::{ad_targeting, ad_targeting::PublicCatalogue, weight_stats},
};
use parking_lot::Mutex;
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::support::{
    keys::{CLIENT, SERVER_KEY},
    wait::DEADLINE,
};

/// Weight lists submitted in all: they take seconds each, so that kills find something running.
const WEIGHTS: usize = 5;

/// A submission: what is asked, and under which key.
#[derive(Clone)]
struct Job {
    uid: String,
    question: Arc<Question>,
    idempotency_key: String,
    task: Option<String>,
    answered: bool,
}

enum Question {
    Weights([u16; 2]),
    Ads([bool; ad_targeting::FEATURES]),
}

impl Question {
    const fn use_case(&self) -> &'static str {
        match self {
            Self::Weights(_) => "weight_stats",
            Self::Ads(_) => "ad_targeting",
        }
    }
}

/// What the clients can say in the end.
pub struct Ended {
    pub accepted: Vec<TaskId>,
    pub lost: usize,
    pub unexpected: usize,
}

pub struct Clients {
    http: reqwest::Client,
    uids: Vec<String>,
    catalogue: Arc<PublicCatalogue>,
    jobs: Arc<Mutex<Vec<Job>>>,
    answers: Arc<AtomicUsize>,
    answered: Arc<Notify>,
    unexpected: Arc<AtomicUsize>,
}

impl Clients {
    pub async fn register(url: &str, count: usize) -> Self {
        cipherdeck::tls::install();
        let http = reqwest::Client::new();
        let mut uids = Vec::new();
        for _ in 0..count {
            let key = Part::bytes(SERVER_KEY.clone()).file_name("server.key");
            let request = http.post(format!("{url}/add_key")).multipart(Form::new().part("key", key));
            let answer: Value = request.send().await.unwrap().json().await.unwrap();
            uids.push(answer["uid"].as_str().unwrap().to_owned());
        }
        let catalogue = http.get(format!("{url}/get_ads")).send().await.unwrap().json().await.unwrap();
        Self {
            http,
            uids,
            catalogue: Arc::new(catalogue),
            jobs: Arc::default(),
            answers: Arc::default(),
            answered: Arc::default(),
            unexpected: Arc::default(),
        }
    }

    /// Submits one more task per client and reads statuses and results without pause, until the server has given
    /// `moment` answers. What is on its way then is cut off by the caller's kill.
    pub async fn work(&self, url: &str, round: usize, moment: usize) -> Vec<tokio::task::JoinHandle<()>> {
        self.answers.store(0, Ordering::SeqCst);
        for (client, uid) in self.uids.iter().enumerate() {
            let mut jobs = self.jobs.lock();
            let weights = client == 0 && round < WEIGHTS;
            let question = if weights {
                Question::Weights([650 + round as u16, 700])
            } else {
                Question::Ads(std::array::from_fn(|feature| (feature * 7 + round * 3 + client).is_multiple_of(5)))
            };
            let (uid, idempotency_key) = (uid.clone(), Uuid::new_v4().to_string());
            jobs.push(Job { uid, question: Arc::new(question), idempotency_key, task: None, answered: false });
        }
        let clients: Vec<_> = self
            .uids
            .iter()
            .map(|uid| {
                let (this, url, uid) = (self.share(), url.to_owned(), uid.clone());
                tokio::spawn(async move { while this.step_all(&url, &uid, 0).await.is_ok() {} })
            })
            .collect();
        let enough = async {
            while self.answers.load(Ordering::SeqCst) < moment {
                self.answered.notified().await;
            }
        };
        tokio::time::timeout(DEADLINE, enough).await.expect("the server answers");
        clients
    }

    /// Waits until every submission has been acknowledged, answered and checked.
    pub async fn finish(&self, url: &str) -> Ended {
        let all = async {
            for uid in &self.uids {
                while self.step_all(url, uid, 10).await.expect("nobody kills the server now") {}
            }
        };
        tokio::time::timeout(20 * DEADLINE, all).await.expect("every task ends");
        let jobs = self.jobs.lock();
        let accepted: Vec<TaskId> =
            jobs.iter().filter_map(|job| job.task.as_ref()).map(|id| id.parse().unwrap()).collect();
        let lost = jobs.iter().filter(|job| !job.answered).count();
        Ended { accepted, lost, unexpected: self.unexpected.load(Ordering::SeqCst) }
    }

    fn share(&self) -> Self {
        Self {
            http: self.http.clone(),
            uids: self.uids.clone(),
            catalogue: Arc::clone(&self.catalogue),
            jobs: Arc::clone(&self.jobs),
            answers: Arc::clone(&self.answers),
            answered: Arc::clone(&self.answered),
            unexpected: Arc::clone(&self.unexpected),
        }
    }

    /// Moves every open job of one client one step on. `Ok(false)` when none is open, an error when the server is gone.
    async fn step_all(&self, url: &str, uid: &str, wait: u8) -> reqwest::Result<bool> {
        let open: Vec<usize> = {
            let jobs = self.jobs.lock();
            jobs.iter().enumerate().filter(|(_, job)| job.uid == uid && !job.answered).map(|(index, _)| index).collect()
        };
        for &index in &open {
            let job = self.jobs.lock()[index].clone();
            let done = self.step(url, job, wait).await?;
            self.answers.fetch_add(1, Ordering::SeqCst);
            self.answered.notify_one();
            self.jobs.lock()[index] = done;
        }
        if open.is_empty() {
            // Everything is answered: go on asking, so that the moment comes.
            self.http.get(format!("{url}/healthz")).send().await?.error_for_status()?;
            self.answers.fetch_add(1, Ordering::SeqCst);
            self.answered.notify_one();
        }
        Ok(!open.is_empty())
    }

    async fn step(&self, url: &str, mut job: Job, wait: u8) -> reqwest::Result<Job> {
        let Some(task) = job.task.clone() else {
            job.task = Some(self.submit(url, &job).await?);
            return Ok(job);
        };
        let query = [("task_id", task.as_str()), ("uid", &job.uid), ("wait", &wait.to_string())];
        let status: Value = self.http.get(format!("{url}/get_task_status")).query(&query).send().await?.json().await?;
        match status["status"].as_str().unwrap() {
            "queued" | "started" => Ok(job),
            "success" | "completed" => {
                let right = self.check(url, &job, &task).await?;
                job.answered = true;
                self.unexpected.fetch_add(usize::from(!right), Ordering::SeqCst);
                Ok(job)
            }
            other => {
                eprintln!("task {task}: {other}: {status}");
                self.unexpected.fetch_add(1, Ordering::SeqCst);
                // An unknown task stays unanswered and counts as lost.
                job.answered = other != "unknown";
                Ok(job)
            }
        }
    }

    async fn submit(&self, url: &str, job: &Job) -> reqwest::Result<String> {
        let input = match job.question.as_ref() {
            Question::Weights(weights) => weight_stats::encrypt(&CLIENT, weights).unwrap(),
            Question::Ads(profile) => ad_targeting::encrypt(&CLIENT, profile, &self.catalogue).unwrap(),
        };
        // Encryption is randomised, so a repeated submission has other bytes: keep the first ones.
        let input = INPUTS.lock().entry(job.idempotency_key.clone()).or_insert(input).clone();
        let form = Form::new()
            .text("uid", job.uid.clone())
            .text("task_name", job.question.use_case())
            .part("encrypted_input", Part::bytes(input).file_name("input"));
        let request = self.http.post(format!("{url}/start_task")).header("Idempotency-Key", &job.idempotency_key);
        let answer = request.multipart(form).send().await?;
        let status = answer.status();
        let answer: Value = answer.json().await?;
        Ok(answer["task_id"].as_str().unwrap_or_else(|| panic!("{status}: {answer}")).to_owned())
    }

    async fn check(&self, url: &str, job: &Job, task: &str) -> reqwest::Result<bool> {
        let query = [("task_name", job.question.use_case()), ("task_id", task), ("uid", &job.uid)];
        let answer = self.http.get(format!("{url}/get_task_result")).query(&query).send().await?;
        match job.question.as_ref() {
            Question::Weights(weights) => {
                let answer: Value = answer.json().await?;
                let value = |name: &str| {
                    use base64::Engine as _;
                    let text = answer[name].as_str().unwrap_or_else(|| panic!("{answer}"));
                    let document = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
                    weight_stats::decrypt(&CLIENT, &document).unwrap()
                };
                let [a, b] = *weights;
                Ok((value("min"), value("max"), value("avg")) == (a.min(b), a.max(b), (a + b).div_ceil(2)))
            }
            Question::Ads(profile) => {
                let document = answer.bytes().await?;
                let scores = ad_targeting::decrypt(&CLIENT, &document, &self.catalogue).unwrap();
                Ok(scores == super::clear_scores(profile))
            }
        }
    }
}

static INPUTS: std::sync::LazyLock<Mutex<std::collections::HashMap<String, Vec<u8>>>> =
    std::sync::LazyLock::new(Mutex::default);
