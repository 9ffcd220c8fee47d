//! Several processes on one Redis, with few and with many tasks waiting. No cryptography.
//!
//! `CIPHERDECK_BENCH_TASKS=1000000` fills the queue with as many; 100,000 by default.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use cipherdeck::{
    blobs::BlobStore,
    config::{self, Overrides},
    monitor::Telemetry,
    store::{EventKind, Events, NewTask, Store},
    task::{Status, TaskId},
    use_cases::Registry,
    worker::{Parts, Pool},
};

use crate::{
    hand::{self, Hand},
    report::{Aim, Report, quantile_ms},
    support::{
        fake::{ECHO, FAKE, Fake, Gate},
        process::ServerProcess,
        redis::RedisServer,
    },
};

const FEW: usize = 10;
const MANY: &str = "CIPHERDECK_BENCH_TASKS";
/// Operations of each kind, by all processes together.
const OPERATIONS: usize = 8_000;
/// Tasks started one after the other.
const STARTS: usize = 300;

pub async fn measure(report: &mut Report) {
    let many: usize = std::env::var(MANY).ok().map_or(100_000, |text| text.parse().expect("a number of tasks"));
    report.note("several processes on one Redis");
    let server = RedisServer::start(&["--appendonly", "yes", "--appendfsync", "everysec"]);
    let store = hand::open(&server.url()).await;
    let mut uids = Vec::new();
    for _ in 0..20 {
        uids.push(hand::uid(store.as_ref()).await);
    }
    // The log of events is full before memory is measured.
    hand::enqueue(store.as_ref(), &uids, FEW).await;
    let few = figures(report, &server, &store, FEW).await;

    let (before, began) = (used(&server), Instant::now());
    while store.counts().await.unwrap().queued < many as u64 {
        let left = many - store.counts().await.unwrap().queued as usize;
        hand::enqueue(store.as_ref(), &uids, left.min(10_000)).await;
    }
    let filled = began.elapsed().as_secs_f64();
    report.line("tasks a second while the queue is filled", (many - FEW) as f64 / filled, "/s", Aim::None);
    let each = (used(&server) - before) as f64 / (many - FEW) as f64;
    report.line(&format!("memory of Redis per waiting task, {many} waiting"), each, "B", Aim::Below(1024.0));

    let many = figures(report, &server, &store, many).await;
    for ((name, few), (_, many)) in few.into_iter().zip(many) {
        report.line(&format!("{name}: times as long with many as with {FEW}"), many / few, "x", Aim::Below(1.5));
    }
}

/// What an operation costs, whatever its unit, by name.
async fn figures(
    report: &mut Report,
    server: &RedisServer,
    store: &Arc<dyn Store>,
    waiting: usize,
) -> Vec<(String, f64)> {
    let mut costs = Vec::new();
    for processes in [1, 4] {
        let mut hands: Vec<Hand> = (0..processes).map(|_| Hand::start(&server.url())).collect();
        for what in ["enqueue", "claim", "finish"] {
            let rate = rate(&mut hands, what);
            let name = format!("{what}, {processes} process{}", if processes == 1 { "" } else { "es" });
            report.line(&format!("{name}, {waiting} waiting"), rate, "/s", Aim::None);
            costs.push((name, 1.0 / rate));
        }
    }
    let mut times = starts(server, store).await;
    let (p50, p99) = (quantile_ms(&mut times, 0.5), quantile_ms(&mut times, 0.99));
    report.line(&format!("enqueue to start on an idle worker, p50, {waiting} waiting"), p50, "ms", Aim::None);
    report.line(&format!("enqueue to start on an idle worker, p99, {waiting} waiting"), p99, "ms", Aim::Below(10.0));
    costs.push(("enqueue to start, p50".to_owned(), p50));
    let rate = statuses(server, store.as_ref()).await;
    report.line(&format!("status reads a second, one connection, {waiting} waiting"), rate, "/s", Aim::None);
    costs.push(("status read".to_owned(), 1.0 / rate));
    costs
}

/// Operations a second, all processes together.
fn rate(hands: &mut [Hand], what: &str) -> f64 {
    let each = OPERATIONS / hands.len();
    let began = Instant::now();
    hands.iter_mut().for_each(|hand| hand.tell(what, each));
    hands.iter_mut().for_each(Hand::wait);
    OPERATIONS as f64 / began.elapsed().as_secs_f64()
}

/// From before an enqueue in one process to the news, there, that an idle worker with connections of its own has begun.
async fn starts(server: &RedisServer, store: &Arc<dyn Store>) -> Vec<Duration> {
    let dir = tempfile::tempdir().unwrap();
    let blobs = BlobStore::local(dir.path()).unwrap();
    let fake = Arc::new(Fake { gate: Arc::new(Gate::default()), needs_key: false });
    let use_cases = Registry::standard(Path::new("")).unwrap().with(fake);
    let settings = config::load(Overrides { workers: Some(1), threads: Some(1), ..Overrides::default() }).unwrap();
    let parts = Parts {
        store: hand::open(&server.url()).await,
        blobs: blobs.clone(),
        use_cases,
        settings: settings.worker,
        telemetry: Telemetry::default(),
    };
    let pool = Pool::start(parts).unwrap();
    let uid = hand::uid(store.as_ref()).await;
    let mut events = store.events();
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let new = hand::task(uid, FAKE);
        let input = blobs.put(&format!("inputs/{}", new.id), ECHO.into()).await.unwrap();
        let new = NewTask { input, ..new };
        let (id, began) = (new.id, Instant::now());
        store.enqueue(new).await.unwrap();
        reaches(&mut events, id, Status::Started).await;
        times.push(began.elapsed());
        reaches(&mut events, id, Status::Success).await;
    }
    pool.drain(Duration::ZERO).await;
    times
}

async fn reaches(events: &mut Events, id: TaskId, status: Status) {
    while events.recv().await.unwrap().kind != (EventKind::Task { id, status: Some(status) }) {}
}

/// Over HTTP, of a task that waits behind all others.
async fn statuses(server: &RedisServer, store: &dyn Store) -> f64 {
    let uid = hand::uid(store).await;
    let new = NewTask { priority: -10, ..hand::task(uid, hand::NOBODY) };
    let last = store.enqueue(new).await.unwrap().id();
    let dir = tempfile::tempdir().unwrap();
    let url = server.url();
    let process =
        ServerProcess::start(dir.path(), &[("CIPHERDECK__STORE__URL", &url), ("CIPHERDECK__WORKER__COUNT", "0")]);
    cipherdeck::tls::install();
    let http = reqwest::Client::builder().pool_max_idle_per_host(1).build().unwrap();
    let url = format!("{}/get_task_status?task_id={last}&uid={}", process.url, uid.expose());
    let text = http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("\"queued\""), "{text}");
    let (began, mut reads) = (Instant::now(), 0);
    while began.elapsed() < Duration::from_secs(3) {
        http.get(&url).send().await.unwrap().bytes().await.unwrap();
        reads += 1;
    }
    f64::from(reads) / began.elapsed().as_secs_f64()
}

fn used(server: &RedisServer) -> u64 {
    let info: String = server.admin(&["INFO", "memory"]);
    info.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap().trim().parse().unwrap()
}
