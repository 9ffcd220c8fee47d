//! A server with tokens, and short ways to ask it.

use std::{collections::BTreeSet, time::Duration};

use cipherdeck::{
    config::Settings,
    monitor::logs::LogRing,
    operator::{Role, tokens},
    store::{KeyCacheReport, NodeName, NodeReport, SlotReport},
    task::{Timestamp, WorkerName},
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::http::harness::{Deck, ok, worker as worker_of_the_harness};

/// A server that wants tokens, with one of each role.
pub(crate) struct Guarded {
    pub(crate) deck: Deck,
    pub(crate) client: String,
    pub(crate) viewer: String,
    pub(crate) operator: String,
}

impl Guarded {
    pub(crate) fn start() -> Self {
        Self::with_logs(|_| (), LogRing::new(1000))
    }

    pub(crate) fn with_logs(change: impl FnOnce(&mut Settings), logs: LogRing) -> Self {
        let deck = Deck::with_logs(
            |settings| {
                settings.auth.required = true;
                change(settings);
            },
            logs,
        );
        let token = |name, role| tokens::add(&deck.state.settings.auth.tokens, name, role).unwrap().expose().to_owned();
        let (client, viewer) = (token("carl", Role::Client), token("vera", Role::Viewer));
        let operator = token("olga", Role::Operator);
        Self { deck, client, viewer, operator }
    }
}

/// A request with this token and this JSON.
pub(crate) async fn ask(deck: &Deck, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Response {
    let method: Method = method.parse().unwrap();
    let mut request = deck.http.request(method, format!("{}{path}", deck.url));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    request.send().await.unwrap()
}

/// A POST that is granted.
pub(crate) async fn post(deck: &Deck, path: &str, body: Value) -> Value {
    ok(ask(deck, "POST", path, None, Some(body)).await).await
}

/// `(actor, action, object, result)` of the audit log, oldest first.
pub(crate) async fn audited(deck: &Deck) -> Vec<[String; 4]> {
    let page = deck.state.desk.audited(Default::default(), None, 1_000).await.unwrap();
    let row = |row: cipherdeck::store::AuditRow| {
        assert_eq!(row.entry.by.door, "http");
        [row.entry.by.name, row.entry.action, row.entry.object, row.entry.result]
    };
    page.rows.into_iter().rev().map(row).collect()
}

pub(crate) fn row(actor: &str, action: &str, object: &str, result: &str) -> [String; 4] {
    [actor, action, object, result].map(str::to_owned)
}

/// A node with one slot announces itself.
pub(crate) async fn announce(deck: &Deck) -> (String, String) {
    let name = NodeName("host:1:0b7c2f4e-9a51-4c39-8b5e-2d9f0c6a7e11".to_owned());
    let worker: WorkerName = name.slot(0);
    let slot = SlotReport {
        worker: worker.clone(),
        device: "cpu".to_owned(),
        task: None,
        since: Timestamp::now(),
        done: 3,
        failed: 1,
        computed: std::time::Duration::ZERO,
        busy: Duration::from_secs(90),
        draining: false,
    };
    let report = NodeReport {
        name: name.clone(),
        version: "0.1.0".to_owned(),
        started: Timestamp::now(),
        threads: 2,
        devices: vec!["cpu".to_owned()],
        slots: vec![slot],
        keys: KeyCacheReport::default(),
        bootstraps: 42,
        lease_ms: 15_000,
    };
    // In place of the harness' own one.
    deck.state.store.leave(worker_of_the_harness().name).await.unwrap();
    assert_eq!(deck.state.store.announce(report).await.unwrap(), BTreeSet::new());
    (name.0, worker.0)
}

/// Every operator endpoint with a good request: method, path, body.
pub(crate) fn endpoints(task: &str, worker: &str) -> Vec<(&'static str, String, Option<Value>)> {
    let worker = worker.replace('/', "%2F");
    let ids = json!({"ids": [task]});
    let get = |path: &str| ("GET", path.to_owned(), None);
    let post = |path: String, body: Value| ("POST", path, Some(body));
    vec![
        get("/operator/tasks"),
        get(&format!("/operator/tasks/{task}")),
        get("/operator/workers"),
        get("/operator/history"),
        get("/operator/audit"),
        post("/operator/history".to_owned(), json!({"runs": [{"task_id": task, "end_to_end_s": 1.0}]})),
        post(format!("/operator/tasks/{task}/priority"), json!({"priority": 3})),
        post(format!("/operator/tasks/{task}/cancel"), json!({})),
        post(format!("/operator/tasks/{task}/requeue"), json!({})),
        post(format!("/operator/tasks/{task}/delete"), json!({})),
        post("/operator/tasks/priority".to_owned(), json!({"ids": [task], "by": 1})),
        post("/operator/tasks/cancel".to_owned(), ids.clone()),
        post("/operator/tasks/requeue".to_owned(), ids.clone()),
        post("/operator/tasks/delete".to_owned(), ids),
        post("/operator/queues/echo/pause".to_owned(), json!({})),
        post("/operator/queues/echo/resume".to_owned(), json!({})),
        post(format!("/operator/workers/{worker}/drain"), json!({})),
        post(format!("/operator/workers/{worker}/undrain"), json!({})),
    ]
}
