//! The real program: its audit log outlives it, and holds its own starts and stops.

use serde_json::Value;

use super::commands::run;
use crate::support::process::ServerProcess;

const SETTINGS: [(&str, &str); 2] = [("CIPHERDECK__WORKER__COUNT", "0"), ("CIPHERDECK__AUTH__REQUIRED", "true")];

async fn audit(url: &str, token: &str) -> Vec<[String; 5]> {
    let done = run(&["audit", "--json", "--url", url, "--token", token], "").await;
    assert_eq!(done.code, 0, "{}", done.stderr);
    let rows: Value = serde_json::from_str(&done.stdout).unwrap();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = rows["rows"].as_array().unwrap().iter().rev();
    rows.map(|row| ["door", "role", "actor", "action", "result"].map(|name| text(row, name))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_survives_a_restart_and_knows_starts_drains_and_stops() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().to_str().unwrap().to_owned();
    let made = run(&["token", "add", "olga", "--role", "operator", "--json", "--data-dir", &data_dir], "").await;
    let token: Value = serde_json::from_str(&made.stdout).unwrap();
    let token = token["token"].as_str().unwrap();

    let server = ServerProcess::start(dir.path(), &SETTINGS);
    let paused = run(&["tasks", "pause", "weight_stats", "--url", &server.url, "--token", token], "").await;
    assert_eq!((paused.code, paused.stdout.trim()), (0, "paused: weight_stats"), "{}", paused.stderr);
    server.signal("TERM");
    assert!(server.ended().success());

    let server = ServerProcess::start(dir.path(), &SETTINGS);
    let rows = audit(&server.url, token).await;
    let words: Vec<[&str; 4]> = rows.iter().map(|row| [&*row[0], &*row[1], &*row[3], &*row[4]]).collect();
    let own = |action| ["server", "operator", action, "done"];
    let paused = ["http", "operator", "pause", "done"];
    let expected = [own("start"), own("token add"), paused, own("drain"), own("stop"), own("start")];
    assert_eq!(words, expected);
    assert_eq!(rows[2][2], "olga");
    server.kill();

    let server = ServerProcess::start(dir.path(), &SETTINGS);
    assert_eq!(audit(&server.url, token).await.len(), 7, "also after a crash");
    run(&["token", "revoke", "olga", "--data-dir", &data_dir], "").await;
    let refused = run(&["tasks", "list", "--url", &server.url, "--token", token], "").await;
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("not valid") && refused.stderr.contains("hint: "), "{}", refused.stderr);
    assert!(!refused.stderr.contains(token));
}
