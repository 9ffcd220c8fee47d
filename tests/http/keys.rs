//! `POST /add_key`, `GET /get_key_status`, `POST /delete_key`.

use cipherdeck::use_cases::Output;
use reqwest::{Response, multipart::Form};

use super::harness::{Deck, ECHO, LOCKED, file, ok, refused, start_form, text_of};
use crate::support::keys::SERVER_KEY as KEY;

async fn upload(deck: &Deck, key: &[u8]) -> Response {
    deck.post("/add_key", Form::new().part("key", file(key)).text("task_name", LOCKED)).await
}

async fn delete(deck: &Deck, uid: &str) -> Response {
    deck.http.post(format!("{}/delete_key", deck.url)).form(&[("uid", uid)]).send().await.unwrap()
}

#[tokio::test]
async fn equal_keys_give_different_uids_and_share_one_blob_until_the_last_is_deleted() {
    let deck = Deck::start();
    let first = text_of(&ok(upload(&deck, &KEY).await).await, "uid");
    let second = text_of(&ok(upload(&deck, &KEY).await).await, "uid");
    assert_ne!(first, second);
    let names = deck.settle_blobs(1).await;
    assert!(names[0].starts_with("keys/"), "{names:?}");
    ok(deck.post("/start_task", start_form(&first, LOCKED, b"GOOD")).await).await;
    assert_eq!(ok(delete(&deck, &second).await).await["deleted"], true);
    refused(delete(&deck, &second).await, 404, "unknown_uid").await;
    assert!(deck.blobs().await.contains(&names[0]), "still in use");
    let answer = ok(delete(&deck, &first).await).await;
    assert_eq!(answer["running"], 0);
    deck.settle_blobs(0).await;
    refused(deck.get(&format!("/get_key_status?uid={first}")).await, 404, "unknown_uid").await;
}

#[tokio::test]
async fn a_refused_key_leaves_nothing_stored() {
    let deck = Deck::with(|settings| settings.limits.key_mib = 31);
    let mut trailing = KEY.clone();
    trailing.push(0);
    let mut claimed = KEY[..64].to_vec();
    claimed[40..48].copy_from_slice(&u64::MAX.to_le_bytes());
    for bad in [b"".as_slice(), b"not a key", &KEY[..KEY.len() - 1], &trailing, &claimed] {
        refused(upload(&deck, bad).await, 422, "invalid_key").await;
    }
    let long = vec![0; (31 << 20) + 1];
    refused(upload(&deck, &long).await, 413, "too_large").await;
    deck.settle_blobs(0).await;
    assert_eq!(deck.metric("cipherdeck_tasks{state=\"queued\"}").await, 0);
}

#[tokio::test]
async fn a_uid_without_a_key_is_only_for_use_cases_that_need_none() {
    let deck = Deck::start();
    for (form, status, label) in [
        (Form::new(), 422, "invalid_parameter"),
        (Form::new().text("task_name", LOCKED), 422, "invalid_parameter"),
        (Form::new().text("task_name", "no_such"), 404, "unknown_use_case"),
        (Form::new().text("task_name", ECHO).text("other", "1"), 422, "invalid_parameter"),
        (Form::new().text("uid", "936da01f-9abd-4d9d-80c7-02af85c822a8"), 422, "invalid_parameter"),
        (Form::new().text("uid", "936da01f-9abd-4d9d-80c7-02af85c822a8").part("key", file(b"k")), 404, "unknown_uid"),
        (Form::new().text("key", "in clear").text("task_name", ECHO), 422, "invalid_key"),
        (Form::new().text("task_name", ECHO).text("task_name", LOCKED), 422, "invalid_parameter"),
    ] {
        refused(deck.post("/add_key", form).await, status, label).await;
    }
    let uid = deck.uid().await;
    let status = deck.json(&format!("/get_key_status?uid={uid}")).await;
    assert_eq!((status["has_key"].as_bool(), status["key_bytes"].is_null()), (Some(false), true));
    refused(deck.post("/start_task", start_form(&uid, LOCKED, b"GOOD")).await, 409, "key_required").await;
    deck.settle_blobs(0).await;
}

#[tokio::test]
async fn a_key_is_attached_once() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let attach = |key: &[u8]| Form::new().text("uid", uid.clone()).part("key", file(key));
    refused(deck.post("/add_key", attach(b"not a key")).await, 422, "invalid_key").await;
    assert_eq!(text_of(&ok(deck.post("/add_key", attach(&KEY)).await).await, "uid"), uid);
    refused(deck.post("/add_key", attach(&KEY)).await, 409, "key_exists").await;
    let late = Form::new().part("key", file(&KEY)).text("uid", uid.clone());
    refused(deck.post("/add_key", late).await, 409, "key_exists").await;
    ok(deck.post("/start_task", start_form(&uid, LOCKED, b"GOOD")).await).await;
    let status = deck.json(&format!("/get_key_status?uid={uid}")).await;
    assert_eq!(status["key_bytes"].as_u64(), Some(KEY.len() as u64));
    assert_eq!((status["has_key"].as_bool(), status["tasks"].as_u64()), (Some(true), Some(1)));
    assert!(status["created"].is_string() && status["expires"].is_string() && status["age_s"].is_u64());
    deck.settle_blobs(2).await;
}

#[tokio::test]
async fn too_many_uids_without_a_key_are_refused() {
    let deck = Deck::with(|settings| settings.limits.keyless_uids = 1);
    deck.uid().await;
    let response = deck.post("/add_key", Form::new().text("task_name", ECHO)).await;
    assert!(response.headers().contains_key("retry-after"));
    refused(response, 429, "rate_limited").await;
}

#[tokio::test]
async fn deleting_a_uid_removes_its_tasks_inputs_and_results() {
    let deck = Deck::start();
    let (uid, other) = (deck.uid().await, deck.uid().await);
    let done = deck.finished(&uid, &Output::One(vec![1])).await;
    let queued = deck.task(&uid).await;
    let kept = deck.task(&other).await;
    assert_eq!(deck.blobs().await.len(), 4);
    assert_eq!(ok(delete(&deck, &uid).await).await["running"], 0);
    for task in [&done, &queued] {
        assert_eq!(text_of(&deck.status(task, &uid).await, "status"), "unknown");
    }
    assert_eq!(deck.settle_blobs(1).await, [format!("inputs/{kept}")]);
    refused(deck.submit(&uid, b"GOOD").await, 404, "unknown_uid").await;
    for bad in ["", "*"] {
        let status = if bad.is_empty() { 422 } else { 404 };
        let label = if bad.is_empty() { "invalid_parameter" } else { "unknown_uid" };
        refused(delete(&deck, bad).await, status, label).await;
    }
}
