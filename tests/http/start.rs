//! `POST /start_task`.

use cipherdeck::use_cases::Output;
use futures::future::join_all;
use reqwest::multipart::Form;

use super::harness::{Deck, ECHO, LOCKED, MAX_INPUT, file, ok, refused, start_form, text_of};

#[tokio::test]
async fn every_bad_submission_has_its_label_and_stores_nothing() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let nobody = "936da01f-9abd-4d9d-80c7-02af85c822a8";
    for (uid, name, input, status, label) in [
        (nobody, ECHO, "GOOD", 404, "unknown_uid"),
        ("*", ECHO, "GOOD", 404, "unknown_uid"),
        ("../../etc/passwd", ECHO, "GOOD", 404, "unknown_uid"),
        (&uid, "no_such", "GOOD", 404, "unknown_use_case"),
        (&uid, "../echo", "GOOD", 404, "unknown_use_case"),
        (&uid, "echo\r\nX-Evil: 1", "GOOD", 404, "unknown_use_case"),
        (&uid, LOCKED, "GOOD", 409, "key_required"),
        (&uid, ECHO, "CATA", 409, "catalogue_changed"),
        (&uid, ECHO, "????", 422, "invalid_input"),
        (&uid, ECHO, "", 422, "invalid_input"),
        (&uid, ECHO, "OTHR", 422, "wrong_use_case"),
        (&uid, ECHO, "PARM", 422, "wrong_parameters"),
        (&uid, ECHO, "BOOM", 422, "invalid_input"),
        ("", ECHO, "GOOD", 422, "invalid_parameter"),
        (&uid, "", "GOOD", 422, "invalid_parameter"),
    ] {
        let detail =
            refused(deck.post("/start_task", start_form(uid, name, input.as_bytes())).await, status, label).await;
        assert!(!detail.contains(['\r', '\n']) && !detail.contains("src/"), "{detail}");
    }
    let without = Form::new().text("uid", uid.clone()).text("task_name", ECHO);
    refused(deck.post("/start_task", without).await, 422, "invalid_parameter").await;
    let extra = start_form(&uid, ECHO, b"GOOD").text("extra", "1");
    refused(deck.post("/start_task", extra).await, 422, "invalid_parameter").await;
    let twice = start_form(&uid, ECHO, b"GOOD").part("encrypted_input", file(b"GOOD"));
    refused(deck.post("/start_task", twice).await, 422, "invalid_parameter").await;
    let two_uids = start_form(&uid, ECHO, b"GOOD").text("uid", nobody);
    refused(deck.post("/start_task", two_uids).await, 422, "invalid_parameter").await;
    let elsewhere = deck.post(&format!("/start_task?uid={nobody}"), start_form(&uid, ECHO, b"GOOD")).await;
    refused(elsewhere, 422, "invalid_parameter").await;
    assert_eq!(deck.tasks().await, 0);
    deck.settle_blobs(0).await;
}

#[tokio::test]
async fn fields_may_come_in_any_order_and_from_the_query() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let last = Form::new().part("encrypted_input", file(b"GOOD")).text("task_name", ECHO).text("uid", uid.clone());
    ok(deck.post("/start_task", last).await).await;
    let path = format!("/start_task?uid={uid}&task_name={ECHO}");
    ok(deck.post(&path, Form::new().part("encrypted_input", file(b"GOOD"))).await).await;
    let same = deck.post(&path, start_form(&uid, ECHO, b"GOOD")).await;
    ok(same).await;
    assert_eq!(deck.tasks().await, 3);
}

#[tokio::test]
async fn an_input_longer_than_any_valid_one_is_refused_while_it_arrives() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let long = vec![b'G'; MAX_INPUT as usize + 1];
    refused(deck.submit(&uid, &long).await, 413, "too_large").await;
    let first = Form::new().part("encrypted_input", file(&long)).text("task_name", ECHO).text("uid", uid.clone());
    refused(deck.post("/start_task", first).await, 413, "too_large").await;
    let mut longest = b"GOOD".to_vec();
    longest.resize(MAX_INPUT as usize, 0);
    ok(deck.submit(&uid, &longest).await).await;
    assert_eq!(deck.settle_blobs(1).await.len(), 1);
}

#[tokio::test]
async fn two_tasks_of_one_user_never_share_a_file() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let (first, second) = (deck.task(&uid).await, deck.task(&uid).await);
    let (one, two) = (deck.claim().await, deck.claim().await);
    assert_ne!(one.task.input.name, two.task.input.name);
    deck.succeed(&two, &Output::One(b"second".to_vec())).await;
    deck.succeed(&one, &Output::One(b"first".to_vec())).await;
    assert_eq!(deck.blobs().await.len(), 4, "two inputs, two results");
    for (task, expected) in [(&first, "first"), (&second, "second"), (&first, "first")] {
        let result = deck.get(&format!("/get_task_result?task_name={ECHO}&task_id={task}&uid={uid}")).await;
        assert_eq!(result.text().await.unwrap(), expected);
    }
    let names = deck.blobs().await.join(" ");
    assert!(!names.contains(&uid), "no secret in a file name");
}

#[tokio::test]
async fn fifty_parallel_submits_with_one_idempotency_key_make_one_task() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let submit = || async {
        let request = deck.http.post(format!("{}/start_task", deck.url)).header("idempotency-key", "order-1");
        ok(request.multipart(start_form(&uid, ECHO, b"GOOD")).send().await.unwrap()).await
    };
    let answers = join_all((0..50).map(|_| submit())).await;
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    assert_eq!(deck.tasks().await, 1);
    let names = deck.settle_blobs(1).await;
    assert_eq!(names, [format!("inputs/{}", text_of(&answers[0], "task_id"))]);
}

#[tokio::test]
async fn an_idempotency_key_is_bound_to_its_uid_and_input_and_must_be_well_formed() {
    let deck = Deck::start();
    let (uid, other) = (deck.uid().await, deck.uid().await);
    let submit = async |uid: &str, key: &str, input: &[u8]| {
        let request = deck.http.post(format!("{}/start_task", deck.url)).header("idempotency-key", key);
        request.multipart(start_form(uid, ECHO, input)).send().await.unwrap()
    };
    let first = ok(submit(&uid, "k", b"GOOD").await).await;
    refused(submit(&uid, "k", b"GOOD other").await, 409, "idempotency_conflict").await;
    assert_ne!(ok(submit(&other, "k", b"GOOD").await).await, first);
    for bad in ["", "a b", &"k".repeat(256)] {
        refused(submit(&uid, bad, b"GOOD").await, 422, "invalid_parameter").await;
    }
    assert_eq!(deck.tasks().await, 2);
    deck.settle_blobs(2).await;
}

#[tokio::test]
async fn a_full_queue_says_when_to_try_again_and_keeps_no_input() {
    let deck = Deck::with(|settings| settings.limits.waiting_per_client = 1);
    let (uid, other) = (deck.uid().await, deck.uid().await);
    deck.task(&uid).await;
    let response = deck.submit(&uid, b"GOOD").await;
    let after: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(after >= 1);
    refused(response, 429, "queue_full").await;
    deck.settle_blobs(1).await;
    ok(deck.submit(&other, b"GOOD").await).await;
    // Once runs have been measured, the answer follows them: 1.5 s on one worker, and two clients in turn.
    deck.succeed(&deck.claim().await, &Output::One(vec![])).await;
    deck.task(&uid).await;
    let response = deck.submit(&uid, b"GOOD").await;
    assert_eq!(response.headers()["retry-after"], "3");
    refused(response, 429, "queue_full").await;
}

#[tokio::test]
async fn a_draining_server_takes_no_new_work_but_answers_about_the_old() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    deck.state.draining.cancel();
    refused(deck.submit(&uid, b"GOOD").await, 503, "draining").await;
    let response = deck.post("/add_key", Form::new().text("task_name", ECHO)).await;
    assert!(response.headers().contains_key("retry-after"));
    refused(response, 503, "draining").await;
    refused(deck.get("/readyz").await, 503, "draining").await;
    assert_eq!(text_of(&deck.status(&task, &uid).await, "status"), "queued");
    assert_eq!(text_of(&deck.cancel(&task, &uid).await, "status"), "revoked");
}
