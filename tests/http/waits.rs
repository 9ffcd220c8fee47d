//! Long polls.

use std::time::{Duration, Instant};

use cipherdeck::use_cases::Output;
use futures::future::join;

use super::harness::{Deck, ECHO, patiently, refused, text_of};

#[tokio::test]
async fn a_waiting_status_is_answered_when_the_word_changes() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    let path = format!("/get_task_status?task_id={task}&uid={uid}&wait=60");
    let (status, claim) = join(patiently(deck.json(&path)), async {
        deck.waiting(1).await;
        deck.claim().await
    })
    .await;
    assert_eq!(text_of(&status, "status"), "started");
    let (status, ()) = join(patiently(deck.json(&path)), async {
        deck.waiting(1).await;
        deck.beat(&claim, 0.25).await;
        assert_eq!(deck.metric("cipherdeck_http_waiting_requests").await, 1, "progress does not end the wait");
        deck.succeed(&claim, &Output::One(vec![])).await;
    })
    .await;
    assert_eq!(text_of(&status, "status"), "success");
    deck.waiting(0).await;
    let status = patiently(deck.json(&path)).await;
    assert_eq!(text_of(&status, "status"), "success", "an ended task is not waited for");
}

#[tokio::test]
async fn a_waiting_result_comes_when_the_task_ends() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    let path = format!("/get_task_result?task_name={ECHO}&task_id={task}&uid={uid}&wait=60");
    let (response, ()) = join(patiently(deck.get(&path)), async {
        deck.waiting(1).await;
        let claim = deck.claim().await;
        deck.waiting(1).await;
        deck.succeed(&claim, &Output::One(b"answer".to_vec())).await;
    })
    .await;
    assert_eq!(response.headers()["status"], "success");
    assert_eq!(response.text().await.unwrap(), "answer");
}

#[tokio::test]
async fn the_wait_ends_at_its_time_with_the_status_as_it_is() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    let began = Instant::now();
    let status = patiently(deck.json(&format!("/get_task_status?task_id={task}&uid={uid}&wait=1"))).await;
    assert_eq!(text_of(&status, "status"), "queued");
    assert!(began.elapsed() >= Duration::from_secs(1));
    let result =
        patiently(deck.json(&format!("/get_task_result?task_name={ECHO}&task_id={task}&uid={uid}&wait=1"))).await;
    assert_eq!((text_of(&result, "status").as_str(), result["position"].as_u64()), ("queued", Some(1)));
}

#[tokio::test]
async fn a_drain_ends_every_wait_at_once() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    let (status, ()) =
        join(patiently(deck.json(&format!("/get_task_status?task_id={task}&uid={uid}&wait=60"))), async {
            deck.waiting(1).await;
            deck.state.draining.cancel();
        })
        .await;
    assert_eq!(text_of(&status, "status"), "queued");
}

#[tokio::test]
async fn nobody_waits_for_a_task_that_is_unknown_or_foreign() {
    let deck = Deck::start();
    let (uid, other) = (deck.uid().await, deck.uid().await);
    let task = deck.task(&uid).await;
    for (task, uid) in [(task.as_str(), other.as_str()), ("nonsense", uid.as_str())] {
        let status = patiently(deck.json(&format!("/get_task_status?task_id={task}&uid={uid}&wait=60"))).await;
        assert_eq!(text_of(&status, "status"), "unknown");
    }
}

#[tokio::test]
async fn a_task_that_is_deleted_while_it_is_waited_for_becomes_unknown() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    let (status, ()) =
        join(patiently(deck.json(&format!("/get_task_status?task_id={task}&uid={uid}&wait=60"))), async {
            deck.waiting(1).await;
            let form = [("uid", uid.as_str())];
            deck.http.post(format!("{}/delete_key", deck.url)).form(&form).send().await.unwrap();
        })
        .await;
    assert!(["unknown", "revoked"].contains(&text_of(&status, "status").as_str()), "{status}");
}

#[tokio::test]
async fn wait_is_whole_seconds_from_0_to_60() {
    let deck = Deck::start();
    for path in ["/get_task_status", "/get_task_result"] {
        for bad in ["-1", "61", "1.5", "abc", "1e9", "%0A"] {
            refused(deck.get(&format!("{path}?task_id=x&uid=y&wait={bad}")).await, 422, "invalid_parameter").await;
        }
    }
}
