//! Uploads that dawdle.

use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::http::{
    harness::{Deck, patiently},
    limits::read_all,
};

#[tokio::test]
async fn a_key_of_30_mb_that_trickles_in_is_cut_off_after_the_allowance_and_leaves_nothing() {
    let deck = Deck::with(|settings| {
        settings.server.upload_min_rate = 8_192;
        settings.server.upload_window_s = 1;
    });
    let head = format!(
        "POST /add_key HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 31457280\r\n\r\n\
         --b\r\nContent-Disposition: form-data; name=\"key\"; filename=\"x\"\r\n\r\n",
        deck.address()
    );
    let mut socket = TcpStream::connect(deck.address()).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = socket.into_split();
    let trickle = tokio::spawn(async move {
        // One kilobyte a second.
        let mut beat = tokio::time::interval(std::time::Duration::from_millis(100));
        loop {
            beat.tick().await;
            if writer.write_all(&[b'k'; 102]).await.is_err() {
                return;
            }
        }
    });
    let began = std::time::Instant::now();
    let answer = patiently(read_all(&mut reader)).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("\"label\":\"bad_request\""), "{answer}");
    assert!(answer.contains("less than 8192 bytes a second within 1 s"), "{answer}");
    assert!(began.elapsed().as_secs() < 20, "long before the deadline of the whole upload: {:?}", began.elapsed());
    trickle.abort();
    deck.settle_blobs(0).await;
}
