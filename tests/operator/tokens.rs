//! Tokens are made and revoked beside the server, and are in its audit log all the same: once, and without secrets.

use std::{path::Path, process::Command, time::Duration};

use cipherdeck::{
    operator::{
        Role,
        tokens::{self, Watch},
    },
    store::AuditRow,
};
use serde_json::Value;

use super::commands::run;
use crate::{
    http::harness::Deck,
    support::{
        process::{PROGRAM, ServerProcess},
        redis::RedisServer,
        wait::DEADLINE,
    },
};

const NO_WORKERS: (&str, &str) = ("CIPHERDECK__WORKER__COUNT", "0");

/// `actor action object result` of what became of tokens, oldest first.
async fn rows(url: &str) -> Vec<String> {
    let page = reqwest::get(format!("{url}/operator/audit?limit=1000")).await.unwrap();
    let page: Value = page.json().await.unwrap();
    let rows = page["rows"].as_array().unwrap().iter().rev();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = rows.inspect(|row| assert_eq!(row["door"], "server"));
    let rows = rows.filter(|row| text(row, "action").starts_with("token"));
    rows.map(|row| ["action", "object", "result"].map(|name| text(row, name)).join(" ")).collect()
}

/// The same once there are so many.
async fn so_many(url: &str, count: usize) -> Vec<String> {
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    let wait = async {
        loop {
            let rows = rows(url).await;
            if rows.len() >= count {
                return rows;
            }
            ticks.tick().await;
        }
    };
    tokio::time::timeout(DEADLINE, wait).await.expect("in time")
}

/// Runs `cipherdeck token`; what it prints.
async fn token(arguments: &[&str], file: &Path) -> String {
    let done = run(&[&["token"], arguments, &["--file", file.to_str().unwrap()]].concat(), "").await;
    assert_eq!(done.code, 0, "{}", done.stderr);
    done.stdout
}

#[test]
fn a_token_is_revoked_whatever_is_wrong_with_the_settings_of_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let (config, file) = (dir.path().join("config.toml"), dir.path().join("tokens.json"));
    let token = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.arg("token").args(arguments).arg("--config").arg(&config).env_remove("CIPHERDECK_ENV");
        let done = command.envs(variables.iter().copied()).output().unwrap();
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    // Its environment asks for TLS, which is set elsewhere.
    std::fs::write(&config, format!("[server]\ndata_dir = {:?}\nlisten = \"nonsense\"", dir.path())).unwrap();
    let prod = [("CIPHERDECK_ENV", "prod"), ("CIPHERDECK__SERVER__ROLE", "worker")];
    assert_eq!(token(&prod, &["add", "anna", "--role", "operator"]), (Some(0), String::new()));
    assert!(file.exists());
    assert_eq!(token(&prod, &["revoke", "anna"]), (Some(0), String::new()));

    // With the file's name, nothing else is asked for.
    std::fs::write(&config, "nothing = that = is TOML").unwrap();
    let named = ["--file", file.to_str().unwrap()];
    for variables in [prod, [("CIPHERDECK_ENV", "nonsense"), ("CIPHERDECK__AUTH", "nonsense")]] {
        let add = [&["add", "bob", "--role", "operator"][..], &named].concat();
        assert_eq!(token(&variables, &add), (Some(0), String::new()));
        assert_eq!(token(&variables, &[&["revoke", "bob"][..], &named].concat()), (Some(0), String::new()));
        let (code, said) = token(&variables, &["revoke", "bob"]);
        assert!(code == Some(2) && said.contains("--file FILE"), "{said}");
    }
}

#[tokio::test]
async fn what_becomes_of_tokens_is_in_the_audit_log_also_what_did_while_no_server_ran() {
    cipherdeck::tls::install();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("tokens.json");
    token(&["add", "olga", "--role", "operator"], &file).await;
    let server = ServerProcess::start(dir.path(), &[NO_WORKERS]);
    let mut expected = vec!["token add olga (operator) done".to_owned()];
    assert_eq!(rows(&server.url).await, expected, "before it listens");

    let secret = token(&["add", "vera", "--role", "viewer"], &file).await;
    expected.push("token add vera (viewer) done".to_owned());
    assert_eq!(so_many(&server.url, 2).await, expected);
    token(&["revoke", "olga"], &file).await;
    expected.push("token revoke olga (operator) done".to_owned());
    assert_eq!(so_many(&server.url, 3).await, expected);
    let shown = run(&["audit", "--action", "token revoke", "--url", &server.url], "").await;
    assert!(shown.code == 0 && shown.stdout.contains("olga (operator)"), "{}", shown.stdout);
    server.signal("TERM");
    assert!(server.ended().success());

    // Another secret under the same name, and another role.
    token(&["revoke", "vera"], &file).await;
    token(&["add", "vera", "--role", "viewer"], &file).await;
    token(&["add", "carl", "--role", "client"], &file).await;
    let server = ServerProcess::start(dir.path(), &[NO_WORKERS]);
    let more = ["revoke vera (viewer)", "add vera (viewer)", "add carl (client)"];
    expected.extend(more.map(|what| format!("token {what} done")));
    assert_eq!(rows(&server.url).await, expected);

    // The file is another one with the same tokens in it: nothing has become of them.
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, &text).unwrap();
    token(&["add", "ben", "--role", "client"], &file).await;
    expected.push("token add ben (client) done".to_owned());
    assert_eq!(so_many(&server.url, expected.len()).await, expected);
    server.signal("TERM");
    assert!(server.ended().success());
    let server = ServerProcess::start(dir.path(), &[NO_WORKERS]);
    assert_eq!(rows(&server.url).await, expected, "nothing has changed");

    let log = reqwest::get(format!("{}/operator/audit?limit=1000", server.url)).await.unwrap().text().await.unwrap();
    let tokens: Value = serde_json::from_str(&text).unwrap();
    let hashes = tokens["tokens"].as_array().unwrap().iter().map(|token| token["sha256"].as_str().unwrap());
    for hidden in hashes.chain([secret.lines().next().unwrap(), "cdt_"]) {
        assert!(!log.contains(&hidden[..hidden.len().min(16)]), "{hidden} in {log}");
    }
}

#[tokio::test]
async fn servers_of_a_cluster_share_a_token_file_and_each_change_has_one_row() {
    cipherdeck::tls::install();
    let (redis, shared) = (RedisServer::durable(), tempfile::tempdir().unwrap());
    let (file, blobs) = (shared.path().join("tokens"), shared.path().join("blobs"));
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let start = |dir: &Path| {
        let redis = redis.url();
        let settings = [
            ("CIPHERDECK__STORE__URL", redis.as_str()),
            ("CIPHERDECK__SERVER__ROLE", "api"),
            ("CIPHERDECK__AUTH__TOKENS", file.to_str().unwrap()),
            ("CIPHERDECK__BLOBS__URL", blobs.to_str().unwrap()),
        ];
        ServerProcess::start(dir, &settings)
    };
    let servers = [start(dirs[0].path()), start(dirs[1].path())];
    let mut expected = Vec::new();
    for number in 0..6 {
        let name = format!("t{number}");
        let secret = token(&["add", &name, "--role", "viewer"], &file).await;
        expected.push(format!("token add {name} (viewer) done"));
        for server in &servers {
            let list = ["tasks", "list", "--url", &server.url, "--token", secret.lines().next().unwrap()];
            assert_eq!(run(&list, "").await.code, 0, "both know it at once");
        }
        assert_eq!(so_many(&servers[number % 2].url, expected.len()).await, expected);
    }
    assert!(!dirs[0].path().join("tokens.json").exists());
    // A row and its place in the ledger are two writes: who is killed in between writes the row once more.
    for server in &servers {
        server.signal("TERM");
    }
    for server in servers {
        assert!(server.ended().success());
    }
    token(&["revoke", "t0"], &file).await;
    expected.push("token revoke t0 (viewer) done".to_owned());
    let servers = [start(dirs[0].path()), start(dirs[1].path())];
    assert_eq!(so_many(&servers[1].url, expected.len()).await, expected);
}

/// What became of tokens in this server's log, oldest first.
async fn recorded(deck: &Deck) -> Vec<String> {
    let page = deck.state.desk.audited(Default::default(), None, 1_000).await.unwrap();
    let text = |row: AuditRow| format!("{} {} by {}", row.entry.action, row.entry.object, row.entry.by.name);
    page.rows.into_iter().rev().map(text).collect()
}

/// A watch on this server's tokens, as `node` does it.
async fn watch(deck: &Deck, node: &str) -> Watch {
    let (settings, store) = (&deck.state.settings, deck.state.store.identity().await.unwrap());
    Watch::new(&settings.auth.tokens, &settings.server.data_dir, store, deck.state.desk.clone(), node)
}

/// Looks until there are so many rows. A process that another test is just starting may hold a copy of the ledger's lock for
/// a moment: that look then leaves everything to the next one.
async fn settle(watch: &mut Watch, deck: &Deck, rows: usize) {
    for _ in 0..1_000 {
        watch.look().await;
        if recorded(deck).await.len() >= rows {
            return;
        }
    }
}

#[tokio::test]
async fn two_who_look_at_the_same_moment_write_each_change_once() {
    let deck = Deck::start();
    let (mut one, mut other) = (watch(&deck, "n").await, watch(&deck, "n").await);
    let mut expected = Vec::new();
    for number in 0..20 {
        tokens::add(&deck.state.settings.auth.tokens, &format!("t{number}"), Role::Client).unwrap();
        expected.push(format!("token add t{number} (client) by n"));
        tokio::join!(one.look(), other.look());
    }
    settle(&mut one, &deck, expected.len()).await;
    other.look().await;
    assert_eq!(recorded(&deck).await, expected);
}

#[tokio::test]
async fn what_cannot_be_read_or_written_now_is_written_later() {
    let deck = Deck::start();
    let file = &deck.state.settings.auth.tokens;
    let mut watch = watch(&deck, "n").await;
    tokens::add(file, "anna", Role::Client).unwrap();
    let good = std::fs::read(file).unwrap();
    std::fs::write(file, "[").unwrap();
    watch.look().await;
    assert!(recorded(&deck).await.is_empty(), "a file that is broken says nothing about tokens");
    std::fs::write(file, good).unwrap();
    settle(&mut watch, &deck, 1).await;
    assert_eq!(recorded(&deck).await, ["token add anna (client) by n"]);

    // A log that is away, then one that has been away: the same ledger, another log.
    let later = Deck::start();
    let store = deck.state.store.identity().await.unwrap();
    deck.state.store.close().await;
    tokens::revoke(file, "anna").unwrap();
    watch.look().await;
    let mut watch = Watch::new(file, deck.dir.path(), store, later.state.desk.clone(), "n");
    settle(&mut watch, &later, 1).await;
    assert_eq!(recorded(&later).await, ["token revoke anna (client) by n"]);
}
