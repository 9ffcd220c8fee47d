//! What one client, one address, or everybody together may ask for, over real connections; and what a worker does with
//! less memory than it would like.

mod connections;
mod memory;
mod ready;
mod requests;
mod sweeps;
mod uploads;

use std::net::IpAddr;

use reqwest::{Client, Response};

use crate::http::harness::Deck;

/// Another machine, as far as the server sees it: this one has all of 127.0.0.0/8.
fn from(address: [u8; 4]) -> Client {
    cipherdeck::tls::install();
    Client::builder().no_proxy().local_address(IpAddr::from(address)).build().unwrap()
}

/// Asks until it is refused; answers how often it was not, and the refusal.
async fn until_refused(ask: impl AsyncFn() -> Response) -> (usize, Response) {
    for granted in 0..500 {
        let response = ask().await;
        if response.status() != 200 {
            return (granted, response);
        }
    }
    panic!("it was never refused");
}

/// The seconds of `Retry-After`.
fn after(response: &Response) -> u64 {
    response.headers()["retry-after"].to_str().unwrap().parse().unwrap()
}

fn url(deck: &Deck, path: &str) -> String {
    format!("{}{path}", deck.url)
}
