//! Health, metrics, catalogue, description, documentation.

use std::collections::BTreeSet;

use reqwest::header::{ACCEPT_ENCODING, IF_NONE_MATCH};
use serde_json::Value;

use super::harness::{Deck, ECHO, text_of};

/// The contract's table.
const ROUTES: [(&str, &str); 17] = [
    ("post", "/add_key"),
    ("get", "/get_use_cases"),
    ("post", "/start_task"),
    ("get", "/get_task_status"),
    ("get", "/get_task_result"),
    ("post", "/cancel_task"),
    ("get", "/list_current_tasks"),
    ("get", "/logs"),
    ("get", "/get_ads"),
    ("get", "/get_key_status"),
    ("post", "/delete_key"),
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/metrics"),
    ("get", "/openapi.json"),
    ("get", "/docs"),
    ("get", "/robots.txt"),
];

#[tokio::test]
async fn the_description_lists_every_route_and_every_listed_route_exists() {
    let deck = Deck::start();
    let description = deck.json("/openapi.json").await;
    assert!(text_of(&description, "openapi").starts_with("3.1"));
    let paths = description["paths"].as_object().unwrap();
    let listed: BTreeSet<(String, String)> = paths
        .iter()
        .filter(|(path, _)| !path.starts_with("/operator/")) // those are looked at in tests/operator
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| (method.clone(), path.clone())))
        .collect();
    let contract: BTreeSet<_> =
        ROUTES.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(listed, contract);
    for (method, path) in listed {
        let method = method.to_uppercase().parse().unwrap();
        let response = deck.http.request(method, format!("{}{path}", deck.url)).send().await.unwrap();
        assert!(![404, 405, 500].contains(&response.status().as_u16()), "{path}: {}", response.status());
        let responses = paths[&path].as_object().unwrap().values().next().unwrap()["responses"].as_object().unwrap();
        assert!(responses.contains_key("default") && responses.len() > 1, "{path}");
    }
}

#[tokio::test]
async fn every_reference_of_the_description_resolves() {
    fn references<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
        match value {
            Value::Object(map) => {
                into.extend(map.get("$ref").and_then(Value::as_str));
                map.values().for_each(|it| references(it, into));
            }
            Value::Array(items) => items.iter().for_each(|it| references(it, into)),
            _ => {}
        }
    }
    let description = Deck::start().json("/openapi.json").await;
    let mut found = Vec::new();
    references(&description, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn the_docs_page_loads_only_what_this_server_has() {
    let deck = Deck::start();
    let page = deck.get("/docs").await;
    assert_eq!((page.status().as_u16(), page.url().path()), (200, "/docs/"));
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.contains("script-src 'self';") && policy.contains("connect-src 'self';") && !policy.contains("http")
    );
    let html = page.text().await.unwrap();
    assert!(!html.contains("//cdn") && !html.contains("https://") && !html.contains("<script>"), "{html}");
    let files: Vec<&str> = html
        .split(['"', '\''])
        .filter(|it| [".js", ".css", ".png"].iter().any(|end| it.ends_with(end)))
        .map(|it| it.trim_start_matches("./"))
        .collect();
    assert!(files.len() >= 4, "{html}");
    for file in files {
        let response = deck.get(&format!("/docs/{file}")).await;
        assert_eq!(response.status(), 200, "{file}");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(["javascript", "css", "png"].iter().any(|it| kind.contains(it)), "{file}: {kind}");
        assert!(!response.bytes().await.unwrap().is_empty());
    }
    let start = deck.get("/docs/swagger-initializer.js").await.text().await.unwrap();
    assert!(start.contains("/openapi.json") && start.contains("\"validatorUrl\": \"none\""), "{start}");
}

#[tokio::test]
async fn the_catalogue_is_compressed_for_those_who_accept_it_and_cached_by_version() {
    let deck = Deck::start();
    cipherdeck::tls::install();
    let raw = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
    let get = || raw.get(format!("{}/get_ads", deck.url));
    let plain = get().send().await.unwrap();
    assert!(!plain.headers().contains_key("content-encoding"));
    let etag = plain.headers()["etag"].clone();
    let plain: Value = plain.json().await.unwrap();
    assert_eq!(etag, format!("\"{}\"", text_of(&plain, "version")));
    assert_eq!((plain["rows"].as_u64(), plain["features"].as_array().unwrap().len()), (Some(3), 62));

    let packed = get().header(ACCEPT_ENCODING, "gzip").send().await.unwrap();
    assert_eq!((&packed.headers()["content-encoding"], &packed.headers()["etag"]), (&"gzip".parse().unwrap(), &etag));
    assert!(packed.headers()["vary"].to_str().unwrap().contains("accept-encoding"));
    assert!(packed.bytes().await.unwrap().starts_with(&[0x1f, 0x8b]));
    assert_eq!(deck.json("/get_ads").await, plain, "and it unpacks to the same");

    let known = get().header(IF_NONE_MATCH, etag.clone()).send().await.unwrap();
    assert_eq!((known.status().as_u16(), &known.headers()["etag"]), (304, &etag));
    assert!(known.bytes().await.unwrap().is_empty());
    assert_eq!(get().header(IF_NONE_MATCH, "\"other\"").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn health_readiness_and_metrics_tell_what_is_known() {
    let deck = Deck::start();
    assert_eq!(text_of(&deck.json("/healthz").await, "status"), "ok");
    assert_eq!(text_of(&deck.json("/readyz").await, "status"), "ready");
    assert_eq!(deck.get("/robots.txt").await.text().await.unwrap(), "User-agent: *\nDisallow: /\n");
    let uid = deck.uid().await;
    deck.task(&uid).await;
    deck.state.store.set_paused(ECHO, true).await.unwrap();
    for (name, value) in [
        ("cipherdeck_tasks{state=\"queued\"}", 1),
        ("cipherdeck_tasks{state=\"started\"}", 0),
        ("cipherdeck_paused{use_case=\"echo\"}", 1),
        ("cipherdeck_paused{use_case=\"locked\"}", 0),
        ("cipherdeck_draining", 0),
    ] {
        assert_eq!(deck.metric(name).await, value, "{name}");
    }
    let scrapes = "cipherdeck_http_requests_total{route=\"/metrics\",method=\"GET\",status=\"200\"}";
    assert_eq!(deck.metric(scrapes).await, 5);
}

#[tokio::test]
async fn a_store_that_is_gone_makes_the_server_alive_but_not_ready() {
    let deck = Deck::start();
    deck.state.store.close().await;
    assert_eq!(deck.get("/healthz").await.status(), 200);
    super::harness::refused(deck.get("/readyz").await, 503, "store_unavailable").await;
    super::harness::refused(deck.get("/get_task_status?task_id=a&uid=b").await, 503, "store_unavailable").await;
}
