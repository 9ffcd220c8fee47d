//! The commands of README.md are run as they stand there, against a server on a port of its own, so they stay true.

use std::process::Command;

use crate::{
    redis::{claim, enqueue, open, success, uid},
    support::{
        process::{PROGRAM, ServerProcess},
        redis::RedisServer,
    },
};

const README: &str = include_str!("../../README.md");

/// The fenced block that follows `<!-- tested: NAME -->`.
fn block(name: &str) -> &'static str {
    let marker = format!("<!-- tested: {name} -->");
    let (_, after) = README.split_once(&marker).unwrap_or_else(|| panic!("README.md has no {marker}"));
    let (_, body) = after.split_once("```bash\n").expect("a bash block follows the marker");
    body.split_once("\n```").expect("the block is closed").0
}

/// Runs a block in an empty directory with the program on its PATH; what it prints.
fn run(script: &str, server: &ServerProcess) -> String {
    let dir = tempfile::tempdir().unwrap();
    let programs = std::path::Path::new(PROGRAM).parent().unwrap().display();
    let script = script.replace("http://127.0.0.1:8082", &server.url);
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(dir.path())
        .env("PATH", format!("{programs}:{}", std::env::var("PATH").unwrap()))
        .env("HOME", dir.path())
        .env("XDG_DATA_HOME", dir.path().join("data"))
        .env("CIPHERDECK_URL", &server.url)
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "the README's commands fail:\n{script}\n{out}\n{err}");
    out.into_owned()
}

#[test]
fn the_first_answers_of_the_readme_are_right() {
    let data = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(data.path(), &[]);
    let out = run(block("first answers"), &server);
    for expected in ["65.0", "70.5", "68.5", "excellent"] {
        assert!(out.contains(expected), "{expected} is missing in:\n{out}");
    }
}

#[test]
fn the_curl_flow_of_the_readme_gives_the_right_answer() {
    let data = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(data.path(), &[]);
    let out = run(block("curl"), &server);
    for expected in ["65.0", "70.5", "68.5"] {
        assert!(out.contains(expected), "{expected} is missing in:\n{out}");
    }
}

#[tokio::test]
async fn the_redis_lines_of_the_readme_show_what_they_say() {
    let server = RedisServer::durable();
    let store = open(&server.url()).await;
    let uid = uid(store.as_ref()).await;
    let (done, running) = (enqueue(store.as_ref(), uid).await, enqueue(store.as_ref(), uid).await);
    let waiting = enqueue(store.as_ref(), uid).await;
    let taken = claim(store.as_ref()).await.unwrap();
    store.finish(done, taken.token, success(&taken)).await.unwrap();
    claim(store.as_ref()).await.unwrap();
    let script = block("redis").replace("redis-cli ", &format!("redis-cli -p {} ", server.port()));
    let output = Command::new("bash").args(["-euo", "pipefail", "-c", &script]).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    let (done, running, waiting) = (done.to_string(), running.to_string(), waiting.to_string());
    let of = |word: &str| out.lines().filter(|line| line.contains(word)).count();
    // In one queue and in all; in the lease; in the history. And in the newest five changes.
    assert_eq!((of(&waiting), of(&running), of(&done)), (2 + 1, 1 + 2, 1 + 2), "{out}");
    for line in ["started 1", "success 1", "revoked 0", "weight_stats", "input_digest"] {
        assert!(of(line) > 0, "{line} is missing in:\n{out}");
    }
}
