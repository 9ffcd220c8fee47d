//! What operators do to tasks, queues and workers, what it answers, and its row in the audit log.

use cipherdeck::{
    task::{Status, TaskId},
    use_cases::Output,
};
use serde_json::{Value, json};

use super::world::{announce, audited, post, row};
use crate::http::harness::{Deck, text_of};

async fn act(deck: &Deck, task: &str, action: &str, body: Value) -> (String, Value) {
    let answer = post(deck, &format!("/operator/tasks/{task}/{action}"), body).await;
    assert_eq!((answer["task_id"].as_str(), answer["action"].as_str()), (Some(task), Some(action)));
    assert!(!text_of(&answer, "detail").is_empty());
    (text_of(&answer, "answer"), answer["status"].clone())
}

#[tokio::test]
async fn one_task_is_cancelled_requeued_deleted_and_each_has_its_row() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let done = deck.finished(&uid, &Output::One(b"old result".to_vec())).await;
    let blobs = deck.blobs().await;
    assert_eq!(blobs.len(), 2);
    assert_eq!(act(&deck, &done, "cancel", json!({})).await, ("refused".to_owned(), json!("success")));
    assert_eq!(act(&deck, &done, "requeue", json!({})).await, ("done".to_owned(), Value::Null));
    assert_eq!(deck.blobs().await, [format!("inputs/{done}")], "the former result goes with the requeue");
    assert_eq!(act(&deck, &done, "delete", json!({})).await, ("refused".to_owned(), json!("queued")));
    let claim = deck.claim().await;
    assert_eq!(act(&deck, &done, "cancel", json!({})).await, ("stopping".to_owned(), Value::Null));
    assert_eq!(act(&deck, &done, "requeue", json!({})).await, ("refused".to_owned(), json!("started")));
    assert_eq!(deck.finish(&claim, cipherdeck::store::Outcome::Revoked).await, Status::Revoked);
    assert_eq!(act(&deck, &done, "delete", json!({})).await, ("done".to_owned(), Value::Null));
    assert!(deck.blobs().await.is_empty(), "input and result go with the task");
    assert_eq!(act(&deck, &done, "delete", json!({})).await, ("gone".to_owned(), Value::Null));
    let short = format!("{}…", &done[..8]);
    let expected = [
        row("anonymous", "cancel", &done, "refused: success"),
        row("anonymous", "requeue", &done, "done"),
        row("anonymous", "delete", &done, "refused: queued"),
        row("anonymous", "cancel", &done, "stopping"),
        row("anonymous", "requeue", &done, "refused: started"),
        row("anonymous", "delete", &done, "done"),
        row("anonymous", "delete", &short, "gone"),
    ];
    assert_eq!(audited(&deck).await, expected);
}

#[tokio::test]
async fn a_priority_is_set_or_moved_and_reorders_the_queue() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let (first, second) = (deck.task(&uid).await, deck.task(&uid).await);
    assert_eq!(act(&deck, &second, "priority", json!({"by": 1.0})).await.0, "done");
    assert_eq!(deck.status(&second, &uid).await["position"], 1);
    assert_eq!(act(&deck, &first, "priority", json!({"priority": 10})).await.0, "done");
    assert_eq!(deck.status(&first, &uid).await["position"], 1);
    deck.claim().await;
    assert_eq!(act(&deck, &first, "priority", json!({"by": -1})).await, ("refused".to_owned(), json!("started")));
    assert_eq!(audited(&deck).await[1], row("anonymous", "priority", &first, "done: priority 10"));
}

#[tokio::test]
async fn many_tasks_are_counted_and_those_left_out_are_named() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let ended = deck.finished(&uid, &Output::One(vec![1])).await;
    let running = deck.task(&uid).await;
    deck.claim().await;
    let (a, b, nobody) = (deck.task(&uid).await, deck.task(&uid).await, TaskId::random().to_string());
    let ids = json!({"ids": [a, b, a, running, ended, nobody]});
    let answer = post(&deck, "/operator/tasks/cancel", ids).await;
    let others = json!([
        {"task_id": ended, "answer": "refused", "status": "success"},
        {"task_id": nobody, "answer": "gone", "status": null}]);
    let expected =
        json!({"action": "cancel", "done": 2, "stopping": 1, "refused": 1, "gone": 1, "failed": 0, "others": others});
    assert_eq!(answer, expected);
    assert_eq!(audited(&deck).await.len(), 5, "one row for each, the repeated one once");
    let answer = post(&deck, "/operator/tasks/requeue", json!({"ids": [a, b, ended]})).await;
    assert_eq!((&answer["done"], &answer["others"]), (&json!(3), &json!([])));
    let answer = post(&deck, "/operator/tasks/priority", json!({"ids": [a, b, running], "priority": -2})).await;
    assert_eq!((&answer["done"], &answer["refused"]), (&json!(2), &json!(1)));
    let answer = post(&deck, "/operator/tasks/cancel", json!({"ids": [a, b]})).await;
    assert_eq!(answer["done"], 2);
    let answer = post(&deck, "/operator/tasks/delete", json!({"ids": [a, b, ended]})).await;
    assert_eq!((&answer["done"], &answer["refused"]), (&json!(2), &json!(1)));
    assert_eq!(deck.tasks().await, 2);
}

#[tokio::test]
async fn a_paused_use_case_is_not_claimed_until_it_is_resumed() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    for _ in 0..2 {
        let answer = post(&deck, "/operator/queues/echo/pause", json!({})).await;
        assert_eq!(answer, json!({"use_case": "echo", "action": "pause", "answer": "done", "paused": true}));
    }
    assert_eq!(deck.state.store.paused().await.unwrap(), ["echo"]);
    assert_eq!(deck.json("/operator/tasks").await["paused"], json!(["echo"]));
    let answer = post(&deck, "/operator/queues/echo/resume", json!({})).await;
    assert_eq!(answer["paused"], false);
    assert_eq!(deck.claim().await.task.id.to_string(), task);
    let rows = audited(&deck).await;
    assert_eq!(rows[2], row("anonymous", "resume", "echo", "done"));
}

#[tokio::test]
async fn a_worker_or_a_whole_node_is_drained_and_undrained() {
    let deck = Deck::start();
    let (node, worker) = announce(&deck).await;
    let draining = async || {
        let workers = deck.json("/operator/workers").await;
        let node = &workers["nodes"][0];
        assert_eq!((node["threads"].as_u64(), node["bootstraps"].as_u64()), (Some(2), Some(42)));
        assert_eq!((&node["slots"][0]["done"], &node["slots"][0]["busy_s"]), (&json!(3), &json!(90.0)));
        node["slots"][0]["draining"].as_bool().unwrap()
    };
    assert!(!draining().await);
    for name in [&worker, &node] {
        let path = name.replace('/', "%2F");
        let answer = post(&deck, &format!("/operator/workers/{path}/drain"), json!({})).await;
        assert_eq!(answer, json!({"worker": name, "action": "drain", "answer": "done"}));
        assert!(draining().await);
        post(&deck, &format!("/operator/workers/{path}/undrain"), json!({})).await;
        assert!(!draining().await);
    }
    let rows = audited(&deck).await;
    assert_eq!(rows[0], row("anonymous", "drain", &worker, "done"));
    assert_eq!(rows[3], row("anonymous", "undrain", &node, "done"));
}
