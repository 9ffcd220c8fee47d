//! A server to talk to, and a worker that does what the test says.

use std::{
    path::Path,
    sync::{Arc, LazyLock},
    time::Duration,
};

use cipherdeck::{
    api::{self, ApiState},
    blobs::BlobStore,
    codec,
    config::{self, Settings},
    fhe::{Context, ServerKey},
    monitor::logs::LogRing,
    operator::Desk,
    store::{
        Beat, BeatAnswer, Claim, ClaimRequest, FinishOutcome, KeyCacheReport, NodeName, NodeReport, Outcome,
        SlotReport, Store, StoreOptions, sqlite::SqliteStore,
    },
    task::{Clock, FailureLabel, Status, TaskFailure, TaskId, Timestamp, Token, WorkerName},
    use_cases::{InputError, InputFacts, KernelError, Output, Parameter, Registry, UseCase, UseCaseInfo},
    vault::KeyVault,
};
use futures::FutureExt as _;
use reqwest::{
    Response, StatusCode,
    multipart::{Form, Part},
};
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Needs no key; one output.
pub(crate) const ECHO: &str = "echo";
/// Needs a key.
pub(crate) const LOCKED: &str = "locked";
/// No valid input of `echo` is longer.
pub(crate) const MAX_INPUT: u64 = 256 << 10;

/// Nothing in these tests takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A use case whose check looks at four bytes and whose kernel is never called.
struct Fake {
    name: &'static str,
    needs_key: bool,
}

impl UseCase for Fake {
    fn info(&self) -> UseCaseInfo {
        UseCaseInfo {
            name: self.name,
            description: "A use case of the tests",
            input: "four letters",
            output: "whatever the test says",
            parameters: vec![Parameter { name: "letters", value: "4".to_owned() }],
            needs_key: self.needs_key,
            max_input_bytes: MAX_INPUT,
        }
    }

    fn check(&self, input: &[u8]) -> Result<InputFacts, InputError> {
        let why = "the test wants it".to_owned();
        match input.get(..4) {
            Some(b"GOOD") => Ok(InputFacts { capability: self.capability() }),
            Some(b"OTHR") => Err(InputError::WrongUseCase(why)),
            Some(b"PARM") => Err(InputError::WrongParameters(why)),
            Some(b"CATA") => Err(InputError::CatalogueChanged(why)),
            Some(b"BOOM") => panic!("the check has a bug"),
            _ => Err(InputError::Invalid(why)),
        }
    }

    fn run(&self, _: Option<&ServerKey>, _: &[u8], _: &Context) -> Result<Output, KernelError> {
        Err(KernelError::Refused("the test is the worker".to_owned()))
    }
}

/// Three ads, so that the real catalogue's code answers `/get_ads`.
const ADS: &str = "id,title,description,genders,age_groups,languages,kids,countries,interests\n\
    a1,Bikes,Two wheels,female,,English,0,France,Bicycle:5|Travel:2\n\
    a2,Books,Paper,,senior,,0,,Books:4\n\
    a3,Toys,For <kids>,,,,1,,\n";

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
        Self::with_logs(change, LogRing::new(1000))
    }

    /// Another server over the same directory, with other settings; this one is gone.
    pub(crate) async fn restart(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        self.state.store.close().await;
        let dir = std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap());
        drop(self);
        Self::over(dir, change, LogRing::new(1000))
    }

    /// A runtime must be there: the server is a task of it.
    pub(crate) fn with_logs(change: impl FnOnce(&mut Settings), logs: LogRing) -> Self {
        Self::over(tempfile::tempdir().unwrap(), change, logs)
    }

    fn over(dir: tempfile::TempDir, change: impl FnOnce(&mut Settings), logs: LogRing) -> Self {
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
            swept: Arc::default(),
            clock: Clock::system(),
            draining: CancellationToken::new(),
        });
        // The test is the worker.
        state.store.announce(worker()).now_or_never().unwrap().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let router = api::router(Arc::clone(&state));
        let serving = tokio::spawn(api::serve(listener, router, Arc::clone(&state.settings), None, stop.clone()));
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

    /// Claims the next task, as a worker does.
    pub(crate) async fn claim(&self) -> Claim {
        let request = ClaimRequest {
            worker: WorkerName("host:1:test/0".to_owned()),
            nonce: Token::random(),
            capabilities: self.state.use_cases.capabilities(),
            device: "cpu".to_owned(),
        };
        self.state.store.claim(request).await.unwrap().expect("a task waits")
    }

    /// A worker's sign of life.
    pub(crate) async fn beat(&self, claim: &Claim, progress: f32) -> BeatAnswer {
        let beat = Beat { task: claim.task.id, token: claim.token, progress };
        self.state.store.heartbeat(vec![beat]).await.unwrap()[0]
    }

    /// Publishes a result, as a worker does: the blob first.
    pub(crate) async fn succeed(&self, claim: &Claim, output: &Output) -> Status {
        let name = format!("results/{}/{}", claim.task.id, claim.token);
        let result = self.state.blobs.put(&name, codec::encode(output).unwrap().into()).await.unwrap();
        self.finish(claim, Outcome::Success { result, server: Duration::from_millis(1500), bootstraps: 3 }).await
    }

    pub(crate) async fn fail(&self, claim: &Claim) -> Status {
        let detail = "secret detail for the operator".to_owned();
        self.finish(claim, Outcome::Failure(TaskFailure { label: FailureLabel::TimeLimit, detail })).await
    }

    pub(crate) async fn finish(&self, claim: &Claim, outcome: Outcome) -> Status {
        match self.state.store.finish(claim.task.id, claim.token, outcome).await.unwrap() {
            FinishOutcome::Applied(status) => status,
            FinishOutcome::Stale => panic!("a stale claim"),
        }
    }

    /// An ended task with this output.
    pub(crate) async fn finished(&self, uid: &str, output: &Output) -> String {
        let task = self.task(uid).await;
        let claim = self.claim().await;
        assert_eq!(claim.task.id.to_string(), task);
        assert_eq!(self.succeed(&claim, output).await, Status::Success);
        task
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

/// A node with one slot, as it announces itself.
pub(crate) fn worker() -> NodeReport {
    let (name, started) = (NodeName("host:1:test".to_owned()), Timestamp::now());
    let slot = SlotReport {
        worker: name.slot(0),
        device: "cpu".to_owned(),
        task: None,
        since: started,
        done: 0,
        failed: 0,
        computed: Duration::ZERO,
        busy: Duration::ZERO,
        draining: false,
    };
    NodeReport {
        name,
        version: "0".to_owned(),
        started,
        threads: 1,
        devices: vec!["cpu".to_owned()],
        slots: vec![slot],
        keys: KeyCacheReport::default(),
        bootstraps: 0,
        lease_ms: 60_000,
    }
}

fn registry(dir: &Path) -> Registry {
    let catalogue = dir.join("ads.csv");
    std::fs::write(&catalogue, ADS).unwrap();
    Registry::standard(&catalogue)
        .unwrap()
        .with(Arc::new(Fake { name: ECHO, needs_key: false }))
        .with(Arc::new(Fake { name: LOCKED, needs_key: true }))
}

pub(crate) fn file(bytes: &[u8]) -> Part {
    Part::bytes(bytes.to_vec()).file_name("upload.bin")
}

pub(crate) fn start_form(uid: &str, task_name: &str, input: &[u8]) -> Form {
    let form = Form::new().text("uid", uid.to_owned()).text("task_name", task_name.to_owned());
    form.part("encrypted_input", file(input))
}

/// The answer of a request that was granted.
pub(crate) async fn ok(response: Response) -> Value {
    let (status, body) = (response.status(), response.text().await.unwrap());
    assert_eq!(status, StatusCode::OK, "{body}");
    serde_json::from_str(&body).unwrap()
}

/// Asserts a refusal in the contract's shape, and gives its sentence.
pub(crate) async fn refused(response: Response, status: u16, label: &str) -> String {
    let (got, id) = (response.status(), response.headers()["x-request-id"].to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"));
    assert_eq!((got.as_u16(), text_of(&body, "label").as_str()), (status, label), "{body}");
    assert_eq!(text_of(&body, "request_id"), id);
    assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
    text_of(&body, "detail")
}

pub(crate) fn text_of(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("no text `{key}` in {value}")).to_owned()
}

/// Awaits something that surely happens.
pub(crate) async fn patiently<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it did not happen")
}
