//! Operators: they open the console, look at every screen and leave, on this machine or over SSH; and programs of theirs
//! read and change things over HTTP.

use cipherdeck::task::TaskId;
use portable_pty::CommandBuilder;
use serde_json::json;

use super::site::{Site, Visit};
use crate::console::pty::Program;

/// Opens the console, looks at every screen, closes it.
pub(super) async fn console(site: &Site, round: u64) -> Visit {
    let ssh = !round.is_multiple_of(2);
    let client = if ssh { site.door.ssh(&site.operator_key, 120, 40) } else { attach(site) };
    client.screen.until("● live").await;
    for (key, name) in [("2", "2 Workers"), ("3", "3 Benchmarks"), ("4", "4 Logs"), ("5", "5 Audit"), ("1", "1 Tasks")]
    {
        client.keys(key);
        client.screen.until(&format!("▏{name}▕")).await;
    }
    client.keys("q");
    client.screen.until("Leave the dashboard?").await;
    client.keys("l");
    client.screen.until_restored().await;
    let (status, _) = client.over().await;
    if !status.success() {
        return Err(format!("a console ended with {status:?}"));
    }
    let count = if ssh { &site.tally.ssh } else { &site.tally.attached };
    count.add();
    Ok(())
}

fn attach(site: &Site) -> Program {
    let mut command = CommandBuilder::new(&site.program);
    command.args(["attach", "--socket"]);
    command.arg(&site.socket);
    command.env("TERM", "xterm-256color");
    command.env("LC_ALL", "C.UTF-8");
    Program::run(command, 120, 40)
}

/// Reads what there is to read, and changes what changes nothing for clients.
pub(super) async fn pages(site: &Site, round: u64) -> Visit {
    let http = site.http();
    for path in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/logs?lines=1000",
        "/list_current_tasks",
        "/operator/tasks?limit=200",
        "/operator/workers",
        "/operator/history?limit=50",
        "/operator/audit?limit=50",
        "/openapi.json",
        "/docs/",
        "/get_use_cases",
        "/get_ads",
    ] {
        let answer =
            http.get(format!("{}{path}", site.url)).send().await.map_err(|error| format!("{path}: {error}"))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| format!("{path}: {error}"))?;
        if !status.is_success() {
            return Err(format!("{path}: {status} {}", String::from_utf8_lossy(&body)));
        }
        site.tally.pages.add();
    }
    let (path, body) = if round.is_multiple_of(2) {
        ("queues/weight_stats/resume", json!({}))
    } else {
        ("tasks/cancel", json!({"ids": [TaskId::random().to_string()]}))
    };
    let done = http.post(format!("{}/operator/{path}", site.url)).json(&body).send().await;
    let status = done.map_err(|error| format!("{path}: {error}"))?.status();
    if status.is_success() { Ok(()) } else { Err(format!("{path}: {status}")) }
}
