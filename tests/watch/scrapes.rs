//! What a scrape tells, and that it always answers.

use std::time::{Duration, Instant};

use cipherdeck::{
    config::{self, Overrides},
    monitor::logs::LogRing,
    server::Server,
    store::NewTask,
    task::{BlobRef, ClientId, Digest, TaskId, Timestamp, Uid},
    use_cases::{Output, Registry},
};
use tokio_util::sync::CancellationToken;

use super::{exposition::Exposition, session::Session};
use crate::{
    http::harness::{Deck, ECHO, patiently, refused},
    support::{process::ServerProcess, redis::RedisServer},
};

async fn scrape(deck: &Deck) -> Exposition {
    let answer = deck.get("/metrics").await;
    assert_eq!(answer.headers()["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    Exposition::read(&answer.text().await.unwrap())
}

fn whole(value: f64) -> u64 {
    assert!(value >= 0.0 && value.fract() == 0.0, "{value}");
    value as u64
}

#[tokio::test]
async fn requests_refusals_bytes_and_connections_are_counted() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.finished(&uid, &Output::One(vec![7; 1_000])).await;
    let result = deck.get(&format!("/get_task_result?task_name={ECHO}&task_id={task}&uid={uid}")).await;
    let served = result.bytes().await.unwrap().len() as u64;
    refused(deck.get("/get_key_status?uid=nobody").await, 404, "unknown_uid").await;
    refused(deck.submit(&uid, b"WRONG").await, 422, "invalid_input").await;
    let seen = scrape(&deck).await;
    let count = |name: &str, labels: &[(&str, &str)]| whole(seen.sum(name, labels));
    let requests = |route, status| count("cipherdeck_http_requests_total", &[("route", route), ("status", status)]);
    assert_eq!((requests("/start_task", "200"), requests("/start_task", "422")), (1, 1));
    assert_eq!(count("cipherdeck_http_request_duration_seconds_count", &[("route", "/start_task")]), 2);
    assert_eq!(count("cipherdeck_rejections_total", &[("label", "unknown_uid")]), 1);
    assert_eq!(count("cipherdeck_rejections_total", &[("label", "queue_full")]), 0);
    assert_eq!(count("cipherdeck_rejections_total", &[]), 2);
    assert_eq!(count("cipherdeck_upload_bytes_total", &[("kind", "input")]), 9);
    assert_eq!(count("cipherdeck_result_bytes_total", &[]), served);
    assert!(count("cipherdeck_http_connections", &[]) >= 1);
    assert_eq!(count("cipherdeck_tasks", &[("state", "completed")]), 1);
}

#[tokio::test]
async fn strangers_add_no_labels_and_nothing_of_theirs_is_shown() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    for n in 0..50 {
        deck.get(&format!("/no/such/path{n}?uid={uid}")).await;
        let method = format!("ODD{n}").parse().unwrap();
        deck.http.request(method, format!("{}/get_use_cases", deck.url)).send().await.unwrap();
    }
    deck.get(&format!("/operator/tasks/{task}")).await;
    let text = deck.get("/metrics").await.text().await.unwrap();
    let seen = Exposition::read(&text);
    assert_eq!(whole(seen.sum("cipherdeck_http_requests_total", &[("route", "unmatched"), ("status", "404")])), 50);
    assert_eq!(whole(seen.sum("cipherdeck_http_requests_total", &[("method", "other"), ("status", "405")])), 50);
    for secret in [uid.as_str(), &uid[..8], &task, &task[..8], "such", "ODD"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_is_counted_as_gone() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    let poll = deck.http.get(format!("{}/get_task_status?task_id={task}&uid={uid}&wait=60", deck.url)).send();
    tokio::select! {
        _ = poll => panic!("the task waits"),
        () = deck.waiting(1) => {}
    }
    let labels = [("route", "/get_task_status"), ("method", "GET"), ("status", "gone")];
    let gone = async {
        while whole(scrape(&deck).await.sum("cipherdeck_http_requests_total", &labels)) != 1 {
            tokio::task::yield_now().await;
        }
    };
    patiently(gone).await;
    deck.waiting(0).await;
}

#[tokio::test]
async fn a_server_whose_store_is_gone_tells_what_it_knows() {
    let deck = Deck::start();
    assert_eq!(whole(scrape(&deck).await.sum("cipherdeck_store_up", &[("engine", "sqlite")])), 1);
    deck.state.store.close().await;
    let seen = scrape(&deck).await;
    assert_eq!(whole(seen.sum("cipherdeck_store_up", &[("engine", "sqlite")])), 0);
    assert!(!seen.0.contains_key("cipherdeck_tasks") && seen.0.contains_key("process_resident_memory_bytes"));
}

/// A worker answers scrapes too, also when its Redis dies or hangs.
#[tokio::test]
async fn a_worker_is_scraped_while_redis_is_away() {
    let (redis, dir) = (RedisServer::durable(), tempfile::tempdir().unwrap());
    let (url, blobs) = (redis.url(), dir.path().join("blobs").display().to_string());
    let arguments = ["--role", "worker", "--store", &url, "--blobs", &blobs];
    let worker = ServerProcess::start_with(&dir.path().join("data"), &arguments, &[]);
    cipherdeck::tls::install();
    cipherdeck::tls::install();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let scrape = async || {
        let (began, answer) = (Instant::now(), http.get(format!("{}/metrics", worker.url)).send().await.unwrap());
        assert_eq!(answer.status(), 200);
        (Exposition::read(&answer.text().await.unwrap()), began.elapsed())
    };
    assert_eq!(whole(scrape().await.0.sum("cipherdeck_store_up", &[("engine", "redis")])), 1);
    let away = async || {
        let (seen, took) = scrape().await;
        assert!(took < Duration::from_secs(5), "a scrape took {took:?}");
        whole(seen.sum("cipherdeck_store_up", &[("engine", "redis")])) == 0
    };
    redis.signal("STOP");
    assert!(away().await, "it hangs");
    redis.signal("CONT");
    patiently(async { while away().await {} }).await;
    redis.kill();
    assert!(away().await, "it is dead");
    let (seen, _) = scrape().await;
    patiently(async {
        while whole(scrape().await.0.sum("cipherdeck_store_errors_total", &[("error", "unavailable")])) == 0 {}
    })
    .await;
    assert!(seen.0.contains_key("cipherdeck_key_cache_capacity_bytes"));
}

#[tokio::test]
async fn what_ran_is_measured_by_use_case_device_and_outcome() {
    let session = Session::start(&[]);
    session.ads();
    session.client(&["weight-stats", "68.0", "65.0"]);
    let seen = session.scrape().await;
    let count = |name: &str, labels: &[(&str, &str)]| whole(seen.sum(name, labels));
    for use_case in ["ad_targeting", "weight_stats"] {
        let of = [("use_case", use_case), ("device", "cpu")];
        assert_eq!(count("cipherdeck_task_wait_seconds_count", &of), 1, "{use_case}");
        let ended = |outcome| count("cipherdeck_task_duration_seconds_count", &[of[0], of[1], ("outcome", outcome)]);
        assert_eq!((ended("success"), ended("failure"), ended("revoked")), (1, 0, 0), "{use_case}");
    }
    assert!(count("cipherdeck_bootstraps_total", &[("use_case", "weight_stats")]) > 10);
    assert_eq!((count("cipherdeck_key_cache_entries", &[]), count("cipherdeck_key_cache_misses_total", &[])), (1, 1));
    assert!(count("cipherdeck_upload_bytes_total", &[("kind", "key")]) > 1 << 20);
    assert_eq!(count("cipherdeck_store_operation_duration_seconds_count", &[("operation", "enqueue")]), 2);
    assert!(count("cipherdeck_store_operation_duration_seconds_count", &[("operation", "finish")]) >= 2);
    assert_eq!(count("cipherdeck_store_errors_total", &[]), 0);
    assert_eq!(count("cipherdeck_workers", &[]), 1);
    assert!(seen.sum("process_start_time_seconds", &[]) > 1.7e9 && count("process_open_fds", &[]) > 3);
    assert!(seen.sum("process_resident_memory_bytes", &[]) > 1e6 && seen.sum("process_cpu_seconds_total", &[]) > 0.0);
    assert!((0.0..=1.0).contains(&seen.sum("cipherdeck_machine_cpu_ratio", &[])));
}

/// Enqueues straight into the store, on whose time a scrape depends.
#[tokio::test(flavor = "multi_thread")]
async fn a_scrape_costs_the_same_with_a_hundred_thousand_waiting_tasks() {
    const TASKS: usize = 100_000;
    let dir = tempfile::tempdir().unwrap();
    let overrides = Overrides { data_dir: Some(dir.path().to_owned()), workers: Some(0), ..Overrides::default() };
    let mut settings = config::load(overrides).unwrap();
    settings.server.listen = "127.0.0.1:0".parse().unwrap();
    settings.limits.waiting_per_client = TASKS as u64;
    let use_cases = Registry::standard(std::path::Path::new("")).unwrap();
    let server = Server::start(settings, use_cases, LogRing::new(100)).await.unwrap();
    let store = server.console_host().store;
    let uid = Uid::random();
    store.add_uid(uid, ClientId("client".to_owned()), None).await.unwrap();
    let url = format!("{}/metrics", server.url());
    cipherdeck::tls::install();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let scrapes = async || {
        let mut times = Vec::new();
        for _ in 0..21 {
            let began = Instant::now();
            let text = http.get(&url).send().await.unwrap().text().await.unwrap();
            times.push(began.elapsed());
            Exposition::read(&text);
        }
        times.sort();
        times[10]
    };
    let empty = scrapes().await;
    for _ in 0..TASKS / 1_000 {
        let burst = (0..1_000).map(|_| store.enqueue(waiting_task(uid)));
        futures::future::try_join_all(burst).await.unwrap();
    }
    let seen = Exposition::read(&http.get(&url).send().await.unwrap().text().await.unwrap());
    assert_eq!(whole(seen.sum("cipherdeck_waiting_tasks", &[("use_case", "weight_stats")])), TASKS as u64);
    assert!(seen.sum("cipherdeck_oldest_wait_seconds", &[]) > 0.0);
    let full = scrapes().await;
    eprintln!("a scrape takes {empty:?} with nothing waiting, {full:?} with {TASKS} tasks (medians of 21)");
    assert!(full < empty * 4 + Duration::from_millis(50), "{empty:?}, then {full:?}");
    server.stop(Duration::ZERO, CancellationToken::new()).await;
}

fn waiting_task(uid: Uid) -> NewTask {
    let id = TaskId::random();
    NewTask {
        id,
        uid,
        client: ClientId("client".to_owned()),
        use_case: "weight_stats".to_owned(),
        capability: "weight_stats".to_owned(),
        input: BlobRef { name: format!("inputs/{id}"), len: 1, digest: Digest::of(b"x") },
        idempotency_key: None,
        priority: 0,
        received: Timestamp::now(),
    }
}
