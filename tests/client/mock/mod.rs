//! A small server that computes for real and errs on command. It runs in a runtime of its own, so that it can be
//! killed and started again on its port.

mod endpoints;

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write as _,
    net::TcpListener,
    sync::Arc,
    time::Duration,
};

use axum::body::Bytes;
use cipherdeck::use_cases::{Output, ad_targeting::Catalogue};
use parking_lot::Mutex;
use tokio::{runtime::Runtime, sync::watch};

/// What a request gets instead of its answer.
#[derive(Clone)]
pub(super) enum Instead {
    /// An error answer; `Some` is a Retry-After header.
    Refuse(u16, &'static str, Option<&'static str>),
    /// The work is done, but the connection breaks before the answer.
    Lose,
}

struct Task {
    uid: String,
    status: &'static str,
    details: String,
    output: Option<Output>,
}

struct Inner {
    catalogue: Arc<Catalogue>,
    uids: BTreeMap<String, Option<Bytes>>,
    tasks: BTreeMap<String, Task>,
    idempotency: BTreeMap<String, String>,
    script: VecDeque<(&'static str, Instead)>,
    hold: bool,
    fail: Option<&'static str>,
}

type Shared = Arc<Server>;

struct Server {
    inner: Mutex<Inner>,
    calls: watch::Sender<Vec<String>>,
}

/// The server. Stops when dropped.
pub(super) struct Mock {
    pub(super) url: String,
    listener: TcpListener,
    server: Shared,
    runtime: Option<Runtime>,
}

/// A catalogue of ads whose weights all hang on `seed`.
pub(super) fn catalogue(seed: usize) -> Arc<Catalogue> {
    let mut text = "id,title,description,genders,age_groups,languages,kids,countries,interests\n".to_owned();
    for row in 0..40 {
        let (gender, kids) = (["female", "male"][row % 2], row % 2);
        let (art, tech) = ((row + seed) % 5 + 1, row % 5 + 1);
        writeln!(text, "ad{row},Title {row},About {row},{gender},,French,{kids},,Art:{art}|Tech:{tech}").unwrap();
    }
    Arc::new(Catalogue::parse("test.csv", text.as_bytes()).unwrap())
}

impl Mock {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let inner = Inner {
            catalogue: catalogue(0),
            uids: BTreeMap::new(),
            tasks: BTreeMap::new(),
            idempotency: BTreeMap::new(),
            script: VecDeque::new(),
            hold: false,
            fail: None,
        };
        let server = Arc::new(Server { inner: Mutex::new(inner), calls: watch::Sender::new(Vec::new()) });
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut mock = Self { url, listener, server, runtime: None };
        mock.run();
        mock
    }

    /// Listens (again). What it knew before, it still knows.
    pub(super) fn run(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (listener, server) = (self.listener.try_clone().unwrap(), Arc::clone(&self.server));
        runtime.spawn(async move {
            axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), endpoints::router(server)).await
        });
        self.runtime = Some(runtime);
    }

    /// Breaks all connections, as a killed process does.
    pub(super) fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    /// The next request to `path` gets this instead.
    pub(super) fn instead(&self, path: &'static str, what: Instead) {
        self.server.inner.lock().script.push_back((path, what));
    }

    /// New tasks stay started until they are cancelled or released.
    pub(super) fn hold(&self) {
        self.server.inner.lock().hold = true;
    }

    /// Held tasks are computed when next asked for.
    pub(super) fn release(&self) {
        self.server.inner.lock().hold = false;
    }

    /// The next task fails with this label.
    pub(super) fn fail_next(&self, label: &'static str) {
        self.server.inner.lock().fail = Some(label);
    }

    /// Forgets all uids, keys and tasks.
    pub(super) fn forget_all(&self) {
        let mut inner = self.server.inner.lock();
        inner.uids.clear();
        inner.tasks.clear();
    }

    /// Keeps the uids, but loses their keys.
    pub(super) fn lose_keys(&self) {
        self.server.inner.lock().uids.values_mut().for_each(|key| *key = None);
    }

    pub(super) fn set_catalogue(&self, catalogue: Arc<Catalogue>) {
        self.server.inner.lock().catalogue = catalogue;
    }

    pub(super) fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.server.inner.lock().catalogue)
    }

    pub(super) fn uids(&self) -> Vec<String> {
        self.server.inner.lock().uids.keys().cloned().collect()
    }

    /// Status words of all tasks.
    pub(super) fn tasks(&self) -> Vec<&'static str> {
        self.server.inner.lock().tasks.values().map(|task| task.status).collect()
    }

    /// The requests since the last call.
    pub(super) fn calls(&self) -> Vec<String> {
        self.server.calls.send_replace(Vec::new())
    }

    /// Waits until `path` has been asked for.
    pub(super) async fn called(&self, path: &str) {
        let mut calls = self.server.calls.subscribe();
        let seen = calls.wait_for(|calls| calls.iter().any(|call| call == path));
        tokio::time::timeout(Duration::from_secs(30), seen).await.expect("it is asked for in time").unwrap();
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.kill();
    }
}
