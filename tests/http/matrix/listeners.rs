//! Which endpoints are where: at the listener of clients, at that of operators, at a server that only computes.

use std::sync::Arc;

use cipherdeck::{
    api,
    config::{Environment, Role as ServerRole},
    operator::{Role, tokens},
};
use reqwest::{Client, redirect::Policy};
use tokio_util::sync::CancellationToken;

use super::{
    calls::{Call, Ids},
    table::{Cell, described, rows},
};
use crate::http::harness::{Deck, ok, refused};

/// Asks one listener for everything: what the table gives it is there, everything else is not, and who has no token does
/// not learn which is which.
async fn holds(deck: &Deck, url: &str, listener: char) {
    let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let operator = tokens::add(&deck.state.settings.auth.tokens, &format!("olga-{listener}"), Role::Operator).unwrap();
    let ids = Ids { uid: "u".into(), waiting: "t".into(), ended: "t".into(), worker: "w".into() };
    for row in rows() {
        let place = format!("{} {} at {listener}", row.method, row.name());
        let call = || Call::to(&row, &ids).unwrap().send(&http, url, None);
        let asked = Call::to(&row, &ids).unwrap().send(&http, url, Some(operator.expose())).await;
        let open = matches!(row.cells[0], Cell::Ok | Cell::Redirect);
        if row.is_at(listener) {
            // Not every id is one here; but whoever says so has the endpoint.
            let status = asked.status().as_u16();
            let text = asked.text().await.unwrap();
            assert!(status != 405 && !text.contains("There is nothing here"), "{place}: {status} {text}");
            assert_eq!(call().await.status() == 401, !open, "{place}");
        } else {
            let sentence = refused(asked, 404, "not_found").await;
            assert!(sentence.contains("There is nothing here"), "{place}: {sentence}");
            if open {
                refused(call().await, 404, "not_found").await;
            } else {
                refused(call().await, 401, "unauthorized").await;
            }
        }
    }
}

/// What a listener says that it has is what the table says.
async fn describes(deck: &Deck, url: &str, listener: char) {
    let description = ok(deck.http.get(format!("{url}/openapi.json")).send().await.unwrap()).await;
    let mut expected: Vec<_> = rows()
        .iter()
        .filter(|row| row.is_at(listener))
        .map(|row| (row.path.clone(), row.method.to_lowercase()))
        .collect();
    expected.sort();
    expected.dedup();
    assert_eq!(described(&description), expected, "{listener}");
}

#[tokio::test]
async fn operators_have_their_endpoints_to_themselves_where_they_have_a_listener() {
    let deck = Deck::with(|settings| {
        settings.env = Environment::Prod;
        settings.auth.required = true;
        settings.operator.listen = Some("127.0.0.1:0".parse().unwrap());
    });
    let operators = api::routers(Arc::clone(&deck.state)).operators.expect("there is one for operators");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (settings, stop) = (Arc::clone(&deck.state.settings), CancellationToken::new());
    let (metrics, stopped) = (deck.state.telemetry.metrics.http.clone(), stop.clone());
    let serving = tokio::spawn(async move { api::serve(listener, operators, settings, None, &metrics, stopped).await });
    for (url, listener) in [(&deck.url, 'c'), (&url, 'o')] {
        holds(&deck, url, listener).await;
        describes(&deck, url, listener).await;
    }
    stop.cancel();
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_server_that_only_computes_says_how_it_is_and_nothing_else() {
    let deck = Deck::with(|settings| {
        settings.env = Environment::Prod;
        settings.auth.required = true;
        settings.server.role = ServerRole::Worker;
    });
    holds(&deck, &deck.url, 'w').await;
}
