//! `GET /get_task_result`.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use cipherdeck::use_cases::Output;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::harness::{Deck, ECHO, LOCKED, patiently, refused, text_of};

fn path(task: &str, uid: &str) -> String {
    format!("/get_task_result?task_name={ECHO}&task_id={task}&uid={uid}")
}

#[tokio::test]
async fn one_output_is_bytes_with_headers_of_the_servers_own_making() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let document: Vec<u8> = (0..200_000_u32).map(|i| (i % 251) as u8).collect();
    let task = deck.finished(&uid, &Output::One(document.clone())).await;
    for expected in ["success", "completed", "completed"] {
        let response = deck.get(&path(&task, &uid)).await;
        assert_eq!(response.headers()["status"], expected);
        assert_eq!(response.headers()["content-type"], "application/octet-stream");
        assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"result.cdr\"");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.bytes().await.unwrap(), document);
        assert_eq!(text_of(&deck.status(&task, &uid).await, "status"), "completed", "as soon as the end was seen");
    }
}

#[tokio::test]
async fn several_outputs_are_json_in_base64_beside_the_status() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let named = ["avg", "min", "max"].map(|name| (name.to_owned(), format!("{name}\u{0}\u{ff}").into_bytes()));
    let task = deck.finished(&uid, &Output::Named(named.to_vec())).await;
    let result = deck.json(&path(&task, &uid)).await;
    assert_eq!(text_of(&result, "status"), "success");
    for (name, document) in named {
        assert_eq!(BASE64_STANDARD.decode(text_of(&result, &name)).unwrap(), document);
    }
    assert_eq!(text_of(&deck.json(&path(&task, &uid)).await, "status"), "completed");
}

#[tokio::test]
async fn without_a_result_the_answer_is_the_status() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    assert_eq!(deck.json(&path(&task, &uid)).await, deck.status(&task, &uid).await);
    let claim = deck.claim().await;
    assert_eq!(text_of(&deck.json(&path(&task, &uid)).await, "status"), "started");
    deck.fail(&claim).await;
    assert_eq!(text_of(&deck.json(&path(&task, &uid)).await, "details"), "Task failed: time_limit");
}

#[tokio::test]
async fn a_result_is_given_only_to_its_uid_and_under_its_own_task_name() {
    let deck = Deck::start();
    let (uid, other) = (deck.uid().await, deck.uid().await);
    let task = deck.finished(&uid, &Output::One(b"private".to_vec())).await;
    for (name, task, uid) in [
        (ECHO, task.as_str(), other.as_str()),
        (ECHO, task.as_str(), "*"),
        (ECHO, "*", uid.as_str()),
        (LOCKED, task.as_str(), uid.as_str()),
        ("", task.as_str(), uid.as_str()),
        ("..%2F..%2Fecho", task.as_str(), uid.as_str()),
    ] {
        let answer = deck.json(&format!("/get_task_result?task_name={name}&task_id={task}&uid={uid}")).await;
        assert_eq!(text_of(&answer, "status"), "unknown");
        assert!(answer["created"].is_null() && !answer.to_string().contains("private"));
    }
    assert_eq!(text_of(&deck.status(&task, &uid).await, "status"), "success", "nobody has fetched it");
}

#[tokio::test]
async fn a_failed_task_never_serves_the_result_of_an_earlier_run() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.finished(&uid, &Output::One(b"old".to_vec())).await;
    deck.requeue(&task).await;
    assert_eq!(text_of(&deck.json(&path(&task, &uid)).await, "status"), "queued");
    deck.fail(&deck.claim().await).await;
    assert_eq!(text_of(&deck.json(&path(&task, &uid)).await, "status"), "failure");
}

#[tokio::test]
async fn asking_for_the_head_alone_does_not_complete_the_task() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.finished(&uid, &Output::One(b"x".to_vec())).await;
    let head = deck.http.head(format!("{}{}", deck.url, path(&task, &uid))).send().await.unwrap();
    assert_eq!(head.headers()["status"], "success");
    assert_eq!(text_of(&deck.status(&task, &uid).await, "status"), "success");
}

#[tokio::test]
async fn a_client_that_goes_away_in_the_middle_completes_nothing() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    // Longer than all buffers between the two ends.
    let task = deck.finished(&uid, &Output::One(vec![7; 32 << 20])).await;
    let mut socket = TcpStream::connect(deck.address()).await.unwrap();
    let request = format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", path(&task, &uid), deck.address());
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut first = [0; 4096];
    socket.read_exact(&mut first).await.unwrap();
    assert!(first.starts_with(b"HTTP/1.1 200"));
    drop(socket);
    assert_eq!(text_of(&deck.status(&task, &uid).await, "status"), "success");
    let whole = patiently(async { deck.get(&path(&task, &uid)).await.bytes().await.unwrap() }).await;
    assert_eq!(whole.len(), 32 << 20);
    assert_eq!(text_of(&deck.status(&task, &uid).await, "status"), "completed");
}

#[tokio::test]
async fn a_damaged_or_missing_result_is_an_error_and_never_a_wrong_answer() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.finished(&uid, &Output::One(b"intact bytes".to_vec())).await;
    let name = deck.blobs().await.into_iter().find(|name| name.starts_with("results/")).unwrap();
    let file = deck.dir.path().join("blobs").join(name);
    let intact = std::fs::read(&file).unwrap();
    let mut flipped = intact.clone();
    *flipped.last_mut().unwrap() ^= 1;
    std::fs::write(&file, flipped).unwrap();
    let detail = refused(deck.get(&path(&task, &uid)).await, 500, "blob_corrupt").await;
    assert!(!detail.contains('/'), "no path: {detail}");
    std::fs::remove_file(&file).unwrap();
    refused(deck.get(&path(&task, &uid)).await, 500, "blob_missing").await;
    assert_eq!(text_of(&deck.status(&task, &uid).await, "status"), "success");
    std::fs::write(&file, intact).unwrap();
    assert_eq!(deck.get(&path(&task, &uid)).await.text().await.unwrap(), "intact bytes");
}
