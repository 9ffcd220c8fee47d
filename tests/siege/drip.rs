//! A key of 30 MB at a kilobyte a second: eight hours, if one let it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use cipherdeck::client::api::{Api, Upload};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::Semaphore,
    time::{Instant, interval},
};

use super::{
    place::{Place, connect},
    round::{Attack, withstands},
};
use crate::support::{keys::SERVER_KEY, wait::DEADLINE};

const ENEMIES: usize = 50;

/// A body must keep up its rate, 8 KiB a second, within each.
const WINDOW: Duration = Duration::from_secs(3);

/// What the server said in the end, and how long that took.
type Ends = Arc<Mutex<Vec<(String, Duration)>>>;

/// Sends the head at once and then the key, a kilobyte a second, until the server has enough.
async fn drip(target: SocketAddr, number: usize, begun: Arc<Semaphore>, ends: Ends) -> std::io::Result<()> {
    let mut stream = connect(target, number).await?;
    let head = format!(
        "POST /add_key HTTP/1.1\r\nHost: {}\r\nContent-Type: multipart/form-data; boundary=b\r\n\
         Content-Length: {}\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"key\"; filename=\"k\"\r\n\r\n",
        target,
        SERVER_KEY.len() + 200
    );
    let began = Instant::now();
    stream.write_all(head.as_bytes()).await?;
    begun.add_permits(1);
    let (mut from, mut to) = stream.split();
    let send = async {
        let mut pace = interval(Duration::from_secs(1));
        for piece in SERVER_KEY.chunks(1_024) {
            pace.tick().await;
            if to.write_all(piece).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    let mut answer = Vec::new();
    tokio::select! {
        () = send => {}
        // A reset instead of an orderly end is an end, too.
        _ = from.read_to_end(&mut answer) => {}
    }
    ends.lock().push((String::from_utf8_lossy(&answer).into_owned(), began.elapsed()));
    Ok(())
}

#[test]
fn a_key_that_drips_is_cut_off_and_leaves_nothing_while_others_upload_theirs() {
    let place = Place::open(&[("SERVER__UPLOAD_WINDOW_S", &WINDOW.as_secs().to_string())]);
    let whole = Upload::new(SERVER_KEY.clone());
    let ends = Ends::default();
    let attack = |attack: &Attack| {
        ends.lock().clear();
        let begun = Arc::new(Semaphore::new(0));
        for number in 0..ENEMIES {
            let enemy = drip(attack.target, number, Arc::clone(&begun), Arc::clone(&ends));
            attack.send(async move { enemy.await.expect("it connects") });
        }
        drop(attack.wait(begun.acquire_many(ENEMIES as u32)).expect("it is open"));
    };
    let check = |attack: &Attack| {
        attack.wait(async {
            let api = Api::new(&place.server.url).unwrap();
            let uid = api.add_key(None, None, Some(whole.clone())).await.expect("an honest key beside them");
            api.delete_key(uid).await.unwrap();
            while ends.lock().len() < ENEMIES {
                tokio::task::yield_now().await;
            }
        });
        let ends = ends.lock();
        let longest = ends.iter().map(|(_, took)| *took).max().unwrap();
        eprintln!("{ENEMIES} dripping keys: the last was cut off after {longest:.1?}");
        assert!(longest < 2 * WINDOW + DEADLINE / 2, "{longest:?}");
        let told = ends.iter().filter(|(answer, _)| answer.starts_with("HTTP/1.1 408")).count();
        assert_eq!(told, ENEMIES, "{:?}", ends.first());
    };
    withstands(&place, "50 keys at 1 KB/s", attack, check);
    assert_eq!(place.blobs(), 0, "what was cut off is gone");
}
