//! What is not one's own does not exist: not in the answer, not in its headers, and nobody is kept waiting for it.

use cipherdeck::task::{TaskId, Uid};
use reqwest::Response;
use serde_json::Value;

use super::{
    Call, Ids, Town,
    calls::Body,
    table::{Row, rows},
};
use crate::http::harness::ECHO;

/// An answer without what names it: its request id, and the ids that were asked for.
async fn bare(answer: Response, ids: &Ids) -> (u16, Vec<(String, String)>, String) {
    let status = answer.status().as_u16();
    let mut headers: Vec<(String, String)> = answer
        .headers()
        .iter()
        .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    let mut text = answer.text().await.unwrap();
    if let Some(id) = serde_json::from_str::<Value>(&text).unwrap_or_default()["request_id"].as_str() {
        text = text.replace(id, "REQUEST");
    }
    for (id, word) in [(&ids.uid, "UID"), (&ids.waiting, "TASK"), (&ids.ended, "TASK")] {
        text = text.replace(id, word);
    }
    (status, headers, text)
}

/// The client endpoints that take the id of a task.
fn of_tasks() -> Vec<Row> {
    let about = ["/get_task_status", "/get_task_result", "/cancel_task"];
    rows().into_iter().filter(|row| about.contains(&row.path.as_str())).collect()
}

/// A wait that no test's patience would outlast, wherever one can be asked for.
fn waiting(mut call: Call) -> Call {
    if matches!(call.body, Body::None) {
        call.path += "&wait=60";
    }
    call
}

#[tokio::test]
async fn a_foreign_task_is_answered_exactly_like_one_that_does_not_exist() {
    let town = Town::open().await;
    let theirs = town.ids().await;
    let mine = town.uid(&town.other).await;
    let nobody = || Ids {
        uid: Uid::random().expose(),
        waiting: TaskId::random().to_string(),
        ended: TaskId::random().to_string(),
        worker: String::new(),
    };
    let before = town.state(&theirs).await;
    for row in of_tasks() {
        for uid in [&mine, &Uid::random().expose(), &theirs.uid] {
            let (foreign, missing) = (Ids { uid: uid.clone(), ..theirs.clone() }, Ids { uid: uid.clone(), ..nobody() });
            let ask = async |ids: &Ids| {
                let call = waiting(Call::to(&row, ids).unwrap());
                bare(town.send(call, Some(&town.other)).await, ids).await
            };
            let (foreign, missing) = (ask(&foreign).await, ask(&missing).await);
            assert_eq!(foreign, missing, "{}", row.path);
            assert!(foreign.2.contains("\"unknown\""), "{}: {}", row.path, foreign.2);
        }
    }
    assert_eq!(town.state(&theirs).await, before);
}

#[tokio::test]
async fn a_result_under_the_wrong_use_case_is_answered_like_a_missing_one() {
    let town = Town::open().await;
    let ids = town.ids().await;
    let ask = async |task: &str, name: &str| {
        let path = format!("/get_task_result?task_name={name}&task_id={task}&uid={}", ids.uid);
        let asked = Ids { waiting: task.to_owned(), ended: task.to_owned(), ..ids.clone() };
        bare(town.send(Call::get(&path), Some(&town.client)).await, &asked).await
    };
    let missing = ask(&TaskId::random().to_string(), "weight_stats").await;
    assert_eq!(ask(&ids.ended, "weight_stats").await, missing);
    assert_eq!(ask(&TaskId::random().to_string(), ECHO).await, missing);
    assert_ne!(ask(&ids.ended, ECHO).await, missing);
}
