//! Requests a second.

use std::collections::HashMap;

use cipherdeck::{
    config::Fairness,
    operator::{Role, tokens},
};

use super::{after, from, until_refused, url};
use crate::http::harness::{Deck, refused};

#[tokio::test]
async fn an_address_that_asks_too_often_is_told_when_to_come_again_and_others_are_not() {
    let deck = Deck::with(|settings| {
        settings.limits.requests_per_address = 1;
        settings.limits.requests_per_address_burst = 5;
    });
    let asked = async || deck.get("/get_use_cases").await;
    let (granted, response) = until_refused(asked).await;
    assert!(granted >= 5, "{granted}");
    assert_eq!(after(&response), 1);
    let sentence = refused(response, 429, "rate_limited").await;
    assert!(sentence.contains("address") && sentence.contains("try again in 1 s"), "{sentence}");
    let other = from([127, 0, 0, 2]).get(url(&deck, "/get_use_cases")).send().await.unwrap();
    assert_eq!(other.status(), 200);
    // Whether it lives is always told, and whether it is ready, to this machine.
    for probe in ["/healthz", "/readyz"] {
        for _ in 0..20 {
            assert_eq!(deck.get(probe).await.status(), 200, "{probe}");
        }
    }
    // What is open to all counts too.
    let (_, response) = until_refused(async || deck.get("/robots.txt").await).await;
    refused(response, 429, "rate_limited").await;
}

#[tokio::test]
async fn a_uid_has_a_rate_of_its_own_in_queries_and_forms_and_a_refused_form_leaves_nothing() {
    let deck = Deck::with(|settings| {
        settings.limits.requests_per_client = 1;
        settings.limits.requests_per_client_burst = 5;
    });
    let (uid, other) = (deck.uid().await, deck.uid().await);
    let path = format!("/get_key_status?uid={uid}");
    let (granted, response) = until_refused(async || deck.get(&path).await).await;
    assert!(granted >= 5, "{granted}");
    assert!(refused(response, 429, "rate_limited").await.contains("client"));
    let (_, response) = until_refused(async || deck.submit(&uid, b"GOOD").await).await;
    refused(response, 429, "rate_limited").await;
    let tasks = usize::try_from(deck.tasks().await).unwrap();
    assert!(tasks < 100, "{tasks}");
    deck.settle_blobs(tasks).await;
    deck.task(&other).await;
    // What names nobody belongs to nobody.
    for _ in 0..20 {
        assert_eq!(deck.get("/get_use_cases").await.status(), 200);
    }
}

#[tokio::test]
async fn one_form_is_one_request_wherever_it_names_its_uid() {
    let deck = Deck::with(|settings| {
        settings.limits.requests_per_client = 1;
        settings.limits.requests_per_client_burst = 4;
    });
    let uid = deck.uid().await;
    for _ in 0..4 {
        let path = format!("/start_task?uid={uid}");
        let form = crate::http::harness::start_form(&uid, crate::http::harness::ECHO, b"GOOD");
        assert_eq!(deck.post(&path, form).await.status(), 200);
    }
}

#[tokio::test]
async fn a_token_is_one_client_whatever_uids_it_names() {
    let mut secrets = HashMap::new();
    let deck = Deck::with(|settings| {
        settings.auth.required = true;
        settings.limits.client = Fairness::Token;
        settings.limits.requests_per_client = 1;
        settings.limits.requests_per_client_burst = 5;
        for name in ["anna", "ben"] {
            let secret = tokens::add(&settings.auth.tokens, name, Role::Client).unwrap();
            secrets.insert(name, secret.expose().to_owned());
        }
    });
    let ask = async |name: &str, uid: &str| {
        let path = url(&deck, &format!("/get_use_cases?uid={uid}"));
        deck.http.get(path).bearer_auth(&secrets[name]).send().await.unwrap()
    };
    let uid = cipherdeck::task::Uid::random;
    let (granted, response) = until_refused(async || ask("anna", &uid().expose()).await).await;
    assert!(granted >= 5, "{granted}");
    refused(response, 429, "rate_limited").await;
    assert_eq!(ask("ben", &uid().expose()).await.status(), 200);
    refused(deck.get("/get_use_cases").await, 401, "unauthorized").await;
}
