//! Reading statuses, pages and queueing, with few and with 10,000 tasks. No cryptography.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use cipherdeck::{
    config::{self, Overrides},
    store::{KeyStore as _, ListFilter, ListOrder, NewTask, StoreOptions, TaskStore as _, sqlite::SqliteStore},
    task::{BlobRef, ClientId, Digest, TaskId, Timestamp, Uid},
};
use reqwest::Client;

use crate::{
    report::{Aim, Report, quantile_ms},
    support::process::ServerProcess,
};

const MANY: usize = 10_000;

/// No worker takes the tasks away.
const NO_WORKERS: [(&str, &str); 2] =
    [("CIPHERDECK__WORKER__COUNT", "0"), ("CIPHERDECK__LIMITS__WAITING_PER_CLIENT", "1000000")];

pub async fn measure(report: &mut Report) {
    report.note("statuses, pages, queueing");
    let one = tempfile::tempdir().unwrap();
    let (uid, last) = fill(one.path(), 1, report).await;
    let server = ServerProcess::start(one.path(), &NO_WORKERS);
    statuses(report, &server, &uid, last, 1).await;
    drop(server);

    let many = tempfile::tempdir().unwrap();
    let (uid, last) = fill(many.path(), MANY, report).await;
    let began = Instant::now();
    let server = ServerProcess::start(many.path(), &NO_WORKERS);
    report.line("start-up with 10,000 stored tasks", began.elapsed().as_secs_f64() * 1e3, "ms", Aim::Below(1000.0));
    statuses(report, &server, &uid, last, MANY).await;
}

async fn fill(dir: &Path, count: usize, report: &mut Report) -> (Uid, TaskId) {
    let mut settings = config::load(Overrides::default()).unwrap();
    settings.limits.waiting_per_client = 1_000_000;
    let store = SqliteStore::open(dir, StoreOptions::from_settings(&settings)).unwrap();
    let (uid, client) = (Uid::random(), ClientId("bench".to_owned()));
    store.add_uid(uid, client.clone(), None).await.unwrap();
    let task = || {
        let id = TaskId::random();
        NewTask {
            id,
            uid,
            client: client.clone(),
            use_case: "ad_targeting".to_owned(),
            capability: "ad_targeting".to_owned(),
            input: BlobRef { name: format!("inputs/{id}"), len: 1, digest: Digest::of(b"x") },
            idempotency_key: None,
            priority: 0,
            received: Timestamp::now(),
        }
    };
    let mut alone = Vec::new();
    for chunk in (1..count).collect::<Vec<_>>().chunks(500) {
        let tasks: Vec<NewTask> = chunk.iter().map(|_| task()).collect();
        let began = Instant::now();
        let mut tasks = tasks.into_iter();
        let first = tasks.next().unwrap();
        store.enqueue(first).await.unwrap();
        alone.push(began.elapsed());
        let queued = futures::future::join_all(tasks.map(|task| store.enqueue(task))).await;
        assert!(queued.iter().all(Result::is_ok));
    }
    // Those were queued side by side; this one is the last for certain.
    let last = store.enqueue(task()).await.unwrap().id();
    if count > 1 {
        report.line("durable enqueue into the store, p50", quantile_ms(&mut alone, 0.5), "ms", Aim::Below(5.0));
        let mut pages = Vec::new();
        for _ in 0..50 {
            let began = Instant::now();
            let page = store.list(ListOrder::Life, ListFilter::default(), None, 50).await.unwrap();
            pages.push(began.elapsed());
            assert_eq!(page.tasks.len(), 50);
        }
        report.line(
            "one page of the task list, 10,000 tasks, p50",
            quantile_ms(&mut pages, 0.5),
            "ms",
            Aim::Below(20.0),
        );
    }
    store.close().await;
    (uid, last)
}

async fn statuses(report: &mut Report, server: &ServerProcess, uid: &Uid, last: TaskId, waiting: usize) {
    cipherdeck::tls::install();
    let http = Client::builder().pool_max_idle_per_host(1).build().unwrap();
    let url = format!("{}/get_task_status?task_id={last}&uid={}", server.url, uid.expose());
    let text = http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(text.contains(&format!("\"position\":{waiting}")), "{text}");
    let mut times = Vec::new();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        let asked = Instant::now();
        http.get(&url).send().await.unwrap().bytes().await.unwrap();
        times.push(asked.elapsed());
    }
    let rate = times.len() as f64 / began.elapsed().as_secs_f64();
    let of = format!("of the last of {waiting} waiting, one connection");
    report.line(&format!("status reads a second, {of}"), rate, "/s", Aim::Above(2000.0));
    report.line(&format!("status read {of}, p50"), quantile_ms(&mut times, 0.5), "ms", Aim::Below(1.0));
    report.line(&format!("status read {of}, p99"), quantile_ms(&mut times, 0.99), "ms", Aim::None);
    let list = format!("{}/list_current_tasks?uid={}", server.url, uid.expose());
    let mut times = Vec::new();
    for _ in 0..10 {
        let asked = Instant::now();
        http.get(&list).send().await.unwrap().bytes().await.unwrap();
        times.push(asked.elapsed());
    }
    report.line(
        &format!("GET /list_current_tasks with {waiting} tasks, p50"),
        quantile_ms(&mut times, 0.5),
        "ms",
        Aim::None,
    );
}
