//! What operators read: tasks by pages and filters, one task, the run history, the audit log.

use cipherdeck::{monitor::logs::LogRing, use_cases::Output};
use serde_json::{Value, json};
use tracing_subscriber::prelude::*;

use super::world::{ask, post};
use crate::http::harness::{Deck, refused, text_of};

fn ids(page: &Value) -> Vec<String> {
    page["tasks"].as_array().unwrap().iter().map(|task| text_of(task, "task_id")).collect()
}

fn tag(page: &Value, index: usize) -> String {
    text_of(&page["tasks"][index], "uid_tag")
}

#[tokio::test]
async fn tasks_are_listed_by_state_owner_worker_prefix_and_age() {
    let deck = Deck::start();
    let (anna, ben) = (deck.uid().await, deck.uid().await);
    let done = deck.finished(&anna, &Output::One(vec![1, 2, 3])).await;
    let failed = deck.task(&anna).await;
    let claim = deck.claim().await;
    deck.fail(&claim).await;
    let running = deck.task(&ben).await;
    let claim = deck.claim().await;
    deck.beat(&claim, 0.25).await;
    let waiting = deck.task(&ben).await;
    let find = async |query: &str| ids(&deck.json(&format!("/operator/tasks?{query}")).await);

    let all = deck.json("/operator/tasks").await;
    assert_eq!(ids(&all), [&waiting, &running, &failed, &done].map(String::as_str));
    assert_eq!(all["counts"]["total"], 4);
    assert_eq!((&all["counts"]["queued"], &all["waiting"]), (&json!(1), &json!({"echo": 1})));
    assert_eq!(all["cursor"], Value::Null);
    let first = &all["tasks"][0];
    assert_eq!(
        (&first["position"], &first["queue_length"], &first["status"]),
        (&json!(1), &json!(1), &json!("queued"))
    );
    assert_eq!(all["tasks"][1]["progress"], 0.25);
    let failure = json!({"label": "time_limit", "detail": "secret detail for the operator"});
    assert_eq!(all["tasks"][2]["failure"], failure);
    assert!(all["tasks"][3]["result_bytes"].as_u64().unwrap() > 3);
    assert!(!all.to_string().contains(&anna) && !all.to_string().contains(&ben), "uids are secrets");

    for (state, expected) in [
        ("queued", vec![&waiting]),
        ("started", vec![&running]),
        ("failure", vec![&failed]),
        ("finished", vec![&done]),
        ("ended", vec![&failed, &done]),
        ("revoked", vec![]),
    ] {
        assert_eq!(find(&format!("state={state}")).await.iter().collect::<Vec<_>>(), expected, "{state}");
    }
    assert_eq!(find(&format!("uid={}", tag(&all, 0))).await, [waiting.clone(), running.clone()]);
    assert_eq!(find(&format!("id={}", &done[..13])).await, std::slice::from_ref(&done));
    assert_eq!(find("worker=test%2F0&state=started").await, std::slice::from_ref(&running));
    assert_eq!(find("use_case=locked").await, Vec::<String>::new());
    assert_eq!(find("age=%3E1h").await, Vec::<String>::new());
    assert_eq!(find("age=%3C1h&state=queued").await, std::slice::from_ref(&waiting));
    assert_eq!(find("order=created&limit=1").await, [waiting]);
}

#[tokio::test]
async fn pages_follow_their_cursor() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let mut expected = Vec::new();
    for _ in 0..5 {
        expected.push(deck.task(&uid).await);
    }
    let (mut found, mut cursor) = (Vec::new(), String::new());
    for left in [3, 1, 0] {
        let page = deck.json(&format!("/operator/tasks?limit=2&cursor={cursor}")).await;
        found.extend(ids(&page));
        assert_eq!(page["cursor"].is_string(), left > 0);
        cursor = page["cursor"].as_str().unwrap_or_default().to_owned();
    }
    assert_eq!(found, expected);
}

#[tokio::test]
async fn one_task_is_shown_with_its_lines_of_the_log() {
    let logs = LogRing::new(1000);
    let _guard = tracing_subscriber::registry().with(logs.clone()).set_default();
    let deck = Deck::with_logs(|_| (), logs);
    let uid = deck.uid().await;
    let (task, other) = (deck.task(&uid).await, deck.task(&uid).await);
    let shown = deck.json(&format!("/operator/tasks/{task}")).await;
    assert_eq!(
        (text_of(&shown["task"], "task_id"), text_of(&shown["task"], "status")),
        (task.clone(), "queued".into())
    );
    let lines: Vec<_> = shown["log"].as_array().unwrap().iter().map(|line| text_of(line, "text")).collect();
    assert!(lines.iter().any(|line| line.contains("task accepted") && line.contains(&task)), "{lines:?}");
    assert!(lines.iter().all(|line| !line.contains(&other)));
    assert!(!shown.to_string().contains(&uid));
    for none in ["936da01f-9abd-4d9d-80c7-02af85c822a8", "*", "cancel%20"] {
        refused(deck.get(&format!("/operator/tasks/{none}")).await, 404, "not_found").await;
    }
}

#[tokio::test]
async fn the_history_is_json_or_csv_with_the_columns_of_the_earlier_server() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.finished(&uid, &Output::One(vec![1])).await;
    let history = deck.json("/operator/history?use_case=echo&origin=task&age=1h&limit=5").await;
    let run = &history["runs"][0];
    assert_eq!((text_of(run, "task_id"), text_of(run, "origin")), (task.clone(), "task".to_owned()));
    assert_eq!((&run["server_s"], &run["end_to_end_s"], &run["bootstraps"]), (&json!(1.5), &Value::Null, &json!(3)));
    let figures = &history["statistics"][0];
    assert_eq!((history["statistics"].as_array().unwrap().len(), &figures["n"]), (1, &json!(1)));
    assert_eq!((text_of(figures, "use_case"), text_of(figures, "measure")), ("echo".to_owned(), "server".to_owned()));
    for name in ["mean_s", "min_s", "max_s", "p50_s", "p95_s", "p99_s"] {
        assert_eq!(figures[name], 1.5, "{name}");
    }
    assert_eq!((&figures["std_s"], &figures["comparison"]), (&json!(0.0), &Value::Null));
    assert!(text_of(&history, "rule").contains("median"));
    for none in ["use_case=other", "origin=bench", "age=0s"] {
        let runs = deck.json(&format!("/operator/history?{none}")).await;
        assert_eq!(runs["runs"], json!([]), "{none}");
    }
    deck.get(&format!("/get_task_result?task_name=echo&task_id={task}&uid={uid}")).await.bytes().await.unwrap();
    let by_accept = deck.http.get(format!("{}/operator/history", deck.url)).header("accept", "text/csv").send();
    let by_format = deck.get("/operator/history?format=csv").await;
    assert_eq!(by_format.headers()["content-type"], "text/csv; charset=utf-8");
    let text = by_format.text().await.unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(';').collect()).collect();
    let columns = "date;env;machine;task_name;server_execution_time(s);end_to_end_execution_time(s);device";
    assert_eq!((lines.len(), lines[0].join(";").as_str()), (2, columns));
    assert_eq!((lines[1][1], &lines[1][3..5], lines[1][6]), ("dev", ["echo", "1.500000"].as_slice(), "cpu"));
    assert!(lines[1][0].ends_with('Z') && !lines[1][2].is_empty());
    assert_eq!(by_accept.await.unwrap().text().await.unwrap().lines().next(), Some(columns));
}

#[tokio::test]
async fn the_audit_log_is_read_by_pages_and_filters() {
    let deck = Deck::start();
    for action in ["pause", "resume", "pause", "resume", "pause"] {
        post(&deck, &format!("/operator/queues/echo/{action}"), json!({})).await;
    }
    let page = deck.json("/operator/audit?action=pause&limit=2").await;
    let row = &page["rows"][0];
    assert_eq!((text_of(row, "door"), text_of(row, "role")), ("http".to_owned(), "operator".to_owned()));
    assert_eq!((text_of(row, "actor"), text_of(row, "object")), ("anonymous".to_owned(), "echo".to_owned()));
    assert_eq!((row["number"].as_u64(), page["rows"][1]["number"].as_u64()), (Some(5), Some(3)));
    let rest = deck.json(&format!("/operator/audit?action=pause&cursor={}", text_of(&page, "cursor"))).await;
    assert_eq!((rest["rows"].as_array().unwrap().len(), &rest["cursor"]), (1, &Value::Null));
    assert_eq!(deck.json("/operator/audit?actor=somebody").await["rows"], json!([]));
    assert_eq!(ask(&deck, "GET", "/operator/audit?object=echo&actor=anon", None, None).await.status(), 200);
}
