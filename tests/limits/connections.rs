//! Connections of one address, idle ones, those whose client takes nothing, and those beyond the limit.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

use crate::http::harness::{Deck, patiently};

/// A connection of HTTP/2 that asks for a page and allows no byte of it to be sent. It answers pings, and resolves when the
/// server ends it.
async fn greedy(deck: &Deck) -> tokio::task::JoinHandle<()> {
    let socket = TcpStream::connect(deck.address()).await.unwrap();
    let mut builder = h2::client::Builder::new();
    builder.initial_window_size(0);
    let (mut asking, connection) = builder.handshake::<_, bytes::Bytes>(socket).await.unwrap();
    let driven = tokio::spawn(async move {
        let _ = connection.await;
    });
    let request = http::Request::get(format!("{}/openapi.json", deck.url)).body(()).unwrap();
    let (answer, _) = asking.send_request(request, true).unwrap();
    let answer = patiently(answer).await.unwrap();
    assert_eq!(answer.status(), 200);
    tokio::spawn(async move {
        // Held, and never read.
        let _held = (answer, asking);
        driven.await.unwrap();
    })
}

#[tokio::test]
async fn whoever_asks_and_takes_nothing_of_the_answer_is_closed_like_an_idle_one() {
    let deck = Deck::with(|settings| settings.server.idle_timeout_s = 1);
    patiently(greedy(&deck).await).await.unwrap();
}

#[tokio::test]
async fn answers_that_nobody_takes_do_not_starve_others() {
    let deck = Deck::with(|settings| {
        settings.server.max_connections = 3;
        settings.server.idle_timeout_s = 3_600;
    });
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(greedy(&deck).await);
    }
    // Whoever comes waits until one of them has had its time.
    connected(&deck, [127, 0, 0, 1], "/healthz").await.expect("it is served");
    patiently(futures::future::select_all(held)).await.0.unwrap();
}

/// A connection from an address of this machine, after one answered request; `None` if it was closed instead.
async fn connected(deck: &Deck, from: [u8; 4], path: &str) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let mut socket = socket.connect(deck.address().parse().unwrap()).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", deck.address());
    // It may be closed before that: then the answer does not come.
    let _ = socket.write_all(request.as_bytes()).await;
    let mut first = [0; 15];
    patiently(socket.read_exact(&mut first)).await.ok()?;
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    Some(socket)
}

#[tokio::test]
async fn one_address_holds_so_many_connections_and_others_have_their_own() {
    let deck = Deck::with(|settings| settings.server.max_connections_per_address = 2);
    let (here, there) = ([127, 0, 0, 1], [127, 0, 0, 2]);
    let mut held = Vec::new();
    for _ in 0..2 {
        held.push(connected(&deck, here, "/healthz").await.expect("it is served"));
    }
    assert!(connected(&deck, here, "/healthz").await.is_none(), "a third one was served");
    let _other = connected(&deck, there, "/healthz").await.expect("another address has places of its own");
    held.pop();
    patiently(async { while connected(&deck, here, "/healthz").await.is_none() {} }).await;
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed_after_a_while_and_one_with_a_long_poll_is_not() {
    let deck = Deck::with(|settings| {
        settings.server.idle_timeout_s = 1;
        settings.server.header_timeout_s = 60;
    });
    let uid = deck.uid().await;
    let task = deck.task(&uid).await;
    let path = format!("/get_task_status?task_id={task}&uid={uid}&wait=3");
    let poll = connected(&deck, [127, 0, 0, 1], &path);
    let idle = async {
        let mut socket = connected(&deck, [127, 0, 0, 1], "/healthz").await.unwrap();
        patiently(socket.read_to_end(&mut Vec::new())).await.unwrap();
    };
    // The poll outlives the other one by two seconds.
    let (polled, ()) = tokio::join!(poll, idle);
    assert!(polled.is_some());
}

#[tokio::test]
async fn idle_connections_starve_nobody_when_all_places_are_taken() {
    let deck = Deck::with(|settings| {
        settings.server.max_connections = 4;
        settings.server.idle_timeout_s = 3_600;
        settings.server.header_timeout_s = 300;
    });
    let mut dawdlers = Vec::new();
    for begun in ["", "GET /healthz HTTP/1.1\r\nX: ", "POST /add_key HTTP/1.1\r\n", "P"] {
        let mut socket = TcpStream::connect(deck.address()).await.unwrap();
        socket.write_all(begun.as_bytes()).await.unwrap();
        dawdlers.push(socket);
    }
    for _ in 0..20 {
        let served = connected(&deck, [127, 0, 0, 1], "/healthz").await.expect("it is served");
        dawdlers.push(served);
    }
}
