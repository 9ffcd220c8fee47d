//! Whether the server is ready, and why not; room on the disk.

use cipherdeck::{config::Settings, store::NodeName, use_cases::Output};
use reqwest::multipart::Form;

use super::after;
use crate::http::harness::{Deck, ECHO, file, ok, refused, start_form, text_of, worker};
use crate::operator::world::Guarded;

/// More than any disk has.
const NO_DISK: u64 = 1 << 30;

#[tokio::test]
async fn a_ready_server_lists_what_was_looked_at() {
    let deck = Deck::start();
    let ready = deck.json("/readyz").await;
    assert_eq!((text_of(&ready, "status"), text_of(&ready, "store")), ("ready".to_owned(), "sqlite".to_owned()));
    let checks = &ready["checks"];
    assert!(text_of(checks, "disk").contains("MiB free, 256 must be"), "{ready}");
    assert_eq!(text_of(checks, "workers"), "1 alive on all nodes");
    assert_eq!(checks.as_object().unwrap().len(), 4, "{ready}");
}

#[tokio::test]
async fn strangers_hear_that_a_server_is_ready_and_no_more() {
    let guarded = Guarded::start();
    let ready = |token: Option<&str>| {
        let request = guarded.deck.http.get(format!("{}/readyz", guarded.deck.url));
        token.map_or(request.try_clone().unwrap(), |token| request.bearer_auth(token)).send()
    };
    for token in [None, Some("cdt_wrong")] {
        let said = ok(ready(token).await.unwrap()).await;
        assert!(said["status"] == "ready" && said["checks"].is_null(), "{said}");
    }
    let said = ok(ready(Some(&guarded.viewer)).await.unwrap()).await;
    assert!(said["checks"].is_object(), "{said}");
}

#[tokio::test]
async fn without_a_worker_anywhere_a_server_is_alive_but_not_ready() {
    let deck = Deck::start();
    deck.state.store.leave(NodeName("host:1:test".to_owned())).await.unwrap();
    let response = deck.get("/readyz").await;
    assert!(after(&response) >= 1);
    let sentence = refused(response, 503, "no_worker").await;
    assert!(sentence.contains("worker"), "{sentence}");
    assert_eq!(deck.get("/healthz").await.status(), 200);
    // A node without slots is no worker.
    let mut node = worker();
    node.slots.clear();
    deck.state.store.announce(node).await.unwrap();
    refused(deck.get("/readyz").await, 503, "no_worker").await;
    deck.state.store.announce(worker()).await.unwrap();
    assert_eq!(deck.get("/readyz").await.status(), 200);
    // Tasks are accepted meanwhile: they wait.
    let uid = deck.uid().await;
    deck.task(&uid).await;
}

#[tokio::test]
async fn below_the_floor_nothing_is_taken_in_but_what_is_there_is_given_out() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.finished(&uid, &Output::One(b"answer".to_vec())).await;
    let settings = |settings: &mut Settings| {
        settings.limits.disk_free_mib = NO_DISK;
        settings.retention.sweep_every_s = 90;
    };
    let full = deck.restart(settings).await;
    for (path, form) in [
        ("/add_key", Form::new().part("key", file(b"x"))),
        ("/add_key", Form::new().text("task_name", ECHO)),
        ("/start_task", start_form(&uid, ECHO, b"GOOD")),
    ] {
        let response = full.post(path, form).await;
        assert_eq!(after(&response), 90, "the next sweep may make room");
        refused(response, 507, "storage_full").await;
    }
    let response = full.get("/readyz").await;
    assert_eq!(after(&response), 90);
    refused(response, 503, "storage_full").await;
    assert_eq!(full.get("/healthz").await.status(), 200);
    let result = full.get(&format!("/get_task_result?task_name={ECHO}&task_id={task}&uid={uid}")).await;
    assert_eq!(result.bytes().await.unwrap(), "answer".as_bytes());
    let form = [("uid", uid.as_str())];
    ok(full.http.post(format!("{}/delete_key", full.url)).form(&form).send().await.unwrap()).await;
}
