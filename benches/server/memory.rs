//! Resident memory of the server process, and the upload of keys.

use std::time::{Duration, Instant};

use cipherdeck::{fhe::ClientKeys, use_cases::weight_stats};
use futures::future::join_all;
use reqwest::multipart::{Form, Part};
use serde_json::Value;

use crate::{
    report::{Aim, Report, quantile_ms},
    support::process::ServerProcess,
};

/// Distinct clients with a key each.
const CLIENTS: usize = 20;

/// Room for two keys and a bit.
const CACHE_MIB: &str = "200";

pub async fn measure(report: &mut Report) {
    report.note("memory and key upload (each key is generated first; this takes a minute)");
    let clients: Vec<ClientKeys> = (0..CLIENTS).map(|_| ClientKeys::generate()).collect();
    let keys: Vec<Vec<u8>> = clients.iter().map(ClientKeys::compressed_server_key).collect();
    let dir = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(dir.path(), &[("CIPHERDECK__WORKER__KEY_CACHE_MIB", CACHE_MIB)]);
    cipherdeck::tls::install();
    let http = reqwest::Client::new();
    http.get(format!("{}/healthz", server.url)).send().await.unwrap();
    report.line("memory at rest", resident(&server, "VmRSS"), "MB", Aim::Below(60.0));

    let mut times = Vec::new();
    let mut uids = Vec::new();
    for key in &keys[..4] {
        let began = Instant::now();
        uids.push(upload(&http, &server.url, key.clone()).await);
        times.push(began.elapsed());
    }
    let megabytes = keys[0].len() as f64 / 1e6;
    report.line(
        &format!("upload and check of a {megabytes:.1} MB key, p50"),
        quantile_ms(&mut times, 0.5),
        "ms",
        Aim::Below(600.0),
    );
    let began = Instant::now();
    uids.extend(join_all(keys[4..8].iter().map(|key| upload(&http, &server.url, key.clone()))).await);
    report.line("four uploads at once", began.elapsed().as_secs_f64() * 1e3, "ms", Aim::None);
    report.line("peak memory so far", resident(&server, "VmHWM"), "MB", Aim::Below(400.0));
    report.line("memory after the uploads", resident(&server, "VmRSS"), "MB", Aim::None);

    weigh(&http, &server.url, &clients[0], &uids[0]).await;
    report.line("memory with one cached key", resident(&server, "VmRSS"), "MB", Aim::Below(180.0));
    for key in &keys[8..] {
        uids.push(upload(&http, &server.url, key.clone()).await);
    }
    let mut worst: f64 = 0.0;
    for (client, uid) in clients.iter().zip(&uids) {
        weigh(&http, &server.url, client, uid).await;
        worst = worst.max(resident(&server, "VmRSS"));
    }
    report.line("most memory while 20 keys are used, cache of 200 MiB", worst, "MB", Aim::Below(500.0));
}

async fn upload(http: &reqwest::Client, url: &str, key: Vec<u8>) -> String {
    let form = Form::new().part("key", Part::bytes(key).file_name("server.key"));
    let answer = http.post(format!("{url}/add_key")).multipart(form).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["uid"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// One weight: the shortest task that uses the key.
async fn weigh(http: &reqwest::Client, url: &str, client: &ClientKeys, uid: &str) {
    let input = weight_stats::encrypt(client, &[700]).unwrap();
    let form = Form::new()
        .text("uid", uid.to_owned())
        .text("task_name", "weight_stats")
        .part("encrypted_input", Part::bytes(input).file_name("input"));
    let answer: Value =
        http.post(format!("{url}/start_task")).multipart(form).send().await.unwrap().json().await.unwrap();
    let task = answer["task_id"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let began = Instant::now();
    let status = format!("{url}/get_task_status?task_id={task}&uid={uid}&wait=30");
    loop {
        let answer: Value = http.get(&status).send().await.unwrap().json().await.unwrap();
        match answer["status"].as_str().unwrap() {
            "queued" | "started" => assert!(began.elapsed() < Duration::from_secs(120), "{answer}"),
            "success" => return,
            _ => panic!("{answer}"),
        }
    }
}

/// A line of /proc/PID/status in MB.
fn resident(server: &ServerProcess, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024.0 / 1e6
}
