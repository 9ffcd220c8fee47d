//! The commands as processes, against a server of this process.

use std::process::Stdio;

use cipherdeck::use_cases::Output;
use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, process::Command};

use super::world::{Guarded, announce};
use crate::http::harness::Deck;

/// What a command left behind.
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program with these arguments and this input.
pub(crate) async fn run(arguments: &[&str], input: &str) -> Done {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cipherdeck"))
        .args(arguments)
        .env_remove("CIPHERDECK_URL")
        .env_remove("CIPHERDECK_TOKEN")
        .env_remove("CIPHERDECK_ENV")
        .env("COLUMNS", "100")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes()).await;
    let output = child.wait_with_output().await.unwrap();
    Done {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs it against this server.
async fn at(deck: &Deck, arguments: &[&str], input: &str) -> Done {
    run(&[arguments, &["--url", &deck.url]].concat(), input).await
}

async fn json(deck: &Deck, arguments: &[&str]) -> Value {
    let done = at(deck, &[arguments, &["--json"]].concat(), "").await;
    assert_eq!((done.code, done.stdout.lines().count(), done.stderr.as_str()), (0, 1, ""), "{arguments:?}");
    serde_json::from_str(&done.stdout).unwrap()
}

#[tokio::test]
async fn tasks_are_listed_as_a_table_as_json_and_as_ids() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(deck.task(&uid).await);
    }
    let table = at(&deck, &["tasks", "list"], "").await;
    assert_eq!(table.code, 0, "{}", table.stderr);
    for part in ["task", "use case", "queued", "echo", "1 of 3", &ids[2]] {
        assert!(table.stdout.contains(part), "{part}: {}", table.stdout);
    }
    assert!(!table.stdout.contains(&uid));
    assert_eq!(table.stderr, "3 shown; of 3 in all 3 queued, 0 started, 0 finished, 0 failed, 0 revoked\n");
    let quiet = at(&deck, &["tasks", "list", "--quiet", "--state", "queued", "--limit", "2"], "").await;
    assert_eq!(quiet.stdout.lines().collect::<Vec<_>>(), ids[..2]);
    let page = json(&deck, &["tasks", "list", "--limit", "2"]).await;
    assert_eq!((page["tasks"].as_array().unwrap().len(), page["cursor"].is_string()), (2, true));
    let shown = at(&deck, &["tasks", "show", &ids[0]], "").await;
    assert!(shown.stdout.contains(&ids[0]) && shown.stdout.contains("position 1 of 3"), "{}", shown.stdout);
    assert_eq!(json(&deck, &["tasks", "show", &ids[1]]).await["task"]["position"], 2);
}

#[tokio::test]
async fn one_task_is_changed_at_once_and_a_refusal_is_exit_code_1() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    let raised = at(&deck, &["tasks", "priority", "--by", "-3", &task], "").await;
    assert_eq!((raised.code, raised.stdout.as_str()), (0, "priority: done\n"), "{}", raised.stderr);
    assert_eq!(json(&deck, &["tasks", "show", &task]).await["task"]["priority"], -3);
    let refused = at(&deck, &["tasks", "requeue", &task], "").await;
    assert_eq!(refused.code, 1);
    assert_eq!(refused.stdout, "requeue needs a task that has ended; this one has status queued\n");
    assert_eq!(at(&deck, &["tasks", "cancel", &task], "").await.code, 0);
    assert_eq!(json(&deck, &["tasks", "requeue", &task]).await["answer"], "done");
    assert_eq!(at(&deck, &["tasks", "delete", "936da01f-9abd-4d9d-80c7-02af85c822a8"], "").await.code, 1);
    let unknown = at(&deck, &["tasks", "show", "936da01f-9abd-4d9d-80c7-02af85c822a8"], "").await;
    assert!(unknown.code == 1 && unknown.stderr.starts_with("error: "), "{}", unknown.stderr);
}

#[tokio::test]
async fn several_tasks_need_a_yes_and_are_counted() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let done = deck.finished(&uid, &Output::One(vec![1])).await;
    let (a, b) = (deck.task(&uid).await, deck.task(&uid).await);
    let silent = at(&deck, &["tasks", "cancel", &a, &b], "").await;
    assert_eq!(silent.code, 2);
    assert!(silent.stderr.contains("Cancel 2 tasks?") && silent.stderr.contains("--yes"), "{}", silent.stderr);
    assert_eq!(deck.status(&a, &uid).await["status"], "queued");
    let piped = at(&deck, &["tasks", "cancel", "--yes", "-"], &format!("{a}\n\n{b}\n{done}\n")).await;
    assert_eq!((piped.code, piped.stdout.as_str()), (1, "cancel: 2 done, 1 refused\n"), "{}", piped.stderr);
    let again = json(&deck, &["tasks", "requeue", "--yes", &a, &b]).await;
    assert_eq!((again["done"].as_u64(), again["others"].as_array().unwrap().len()), (Some(2), 0));
    let none = at(&deck, &["tasks", "delete", "-"], "\n").await;
    assert_eq!((none.code, none.stdout.as_str()), (0, "no tasks\n"));
    let both = at(&deck, &["tasks", "priority", "--to", "4", &a, &b], "").await;
    assert_eq!((both.code, both.stdout.as_str()), (0, "priority: 2 done\n"), "it destroys nothing, so nobody asks");
}

#[tokio::test]
async fn queues_workers_history_and_audit_are_shown_and_changed() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    deck.finished(&uid, &Output::One(vec![1])).await;
    let (_, worker) = announce(&deck).await;
    assert_eq!(at(&deck, &["tasks", "pause", "echo", "locked"], "").await.stdout, "paused: echo, locked\n");
    assert_eq!(at(&deck, &["tasks", "resume", "echo"], "").await.code, 0);
    let unknown = at(&deck, &["tasks", "pause", "nothing"], "").await;
    assert!(unknown.code == 1 && unknown.stderr.contains("use case"), "{}", unknown.stderr);

    let workers = at(&deck, &["workers"], "").await;
    assert!(workers.stdout.contains("idle") && workers.stderr == "1 node, 1 worker, 0 at work\n", "{}", workers.stdout);
    let drained = at(&deck, &["workers", "drain", &worker], "").await;
    assert_eq!(drained.stdout, format!("{worker} finishes its task and claims no more\n"));
    assert_eq!(json(&deck, &["workers"]).await["nodes"][0]["slots"][0]["draining"], true);
    assert_eq!(at(&deck, &["workers", "undrain", &worker], "").await.code, 0);
    assert_eq!(at(&deck, &["workers", "drain", "nobody"], "").await.code, 1);

    let history = at(&deck, &["history", "--use-case", "echo"], "").await;
    assert!(history.stdout.contains("1.500") && history.stdout.contains("echo"), "{}", history.stdout);
    let figures = at(&deck, &["history", "--statistics"], "").await;
    assert!(figures.stdout.contains("p95") && figures.stdout.contains("1.500"), "{}", figures.stdout);
    assert!(figures.stderr.contains("median") && figures.stderr.contains("of all 1 runs"), "{}", figures.stderr);
    let part = at(&deck, &["history", "--statistics", "--limit", "1"], "").await;
    assert!(part.stderr.contains("newest 1 runs") && part.stderr.contains("--limit"), "{}", part.stderr);
    let csv = at(&deck, &["history", "--csv"], "").await.stdout;
    assert!(csv.starts_with("date;env;machine;task_name;") && csv.lines().count() == 2, "{csv}");
    assert_eq!(json(&deck, &["history"]).await["runs"][0]["use_case"], "echo");

    let audit = at(&deck, &["audit", "--limit", "3"], "").await;
    assert!(audit.stdout.contains("undrain") && audit.stdout.contains("anonymous"), "{}", audit.stdout);
    let rows = json(&deck, &["audit", "--action", "pause"]).await;
    assert_eq!(rows["rows"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_command_without_a_server_or_with_a_wrong_argument_says_what_to_do() {
    let nobody = run(&["tasks", "list", "--url", "http://127.0.0.1:1"], "").await;
    assert_eq!(nobody.code, 1);
    assert!(
        nobody.stderr.contains("is it running?") && nobody.stderr.contains("cipherdeck serve"),
        "{}",
        nobody.stderr
    );
    let programs = run(&["workers", "--json", "--url", "http://127.0.0.1:1"], "").await;
    let error: Value = serde_json::from_str(&programs.stderr).unwrap();
    assert_eq!((programs.code, error["error"]["label"].as_str()), (1, Some("unreachable")));
    for wrong in [
        vec!["tasks", "list", "--url", "nonsense"],
        vec!["tasks", "list", "--token", "a b"],
        vec!["tasks", "priority", "936da01f-9abd-4d9d-80c7-02af85c822a8"],
        vec!["tasks", "priority", "--to", "11", "936da01f-9abd-4d9d-80c7-02af85c822a8"],
        vec!["tasks", "cancel"],
        vec!["history", "--limit", "0"],
        vec!["token", "add", "a b", "--role", "client", "--data-dir", "/nonexistent"],
        vec!["token", "add", "anna", "--role", "root"],
    ] {
        let done = run(&wrong, "").await;
        assert_eq!(done.code, 2, "{wrong:?}: {}", done.stderr);
    }
    let deck = Deck::start();
    let refused = at(&deck, &["tasks", "list", "--state", "broken"], "").await;
    assert!(refused.code == 1 && refused.stderr.contains("queued"), "{}", refused.stderr);
}

#[tokio::test]
async fn tokens_are_made_listed_used_and_revoked() {
    let guarded = Guarded::start();
    let deck = &guarded.deck;
    let dir = deck.dir.path().to_str().unwrap();
    let token = async |arguments: &[&str]| run(&[&["token"], arguments, &["--data-dir", dir]].concat(), "").await;
    let made = token(&["add", "anna", "--role", "viewer"]).await;
    let secret = made.stdout.lines().next().unwrap();
    assert!(made.code == 0 && secret.starts_with("cdt_") && secret.len() == 47, "{}", made.stdout);
    let listed = token(&["list"]).await.stdout;
    assert!(listed.contains("anna") && listed.contains("viewer") && !listed.contains(secret), "{listed}");
    let names: Value = serde_json::from_str(&token(&["list", "--json"]).await.stdout).unwrap();
    assert_eq!(names["tokens"][0]["name"], "anna");
    let twice = token(&["add", "anna", "--role", "client"]).await;
    assert!(twice.code == 1 && twice.stderr.contains("already"), "{}", twice.stderr);

    assert_eq!(at(deck, &["tasks", "list", "--token", secret], "").await.code, 0);
    let missing = at(deck, &["tasks", "list"], "").await;
    assert!(missing.code == 1 && missing.stderr.contains("CIPHERDECK_TOKEN"), "{}", missing.stderr);
    let denied = at(deck, &["tasks", "pause", "echo", "--token", secret], "").await;
    assert!(denied.code == 1 && denied.stderr.contains("role"), "{}", denied.stderr);
    assert_eq!(token(&["revoke", "anna"]).await.code, 0);
    assert_eq!(at(deck, &["tasks", "list", "--token", secret], "").await.code, 1);
    assert_eq!(token(&["revoke", "anna"]).await.code, 1);
}

#[tokio::test]
async fn health_tells_by_its_exit_code_whether_a_server_takes_work() {
    let deck = Deck::start();
    let well = at(&deck, &["health"], "").await;
    assert_eq!((well.code, well.stdout), (0, format!("{} is ready\n", deck.url)), "{}", well.stderr);
    assert_eq!(json(&deck, &["health", "--alive"]).await["status"], "alive");
    deck.state.draining.cancel();
    let draining = at(&deck, &["health"], "").await;
    assert_eq!((draining.code, draining.stdout.as_str()), (1, ""));
    assert!(draining.stderr.starts_with("error: the server refused: "), "{}", draining.stderr);
    assert_eq!(at(&deck, &["health", "--alive"], "").await.code, 0);
    let url = deck.url.clone();
    deck.close().await;
    let gone = run(&["health", "--url", &url], "").await;
    assert_eq!(gone.code, 1);
    assert!(gone.stderr.contains("no server answers"), "{}", gone.stderr);
}
