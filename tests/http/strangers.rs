//! Requests that are not meant for us, and what they get to see.

use cipherdeck::monitor::logs::LogRing;
use tracing::{level_filters::LevelFilter, subscriber::DefaultGuard};
use tracing_subscriber::{filter::Targets, prelude::*};

use super::harness::{Deck, ECHO, refused, text_of};

#[tokio::test]
async fn a_rebound_host_or_a_foreign_origin_is_refused_on_every_path() {
    let deck = Deck::with(|settings| settings.server.hosts = vec!["deck.example".to_owned()]);
    for path in ["/healthz", "/get_use_cases", "/get_task_status", "/docs/", "/no/such"] {
        let get =
            |name: &'static str, value: &str| deck.http.get(format!("{}{path}", deck.url)).header(name, value).send();
        refused(get("host", "evil.example").await.unwrap(), 403, "forbidden_origin").await;
        refused(get("origin", "http://evil.example").await.unwrap(), 403, "forbidden_origin").await;
        refused(get("origin", "null").await.unwrap(), 403, "forbidden_origin").await;
        assert_ne!(get("host", "deck.example").await.unwrap().status(), 403);
        assert_ne!(get("origin", &deck.url).await.unwrap().status(), 403);
    }
    let uid = deck.uid().await;
    let response = deck.http.post(format!("{}/delete_key", deck.url)).header("origin", "http://evil.example");
    refused(response.form(&[("uid", &uid)]).send().await.unwrap(), 403, "forbidden_origin").await;
    assert_eq!(deck.get(&format!("/get_key_status?uid={uid}")).await.status(), 200);
}

#[tokio::test]
async fn what_does_not_exist_is_refused_in_the_shape_of_the_contract() {
    let deck = Deck::start();
    for path in
        ["/", "/no/such", "/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/docs/../../Cargo.toml", "/docs/no.js"]
    {
        refused(deck.get(path).await, 404, "not_found").await;
    }
    let response = deck.http.delete(format!("{}/healthz", deck.url)).send().await.unwrap();
    assert!(response.headers()["allow"].to_str().unwrap().contains("GET"));
    refused(response, 405, "bad_request").await;
    refused(deck.get("/start_task").await, 405, "bad_request").await;
    let preflight =
        deck.http.request(reqwest::Method::OPTIONS, format!("{}/start_task", deck.url)).send().await.unwrap();
    assert!(!preflight.headers().contains_key("access-control-allow-origin"));
    refused(preflight, 405, "bad_request").await;
}

#[tokio::test]
async fn every_answer_has_its_own_request_id_and_the_security_headers() {
    let deck = Deck::start();
    let get =
        || deck.http.get(format!("{}/get_task_status", deck.url)).header("x-request-id", "chosen-by-client").send();
    let (first, second) = (get().await.unwrap(), get().await.unwrap());
    let id = |response: &reqwest::Response| response.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert!(id(&first) != id(&second) && id(&first).len() == 32);
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(first.headers()[name], value);
        assert!(refused_headers(&deck).await.contains_key(name));
    }
}

async fn refused_headers(deck: &Deck) -> reqwest::header::HeaderMap {
    deck.get("/no/such").await.headers().clone()
}

/// The test's own thread runs server and client, so a subscriber of this thread sees every line, down to the finest of
/// every library but the client's.
fn record(logs: &LogRing) -> DefaultGuard {
    let quiet = ["hyper_util::client", "reqwest"].map(|target| (target, LevelFilter::OFF));
    let most = Targets::new().with_default(LevelFilter::TRACE).with_targets(quiet);
    tracing_subscriber::registry().with(logs.clone().with_filter(most)).set_default()
}

#[tokio::test]
async fn no_uid_reaches_the_log_and_one_line_stays_one_line() {
    let logs = LogRing::new(100_000);
    let _guard = record(&logs);
    let deck = Deck::with_logs(|_| (), logs.clone());
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    deck.status(&task, &uid).await;
    deck.get(&format!("/get_key_status/{uid}?uid={uid}")).await;
    deck.get("/no%0Asuch%0D%0A2026-01-01%20ERROR%20forged?uid=x").await;
    deck.get(&format!("/get_task_result?task_name=a%0Ab&task_id={task}&uid={uid}")).await;
    deck.cancel(&task, &uid).await;
    deck.http.post(format!("{}/delete_key", deck.url)).form(&[("uid", &uid)]).send().await.unwrap();
    let lines = logs.tail(100_000);
    let logged = |line: &&str| line.contains("request status=200") && line.contains("path=/start_task");
    assert!(lines.iter().map(|line| line.text.as_str()).any(|line| logged(&line)), "requests are logged");
    assert!(lines.iter().any(|line| line.text.contains("path=/get_key_status/…")), "so are paths that do not exist");
    for line in &lines {
        let text = line.to_string();
        assert!(!text.contains(&uid) && !text.contains(&uid[..18]), "{text}");
        assert!(!text.contains(['\n', '\r']), "{text}");
        assert!(line.target != "cipherdeck::api::guard" || !text.contains('?'), "{text}");
    }
    assert!(lines.iter().any(|line| line.text.contains("uid=")), "the tag is logged instead");
}

#[tokio::test]
async fn the_log_page_is_escaped_and_its_number_of_lines_is_checked() {
    let logs = LogRing::new(1000);
    let _guard = record(&logs);
    let deck = Deck::with_logs(|_| (), logs);
    tracing::info!("<script>alert(1)</script> & more");
    for i in 0..5 {
        tracing::info!("line {i}");
    }
    let page = deck.get("/logs?lines=1000").await;
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let page = page.text().await.unwrap();
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; more") && !page.contains("<script"));
    let last = deck.get("/logs?lines=1").await.text().await.unwrap();
    assert_eq!(last.lines().filter(|line| line.contains("Z ")).count(), 1, "{last}");
    assert!(!last.contains("line 4"), "{last}");
    for bad in ["-1", "0", "1001", "abc", "", "1.0", "99999999999999999999"] {
        refused(deck.get(&format!("/logs?lines={bad}")).await, 422, "invalid_parameter").await;
    }
    assert_eq!(deck.get("/logs").await.status(), 200);
}

#[tokio::test]
async fn a_file_name_from_a_client_names_nothing_here() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let evil = reqwest::multipart::Part::bytes(b"GOOD".to_vec()).file_name("../../../../tmp/evil.sh");
    let form =
        reqwest::multipart::Form::new().text("uid", uid.clone()).text("task_name", ECHO).part("encrypted_input", evil);
    let task = text_of(&super::harness::ok(deck.post("/start_task", form).await).await, "task_id");
    assert_eq!(deck.blobs().await, [format!("inputs/{task}")]);
}
