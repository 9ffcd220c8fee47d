//! What the bench command enters into a server's run history, and who may.

use cipherdeck::use_cases::Output;
use serde_json::{Value, json};

use crate::{
    http::harness::{Deck, ok, refused, text_of},
    operator::world::{Guarded, ask, audited, post},
};

const HISTORY: &str = "/operator/history";

fn runs(runs: &[(&str, f64)]) -> Value {
    let runs: Vec<Value> = runs.iter().map(|(task, time)| json!({"task_id": task, "end_to_end_s": time})).collect();
    json!({"runs": runs})
}

async fn rows(deck: &Deck, token: &str, origin: &str) -> Vec<Value> {
    let path = format!("{HISTORY}?origin={origin}");
    let history = ok(ask(deck, "GET", &path, Some(token), None).await).await;
    history["runs"].as_array().unwrap().clone()
}

#[tokio::test]
async fn only_operators_enter_runs_and_every_attempt_is_in_the_audit_log() {
    let guarded = Guarded::start();
    let Guarded { deck, client, viewer, operator } = &guarded;
    let task = "936da01f-9abd-4d9d-80c7-02af85c822a8";
    refused(ask(deck, "POST", HISTORY, None, Some(runs(&[(task, 1.0)]))).await, 401, "unauthorized").await;
    for token in [client, viewer] {
        refused(ask(deck, "POST", HISTORY, Some(token), Some(runs(&[(task, 1.0)]))).await, 403, "forbidden").await;
    }
    assert_eq!(rows(deck, operator, "bench").await, Vec::<Value>::new());
    ok(ask(deck, "POST", HISTORY, Some(operator), Some(runs(&[(task, 1.0)]))).await).await;
    let log: Vec<String> = audited(deck).await.into_iter().map(|row| row.join(" ")).collect();
    assert_eq!(log, ["carl bench 1 runs denied", "vera bench 1 runs denied", "olga bench 1 runs gone"]);
}

#[tokio::test]
async fn the_servers_own_times_are_entered_once_with_the_end_to_end_time_of_the_bench_command() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.finished(&uid, &Output::One(vec![1])).await;
    let unknown = "936da01f-9abd-4d9d-80c7-02af85c822a8";
    let body = runs(&[(&task, 2.25), (unknown, 1.0), ("no id", 1.0)]);
    assert_eq!(post(&deck, HISTORY, body).await, json!({"recorded": 1, "known": 0, "gone": 2}));
    let again = post(&deck, HISTORY, runs(&[(&task, 0.001)])).await;
    assert_eq!(again, json!({"recorded": 0, "known": 1, "gone": 0}));
    let history = deck.json(HISTORY).await;
    let runs = history["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    let (bench, own) = (&runs[0], &runs[1]);
    assert_eq!((text_of(bench, "origin"), text_of(own, "origin")), ("bench".to_owned(), "task".to_owned()));
    assert_eq!((&bench["end_to_end_s"], &own["end_to_end_s"]), (&json!(2.25), &Value::Null));
    for field in ["task_id", "use_case", "device", "finished", "server_s", "bootstraps"] {
        assert_eq!(bench[field], own[field], "{field}");
    }
    let figures = history["statistics"].as_array().unwrap();
    assert!(figures.len() == 2 && figures.iter().all(|it| it["n"] == 1), "the task counts once: {figures:?}");
}

#[tokio::test]
async fn what_is_no_measurement_is_refused_and_changes_nothing() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.finished(&uid, &Output::One(vec![1])).await;
    let many: Vec<(String, f64)> = (0..1_001).map(|n| (format!("{n}"), 1.0)).collect();
    let many: Vec<(&str, f64)> = many.iter().map(|(task, time)| (task.as_str(), *time)).collect();
    for body in [
        json!({}),
        runs(&[]),
        runs(&many),
        runs(&[(&task, -1.0)]),
        runs(&[(&task, 1e7)]),
        runs(&[(&task, 1.0), (&task, 1.0)]),
        json!({"runs": [{"task_id": task, "end_to_end_s": 1.0, "server_s": 0.1}]}),
        json!({"runs": [{"task_id": task, "end_to_end_s": "1"}]}),
        json!({"runs": [{"task_id": task}], "origin": "task"}),
    ] {
        let answer = ask(&deck, "POST", HISTORY, None, Some(body)).await;
        refused(answer, 422, "invalid_parameter").await;
    }
    assert_eq!(deck.json(HISTORY).await["runs"].as_array().unwrap().len(), 1);
}
