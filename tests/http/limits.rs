//! What a connection and a request may cost.

use std::time::Duration;

use reqwest::{
    Body,
    multipart::{Form, Part},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::harness::{Deck, ECHO, patiently, refused, start_form};

/// Sends bytes, then reads until the server closes.
async fn talk(deck: &Deck, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(deck.address()).await.unwrap();
    socket.write_all(bytes).await.unwrap();
    patiently(read_all(&mut socket)).await
}

/// Everything until the server closes.
pub(crate) async fn read_all(socket: &mut (impl AsyncRead + Unpin)) -> String {
    let mut answer = Vec::new();
    // A reset instead of an orderly end is an end too.
    let _ = socket.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_head_that_does_not_arrive_in_time_ends_the_connection() {
    let deck = Deck::with(|settings| settings.server.header_timeout_s = 1);
    for begun in
        ["", "P", "PRI * HTTP/2.0\r\n", "GET /healthz HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "]
    {
        let answer = talk(&deck, begun.as_bytes()).await;
        assert!(!answer.contains("200 OK"), "{begun:?} gives {answer}");
    }
    assert_eq!(deck.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_is_refused_and_leaves_nothing() {
    let deck = Deck::with(|settings| settings.server.upload_timeout_s = 1);
    let uid = deck.uid().await;
    let head = format!(
        "POST /start_task?uid={uid}&task_name={ECHO} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n\
         --b\r\nContent-Disposition: form-data; name=\"encrypted_input\"; filename=\"x\"\r\n\r\nGOOD",
        deck.address()
    );
    let answer = talk(&deck, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("\"label\":\"bad_request\""), "{answer}");
    deck.settle_blobs(0).await;
    assert_eq!(deck.tasks().await, 0);
}

#[tokio::test]
async fn a_body_cut_off_in_the_middle_stores_nothing() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let mut socket = TcpStream::connect(deck.address()).await.unwrap();
    let head = format!(
        "POST /start_task?uid={uid}&task_name={ECHO} HTTP/1.1\r\nHost: {}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n\
         --b\r\nContent-Disposition: form-data; name=\"encrypted_input\"; filename=\"x\"\r\n\r\nGOOD",
        deck.address()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = patiently(socket.read_to_end(&mut answer)).await;
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
    deck.settle_blobs(0).await;
    assert_eq!(deck.tasks().await, 0);
}

#[tokio::test]
async fn an_endless_body_is_refused_early_and_not_stored() {
    let deck = Deck::start();
    let uid = deck.uid().await;
    let chunk = bytes::Bytes::from(vec![b'G'; 1 << 16]);
    let endless = futures::stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone()));
    let form = Form::new().text("uid", uid).text("task_name", ECHO);
    let form = form.part("encrypted_input", Part::stream(Body::wrap_stream(endless)).file_name("x"));
    refused(patiently(deck.post("/start_task", form)).await, 413, "too_large").await;
    deck.settle_blobs(0).await;
}

#[tokio::test]
async fn endless_headers_of_a_part_are_not_collected_in_memory() {
    let deck = Deck::start();
    let junk = "x".repeat(1 << 16);
    let parts = std::iter::once("--b\r\nContent-Disposition: form-data; name=\"key\"; a=\"".to_owned());
    let endless = futures::stream::iter(parts.chain(std::iter::repeat(junk)).map(Ok::<_, std::io::Error>));
    let request =
        deck.http.post(format!("{}/add_key", deck.url)).header("content-type", "multipart/form-data; boundary=b");
    let response = patiently(request.body(Body::wrap_stream(endless)).send()).await.unwrap();
    refused(response, 413, "too_large").await;
}

#[tokio::test]
async fn long_text_fields_and_forms_are_refused() {
    let deck = Deck::start();
    let uid = "x".repeat(5000);
    refused(deck.post("/start_task", start_form(&uid, ECHO, b"GOOD")).await, 413, "too_large").await;
    let form = [("uid", "x".repeat(20_000))];
    let response = deck.http.post(format!("{}/delete_key", deck.url)).form(&form).send().await.unwrap();
    refused(response, 413, "too_large").await;
    refused(deck.get(&format!("/get_key_status?uid={uid}")).await, 422, "invalid_parameter").await;
}

#[tokio::test]
async fn a_get_with_a_body_is_refused_unless_it_is_a_trifle() {
    let deck = Deck::start();
    let get = |body: Body| deck.http.get(format!("{}/healthz", deck.url)).body(body);
    assert_eq!(get("trifle".into()).send().await.unwrap().status(), 200);
    refused(get(vec![0; 100_000].into()).send().await.unwrap(), 413, "too_large").await;
    let endless = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![0_u8; 1 << 14]));
    // The client says so, because it does not by itself for a GET.
    let endless = get(Body::wrap_stream(endless)).header("transfer-encoding", "chunked").send();
    refused(patiently(endless).await.unwrap(), 413, "too_large").await;
    // One that is only announced is not waited for.
    let began = std::time::Instant::now();
    let mut socket = TcpStream::connect(deck.address()).await.unwrap();
    let head = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\nContent-Length: 99999999\r\n\r\n", deck.address());
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    patiently(socket.read_exact(&mut first)).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 413");
    assert!(began.elapsed().as_secs() < 4, "{:?}", began.elapsed());
}

#[tokio::test]
async fn bodies_that_are_no_form_are_refused() {
    let deck = Deck::start();
    let post = |kind: Option<&'static str>, body: &'static str| {
        let request = deck.http.post(format!("{}/cancel_task", deck.url)).body(body);
        match kind {
            Some(kind) => request.header("content-type", kind),
            None => request,
        }
        .send()
    };
    for (kind, body, status, label) in [
        (Some("application/json"), "{}", 415, "unsupported_media"),
        (Some("text/plain"), "a", 415, "unsupported_media"),
        (None, "a", 415, "unsupported_media"),
        (Some("multipart/form-data"), "a", 400, "bad_request"),
        (Some("multipart/form-data; boundary=b"), "nonsense", 400, "bad_request"),
        (Some("multipart/form-data; boundary=b"), "--b\r\n\r\n", 400, "bad_request"),
        (Some("application/x-www-form-urlencoded"), "nobody=knows", 422, "invalid_parameter"),
    ] {
        refused(post(kind, body).await.unwrap(), status, label).await;
    }
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_while_all_places_are_at_work() {
    let deck = Deck::with(|settings| settings.server.max_connections = 1);
    let mut first = TcpStream::connect(deck.address()).await.unwrap();
    let head = format!(
        "POST /delete_key HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 5\r\nExpect: 100-continue\r\n\r\n",
        deck.address()
    );
    first.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    patiently(first.read_exact(&mut go_on)).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n", "its request is at work");
    let mut second = TcpStream::connect(deck.address()).await.unwrap();
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", deck.address());
    second.write_all(request.as_bytes()).await.unwrap();
    let mut byte = [0];
    let early = tokio::time::timeout(Duration::from_millis(300), second.read_exact(&mut byte)).await;
    assert!(early.is_err(), "the second was served beside the first");
    // Answered, the first gives its place to the second, although its client keeps it open.
    first.write_all(b"uid=x").await.unwrap();
    patiently(first.read_exact(&mut byte)).await.unwrap();
    patiently(second.read_exact(&mut byte)).await.unwrap();
}

#[tokio::test]
async fn closing_lets_idle_connections_go_and_ends() {
    let deck = Deck::start();
    assert_eq!(deck.get("/healthz").await.status(), 200);
    let (address, http) = (deck.url.clone(), deck.http.clone());
    deck.close().await;
    assert!(http.get(format!("{address}/healthz")).send().await.is_err());
}
