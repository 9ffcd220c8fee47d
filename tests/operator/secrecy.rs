//! Neither a uid nor a token reaches the log, the audit log or an operator's answer.

use cipherdeck::monitor::logs::LogRing;
use serde_json::json;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, prelude::*};

use super::world::{Guarded, announce, ask, endpoints};
use crate::http::harness::{ECHO, ok, start_form, text_of};

#[tokio::test]
async fn no_uid_and_no_token_reaches_a_log_or_an_answer() {
    let logs = LogRing::new(100_000);
    // The finest level of everything but the test's own client.
    let quiet = ["hyper_util::client", "reqwest"].map(|target| (target, LevelFilter::OFF));
    let most = Targets::new().with_default(LevelFilter::TRACE).with_targets(quiet);
    let _guard = tracing_subscriber::registry().with(logs.clone().with_filter(most)).set_default();
    let guarded = Guarded::with_logs(|_| (), logs.clone());
    let Guarded { deck, client, viewer, operator } = &guarded;
    let form = reqwest::multipart::Form::new().text("task_name", ECHO);
    let uid = deck.http.post(format!("{}/add_key", deck.url)).bearer_auth(client).multipart(form);
    let uid = text_of(&ok(uid.send().await.unwrap()).await, "uid");
    let start = deck.http.post(format!("{}/start_task", deck.url)).bearer_auth(client);
    let task = ok(start.multipart(start_form(&uid, ECHO, b"GOOD")).send().await.unwrap()).await;
    let (_, worker) = announce(deck).await;
    let mut answers = String::new();
    for object in [text_of(&task, "task_id"), uid.clone()] {
        for (method, path, body) in endpoints(&object, &worker) {
            for token in [client, viewer, operator, "cdt_wrong-but-still-somebodys-secret"] {
                let answer = ask(deck, method, &path, Some(token), body.clone()).await.text().await.unwrap();
                // What a caller sends as the id of a task comes back to that caller only.
                answers.push_str(&answer.replace(&format!("\"task_id\":\"{object}\""), ""));
            }
        }
    }
    for path in [format!("/operator/queues/{uid}/pause"), format!("/operator/workers/{uid}/drain")] {
        for token in [viewer, operator] {
            answers.push_str(&ask(deck, "POST", &path, Some(token), Some(json!({}))).await.text().await.unwrap());
        }
    }
    ask(deck, "GET", &format!("/operator/tasks?uid={uid}"), Some(operator), None).await;
    ask(deck, "GET", &format!("/no/such/{operator}?token={operator}"), Some(operator), None).await;

    let audit = ask(deck, "GET", "/operator/audit?limit=1000", Some(viewer), None).await.text().await.unwrap();
    assert!(audit.contains("\"olga\"") && audit.contains("denied"), "{audit}");
    let lines: String = logs.tail(100_000).iter().map(|line| format!("{line}\n")).collect();
    assert!(lines.contains("by=olga") && lines.contains("path=/operator/tasks/{id}/cancel"), "actions are logged");
    let secrets = [client, viewer, operator, "cdt_wrong-but-still-somebodys-secret", &uid, &uid[..18]];
    for (place, text) in [("log", &lines), ("audit", &audit), ("answers", &answers)] {
        for secret in secrets {
            let found = text.lines().find(|line| line.contains(secret));
            assert!(found.is_none(), "{place}: {found:?}");
        }
    }
}
