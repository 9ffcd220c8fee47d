//! What operator endpoints refuse, and that nothing happens then.

use cipherdeck::task::TaskId;
use serde_json::{Value, json};

use super::world::{ask, audited, endpoints};
use crate::http::harness::{Deck, refused};

#[tokio::test]
async fn wrong_parameters_are_named_and_never_ignored() {
    let deck = Deck::start();
    for (query, part) in [
        ("tasks?stat=failure", "state"),
        ("tasks?state=broken", "queued"),
        ("tasks?order=random", "position"),
        ("tasks?limit=0", "1..=200"),
        ("tasks?limit=201", "1..=200"),
        ("tasks?limit=abc", "1..=200"),
        ("tasks?age=5", ">5m"),
        ("tasks?age=%2B5m", ">5m"),
        ("tasks?age=100000s", ">5m"),
        ("tasks?cursor=nonsense", "cursor"),
        ("tasks?uid=936da01f-9abd-4d9d-80c7-02af85c822a8", "tag"),
        ("tasks?state=queued&state=started", "state"),
        ("history?usecase=x", "use_case"),
        ("history?origin=me", "bench"),
        ("history?limit=100001", "100000"),
        ("history?format=xml", "csv"),
        ("history?age=soon", "90s"),
        ("audit?who=me", "actor"),
        ("audit?limit=1001", "1..=1000"),
        ("audit?cursor=lq.1.2.3", "cursor"),
    ] {
        let detail = refused(deck.get(&format!("/operator/{query}")).await, 422, "invalid_parameter").await;
        assert!(detail.contains(part), "{query}: {detail}");
    }
}

#[tokio::test]
async fn wrong_bodies_are_refused_and_change_nothing() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    let many: Vec<String> = (0..10_001).map(|_| TaskId::random().to_string()).collect();
    for (path, body, part) in [
        ("tasks/cancel".to_owned(), json!({}), "ids"),
        ("tasks/cancel".to_owned(), json!({"ids": []}), "1 to 10000"),
        ("tasks/cancel".to_owned(), json!({"ids": many}), "not 10001"),
        ("tasks/cancel".to_owned(), json!({"ids": [task, "*"]}), "ids[1]"),
        ("tasks/cancel".to_owned(), json!({"ids": [task], "all": true}), "all"),
        ("tasks/cancel".to_owned(), json!([task]), "object"),
        ("tasks/cancel".to_owned(), json!([[task]]), "object"),
        (format!("tasks/{task}/cancel"), json!([]), "object"),
        (format!("tasks/{task}/priority"), json!([3, null]), "object"),
        ("tasks/priority".to_owned(), json!({"ids": [task]}), "either"),
        ("tasks/priority".to_owned(), json!({"ids": [task], "priority": 1, "by": 1}), "either"),
        (format!("tasks/{task}/priority"), json!({"priority": 11}), "-10..=10"),
        (format!("tasks/{task}/priority"), json!({"by": 1000}), "body"),
        (format!("tasks/{task}/priority"), json!({"by": 1.5}), "body"),
        (format!("tasks/{task}/cancel"), json!({"force": true}), "force"),
    ] {
        let response = ask(&deck, "POST", &format!("/operator/{path}"), None, Some(body)).await;
        let detail = refused(response, 422, "invalid_parameter").await;
        assert!(detail.contains(part), "{path}: {detail}");
    }
    let long = json!({"ids": ["x".repeat(2 << 20)]});
    refused(ask(&deck, "POST", "/operator/tasks/cancel", None, Some(long)).await, 413, "too_large").await;
    assert_eq!(deck.status(&task, &uid).await["status"], "queued");
    assert!(audited(&deck).await.is_empty());
}

#[tokio::test]
async fn what_does_not_exist_is_said_so_and_kept_short_in_the_log() {
    let deck = Deck::start();
    let post = async |path: &str| ask(&deck, "POST", &format!("/operator/{path}"), None, Some(json!({}))).await;
    let uid = deck.uid().await;
    refused(post(&format!("queues/{uid}/pause")).await, 404, "unknown_use_case").await;
    refused(post(&format!("workers/{uid}/drain")).await, 404, "not_found").await;
    let gone: Value = post(&format!("tasks/{uid}/cancel")).await.json().await.unwrap();
    assert_eq!(gone["answer"], "gone");
    let odd: Value = post("tasks/not-an-id/cancel").await.json().await.unwrap();
    assert_eq!(odd["answer"], "gone");
    for row in audited(&deck).await {
        assert!(row[2].chars().count() <= 9 && row[3] == "gone", "{row:?}");
    }
    refused(deck.get("/operator/no").await, 404, "not_found").await;
    refused(deck.get("/operator/tasks/cancel").await, 405, "bad_request").await;
}

#[tokio::test]
async fn no_form_of_another_site_changes_anything() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    let of = |method: &str| -> Vec<String> {
        let all = endpoints(&task, "w/0").into_iter();
        all.filter(|(its, ..)| *its == method).map(|(_, path, _)| path).collect()
    };
    let (gets, posts) = (of("GET"), of("POST"));
    for (method, path, body) in endpoints(&task, "w/0") {
        let url = format!("{}{path}", deck.url);
        let foreign = deck.http.request(method.parse().unwrap(), &url).header("origin", "http://evil.example");
        refused(foreign.json(&body).send().await.unwrap(), 403, "forbidden_origin").await;
        let rebound = deck.http.request(method.parse().unwrap(), &url).header("host", "evil.example");
        refused(rebound.json(&body).send().await.unwrap(), 403, "forbidden_origin").await;
        if method == "GET" {
            if !posts.contains(&path) {
                refused(ask(&deck, "POST", &path, None, Some(json!({}))).await, 405, "bad_request").await;
            }
            continue;
        }
        // The only kinds that a page can send without asking first; and none at all.
        for kind in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""] {
            let text = body.as_ref().unwrap().to_string();
            let mut simple = deck.http.post(&url).body(text);
            if !kind.is_empty() {
                simple = simple.header("content-type", kind);
            }
            refused(simple.send().await.unwrap(), 415, "unsupported_media").await;
        }
        if !gets.contains(&path) {
            refused(ask(&deck, "GET", &path, None, None).await, 405, "bad_request").await;
        }
    }
    assert_eq!(deck.status(&task, &uid).await["status"], "queued");
    assert!(audited(&deck).await.is_empty());
}

#[tokio::test]
async fn a_store_that_is_gone_is_503_and_not_done() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    deck.state.store.close().await;
    for (method, path, body) in endpoints(&task, "w/0") {
        let response = ask(&deck, method, &path, None, body).await;
        if path == "/operator/log_level" {
            // It needs no store, and is what one turns to when the store is away.
            assert_eq!(response.status(), 200);
        } else if ["cancel", "requeue", "delete", "priority"]
            .iter()
            .any(|word| path == format!("/operator/tasks/{word}"))
        {
            let answer: Value = response.json().await.unwrap();
            assert_eq!((&answer["failed"], &answer["done"]), (&json!(1), &json!(0)), "{path}");
        } else {
            refused(response, 503, "store_unavailable").await;
        }
    }
}
