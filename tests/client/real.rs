//! The command against the real server: every use case, from an empty wallet.

use std::path::Path;

use serde_json::Value;

use super::command::client;
use crate::support::process::ServerProcess;

fn ask(server: &ServerProcess, wallet: &Path, arguments: &[&str]) -> Value {
    let base = ["--json", "--url", &server.url, "--wallet", wallet.to_str().unwrap()];
    let done = client(&[&base[..], arguments].concat());
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&done.stdout).unwrap()
}

#[test]
fn every_use_case_answers_rightly_and_the_key_travels_once() {
    let dir = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(&dir.path().join("data"), &[]);
    let wallet = dir.path().join("wallet");

    let ads = ask(&server, &wallet, &["ad-targeting", "--language", "Italian", "--interest", "Food", "--top", "3"]);
    assert_eq!(ads["result"]["ads"].as_array().unwrap().len(), 3);
    assert!(ads["result"]["ads"][0]["score"].as_u64().unwrap() > 10);
    assert!(!wallet.join("server.key").exists());

    let weights = ask(&server, &wallet, &["weight-stats", "68.0", "65.0", "69.0", "70.0", "70.5"]);
    assert_eq!(weights["result"], serde_json::json!({"min": 65.0, "max": 70.5, "avg": 68.5}));
    assert_eq!(weights["uid"], ads["uid"], "the uid was upgraded");
    assert!(
        weights["bytes"]["key"].as_u64().unwrap() > 1 << 20 && weights["timing"]["keygen_s"].as_f64().unwrap() > 0.1
    );
    assert!(weights["timing"]["server_s"].as_f64().unwrap() > 0.0);

    let nights = dir.path().join("nights.json");
    let text = r#"{"nights": [[["in_bed", 0, 600], ["asleep", 120, 240]], [["in_bed", 1410, 1890], [3, 1415, 1885]]]}"#;
    std::fs::write(&nights, text).unwrap();
    let sleep = ask(&server, &wallet, &["sleep-quality", nights.to_str().unwrap()]);
    assert_eq!(sleep["result"], serde_json::json!({"scores": [5, 1]}));
    assert_eq!((&sleep["bytes"]["key"], &sleep["uid"]), (&Value::from(0), &ads["uid"]));

    let forgotten = ask(&server, &wallet, &["forget"]);
    assert_eq!(forgotten["deleted"], true);
}
