//! A thousand who never finish the head of a request (Slowloris).

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
    time::{MissedTickBehavior, interval},
};

use super::{
    place::{Place, connect},
    round::{Attack, withstands},
};

const ENEMIES: usize = 1_000;

/// What they say, and never the line that would end it.
const HEAD: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Patience: ";

/// Says it byte by byte, or nearly all of it and then nothing, until the server closes. It must not be answered.
async fn dawdle(mut stream: TcpStream, byte_by_byte: bool, said: &Semaphore) -> std::io::Result<bool> {
    let mut answer = Vec::new();
    let begun = if byte_by_byte { &HEAD[..1] } else { HEAD };
    stream.write_all(begun).await?;
    said.add_permits(1);
    let (mut from, mut to) = stream.split();
    let talk = async {
        let mut pace = interval(Duration::from_secs(1));
        for byte in HEAD[begun.len()..].iter().chain(std::iter::repeat(&b'x')) {
            pace.tick().await;
            to.write_all(&[*byte]).await?;
        }
        Ok::<(), std::io::Error>(())
    };
    tokio::select! {
        talked = talk, if byte_by_byte => talked?,
        read = from.read_to_end(&mut answer) => drop(read?),
    }
    Ok(answer.starts_with(b"HTTP/1.1 200"))
}

#[test]
fn a_thousand_unfinished_heads_are_cut_off_and_nobody_waits_for_them() {
    let place = Place::open(&[("SERVER__HEADER_TIMEOUT_S", "2")]);
    let (cut, answered) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let attack = |attack: &Attack| {
        let said = Arc::new(Semaphore::new(0));
        for number in 0..ENEMIES {
            let (target, said) = (attack.target, Arc::clone(&said));
            let (cut, answered) = (Arc::clone(&cut), Arc::clone(&answered));
            attack.send(async move {
                // Whoever is cut off comes back.
                let mut pace = interval(Duration::from_secs(1));
                pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
                loop {
                    pace.tick().await;
                    let Ok(stream) = connect(target, number).await else { continue };
                    if dawdle(stream, number.is_multiple_of(2), &said).await.unwrap_or(false) {
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    cut.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        drop(attack.wait(said.acquire_many(ENEMIES as u32)).expect("it is open"));
    };
    let check = |attack: &Attack| {
        // Each of them has been cut off at least once, on average; the server closes, not they.
        attack.wait(async {
            while cut.load(Ordering::Relaxed) < ENEMIES {
                tokio::task::yield_now().await;
            }
        });
    };
    withstands(&place, "1,000 unfinished heads", attack, check);
    assert_eq!(answered.load(Ordering::Relaxed), 0, "nobody who does not finish is answered");
}
