//! A store with a clock that tests move, and short ways to say what happens to it.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use cipherdeck::{
    store::{Claim, ClaimRequest, Enqueued, FinishOutcome, NewTask, Outcome, Store, StoreOptions},
    task::{
        BlobRef, ClientId, Clock, Digest, FailureLabel, Status, Task, TaskFailure, TaskId, Timestamp, Token, Uid,
        WorkerName,
    },
};

use super::engine::Engine;

/// Where every test's clock begins.
pub(crate) const START: i64 = 1_800_000_000_000;

/// What every worker of these tests is able to run.
pub(crate) const USE_CASES: [&str; 3] = ["weight_stats", "sleep_quality", "ad_targeting"];

/// A store under test.
pub(crate) struct World<E> {
    pub(crate) engine: E,
    pub(crate) options: StoreOptions,
    now: Arc<AtomicI64>,
    store: Option<Arc<dyn Store>>,
}

impl<E: Engine> World<E> {
    /// A fresh store with small limits.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A fresh store with other rules.
    pub(crate) async fn with(change: impl FnOnce(&mut StoreOptions)) -> Self {
        let now = Arc::new(AtomicI64::new(START));
        let source = Arc::clone(&now);
        let mut options = StoreOptions {
            clock: Clock::from_fn(move || Timestamp::from_millis(source.load(Ordering::SeqCst))),
            attempts: 3,
            waiting: 1_000_000,
            waiting_per_client: 1_000_000,
            keyless_uids: 10_000,
            uids_per_client: 0,
            result_ttl: Duration::from_hours(24),
            key_ttl: Duration::from_hours(24 * 30),
            keyless_ttl: Duration::from_hours(24),
            runs: 100_000,
            audit: 1_000,
            event_backlog: 4096,
        };
        change(&mut options);
        let engine = E::new();
        let store = engine.open(options.clone()).await.unwrap();
        Self { engine, options, now, store: Some(store) }
    }

    /// The store.
    pub(crate) fn store(&self) -> &dyn Store {
        self.store.as_deref().unwrap()
    }

    /// Crashes and starts again.
    pub(crate) async fn crash(&mut self) {
        let store = self.store.take().unwrap();
        self.store = Some(self.engine.crash(store, self.options.clone()).await.unwrap());
    }

    /// The same with other rules from now on.
    pub(crate) async fn crash_with(&mut self, change: impl FnOnce(&mut StoreOptions)) {
        change(&mut self.options);
        self.crash().await;
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }

    /// Moves the wall clock, also backwards.
    pub(crate) fn step_clock(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.step_clock(i64::try_from(by.as_millis()).unwrap());
    }

    /// A new uid with a key of its own.
    pub(crate) async fn uid(&self) -> Uid {
        let uid = Uid::random();
        let client = ClientId(uid.tag());
        self.store().add_uid(uid, client, Some(blob(&format!("keys/{}", uid.tag())))).await.unwrap();
        uid
    }

    /// Submits a task.
    pub(crate) async fn enqueue(&self, uid: Uid) -> TaskId {
        let new = self.new_task(uid);
        let id = new.id;
        assert_eq!(self.store().enqueue(new).await.unwrap(), Enqueued::New(id));
        id
    }

    /// A task to submit.
    pub(crate) fn new_task(&self, uid: Uid) -> NewTask {
        let id = TaskId::random();
        NewTask {
            id,
            uid,
            client: ClientId(uid.tag()),
            use_case: USE_CASES[0].to_owned(),
            capability: USE_CASES[0].to_owned(),
            input: blob(&format!("inputs/{id}")),
            idempotency_key: None,
            priority: 0,
            received: self.now(),
        }
    }

    /// Claims the first task for a worker that is able to run everything.
    pub(crate) async fn claim(&self) -> Option<Claim> {
        self.store().claim(request(Token::random())).await.unwrap()
    }

    /// Finishes with success.
    pub(crate) async fn succeed(&self, claim: &Claim) -> FinishOutcome {
        self.store().finish(claim.task.id, claim.token, success(claim)).await.unwrap()
    }

    /// Claims the first task and finishes it with success.
    pub(crate) async fn run_one(&self) -> TaskId {
        let claim = self.claim().await.expect("a task to claim");
        assert_eq!(self.succeed(&claim).await, FinishOutcome::Applied(Status::Success));
        claim.task.id
    }

    /// The record, which must exist.
    pub(crate) async fn task(&self, id: TaskId) -> Task {
        self.store().task(id).await.unwrap().expect("the task exists")
    }

    pub(crate) async fn status(&self, id: TaskId) -> Option<Status> {
        self.store().task(id).await.unwrap().map(|task| task.status)
    }
}

/// A worker's request that asks for everything.
pub(crate) fn request(nonce: Token) -> ClaimRequest {
    let capabilities: BTreeSet<String> = USE_CASES.iter().map(|name| (*name).to_owned()).collect();
    ClaimRequest { worker: WorkerName("host:1:w/0".to_owned()), nonce, capabilities, device: "cpu".to_owned() }
}

/// A reference to a blob that nobody reads here.
pub(crate) fn blob(name: &str) -> BlobRef {
    BlobRef { name: name.to_owned(), len: name.len() as u64, digest: Digest::of(name.as_bytes()) }
}

/// The result blob of a claim, named as workers name it.
pub(crate) fn result_of(claim: &Claim) -> BlobRef {
    blob(&format!("results/{}/{}", claim.task.id, claim.token))
}

/// A good end.
pub(crate) fn success(claim: &Claim) -> Outcome {
    success_named(claim.task.id, claim.token)
}

/// A good end of a claim that is known by its names only.
pub(crate) fn success_named(task: TaskId, token: Token) -> Outcome {
    let result = blob(&format!("results/{task}/{token}"));
    Outcome::Success { result, server: Duration::from_millis(1_500), bootstraps: 42 }
}

/// A deterministic error.
pub(crate) fn failure() -> Outcome {
    Outcome::Failure(TaskFailure { label: FailureLabel::KernelPanic, detail: "a panic".to_owned() })
}
