//! A server to talk to, and a worker that does what the test says.

mod answers;
mod fake;
mod worker;

use std::sync::{Arc, LazyLock};

use cipherdeck::{
    api::{self, ApiState, Executor},
    blobs::BlobStore,
    config::{self, Settings},
    monitor::{Telemetry, logs::LogRing},
    operator::Desk,
    store::{Store, StoreOptions, sqlite::SqliteStore},
    task::{Clock, TaskId},
    vault::KeyVault,
};
use futures::FutureExt as _;
use reqwest::{Response, StatusCode, multipart::Form};
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::{answers::PATIENCE, fake::registry};
pub(crate) use self::{
    answers::{file, ok, patiently, refused, start_form, text_of},
    fake::{ECHO, LOCKED, MAX_INPUT},
    worker::worker,
};

/// While there is one subscriber only, tracing asks that of whichever thread comes by first whether a line is wanted, and
/// keeps the answer: another test, without one, would silence a line for the test that reads it.
static SECOND: LazyLock<tracing::Dispatch> =
    LazyLock::new(|| tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default()));

/// A running server.
pub(crate) struct Deck {
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
    pub(crate) state: Arc<ApiState>,
    pub(crate) dir: tempfile::TempDir,
    stop: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Drop for Deck {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Deck {
    pub(crate) fn start() -> Self {
        Self::with(|_| ())
    }

    /// With other settings.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::over(tempfile::tempdir().unwrap(), change, LogRing::new(1000), Executor::start(2).unwrap())
    }

    /// Another server over the same directory, with other settings; this one is gone.
    pub(crate) async fn restart(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        self.state.store.close().await;
        let dir = std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap());
        drop(self);
        Self::over(dir, change, LogRing::new(1000), Executor::start(2).unwrap())
    }

    /// Handlers run where the test does, so that they write to its own log.
    pub(crate) fn with_logs(change: impl FnOnce(&mut Settings), logs: LogRing) -> Self {
        Self::over(tempfile::tempdir().unwrap(), change, logs, Executor::in_place())
    }

    /// A runtime must be there: the server is a task of it.
    fn over(dir: tempfile::TempDir, change: impl FnOnce(&mut Settings), logs: LogRing, executor: Executor) -> Self {
        LazyLock::force(&SECOND);
        let data_dir = Some(dir.path().to_owned());
        let mut settings = config::load(config::Overrides { data_dir, ..config::Overrides::default() }).unwrap();
        change(&mut settings);
        let options = StoreOptions::from_settings(&settings);
        let store: Arc<dyn Store> = SqliteStore::open(dir.path(), options).unwrap();
        let blobs = BlobStore::local(&dir.path().join("blobs")).unwrap();
        let vault = KeyVault::new(Arc::clone(&store), blobs.clone());
        let use_cases = registry(dir.path());
        let names = use_cases.names().into_iter().map(str::to_owned).collect();
        let state = Arc::new(ApiState {
            desk: Desk::new(Arc::clone(&store), vault.clone(), names),
            vault,
            store,
            blobs,
            use_cases,
            settings: Arc::new(settings),
            logs,
            workers: None,
            telemetry: Telemetry::default(),
            clock: Clock::system(),
            executor,
            draining: CancellationToken::new(),
        });
        // The test is the worker.
        state.store.announce(worker()).now_or_never().unwrap().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let router = api::router(Arc::clone(&state));
        let (shared, closing) = (Arc::clone(&state), stop.clone());
        let serving = tokio::spawn(async move {
            let (settings, metrics) = (Arc::clone(&shared.settings), &shared.telemetry.metrics.http);
            api::serve(listener, router, settings, None, metrics, closing).await
        });
        cipherdeck::tls::install();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { url, http, state, dir, stop, serving }
    }

    /// Closes the listener and waits for the end.
    pub(crate) async fn close(mut self) {
        self.stop.cancel();
        patiently(&mut self.serving).await.unwrap().unwrap();
    }

    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, form: Form) -> Response {
        self.http.post(format!("{}{path}", self.url)).multipart(form).send().await.unwrap()
    }

    /// A uid without a key.
    pub(crate) async fn uid(&self) -> String {
        let response = self.post("/add_key", Form::new().text("task_name", ECHO)).await;
        text_of(&ok(response).await, "uid")
    }

    pub(crate) async fn submit(&self, uid: &str, input: &[u8]) -> Response {
        self.post("/start_task", start_form(uid, ECHO, input)).await
    }

    /// An accepted task.
    pub(crate) async fn task(&self, uid: &str) -> String {
        text_of(&ok(self.submit(uid, b"GOOD").await).await, "task_id")
    }

    pub(crate) async fn status(&self, task: &str, uid: &str) -> Value {
        self.json(&format!("/get_task_status?task_id={task}&uid={uid}")).await
    }

    pub(crate) async fn cancel(&self, task: &str, uid: &str) -> Value {
        let form = [("task_id", task), ("uid", uid)];
        ok(self.http.post(format!("{}/cancel_task", self.url)).form(&form).send().await.unwrap()).await
    }

    pub(crate) async fn requeue(&self, task: &str) {
        let id: TaskId = task.parse().unwrap();
        self.state.store.requeue(id).await.unwrap();
    }

    /// Names of all blobs.
    pub(crate) async fn blobs(&self) -> Vec<String> {
        let mut names: Vec<_> = self.state.blobs.list().await.unwrap().into_iter().map(|blob| blob.name).collect();
        names.sort();
        names
    }

    /// Waits until uploads that were refused are removed, which happens after the answer.
    pub(crate) async fn settle_blobs(&self, expected: usize) -> Vec<String> {
        patiently(async {
            loop {
                let names = self.blobs().await;
                if names.len() == expected {
                    return names;
                }
                tokio::task::yield_now().await;
            }
        })
        .await
    }

    /// One sample of `/metrics`.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let text = self.get("/metrics").await.text().await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).expect("the metric");
        line.parse().unwrap()
    }

    /// Waits until `count` requests wait for a change.
    pub(crate) async fn waiting(&self, count: u64) {
        patiently(async {
            while self.metric("cipherdeck_http_waiting_requests").await != count {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// All tasks that exist.
    pub(crate) async fn tasks(&self) -> u64 {
        self.state.store.counts().await.unwrap().total()
    }
}
