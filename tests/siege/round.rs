//! One round: ask, attack, ask, and compare.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Runtime};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::place::Place;
use crate::support::wait::DEADLINE;

/// Quicker answers than this are all the same: a scheduler's turn on a busy machine takes as long.
pub(super) const NOISE: Duration = Duration::from_millis(10);

/// Questions before, and during.
const QUESTIONS: usize = 300;

/// Between two questions.
const PACE: Duration = Duration::from_millis(8);

/// The best of so many rounds counts.
const ROUNDS: usize = 8;

/// What enemies share: where to go, when to stop, and threads that are not those of whoever asks.
pub(super) struct Attack {
    pub(super) target: SocketAddr,
    pub(super) stop: CancellationToken,
    enemies: TaskTracker,
    runtime: Runtime,
}

impl Attack {
    fn on(target: SocketAddr) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self { target, stop: CancellationToken::new(), enemies: TaskTracker::new(), runtime }
    }

    /// Sends one more enemy, who goes on until it is told to stop.
    pub(super) fn send(&self, enemy: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        let until_told = async move {
            tokio::select! {
                () = enemy => {}
                () = stop.cancelled() => {}
            }
        };
        self.enemies.spawn_on(until_told, self.runtime.handle());
    }

    /// Sends one who hears of the stop by itself and is waited for.
    pub(super) fn send_to_the_end(&self, enemy: impl Future<Output = ()> + Send + 'static) {
        self.enemies.spawn_on(enemy, self.runtime.handle());
    }

    /// Waits for something that enemies bring about.
    pub(super) fn wait<T>(&self, event: impl Future<Output = T>) -> T {
        let event = async { tokio::time::timeout(DEADLINE, event).await.expect("it happened") };
        self.runtime.block_on(event)
    }

    /// All go home.
    fn end(self) {
        self.stop.cancel();
        self.enemies.close();
        self.wait(self.enemies.wait());
    }
}

/// Rounds of one kind of attack: `attack` sends the enemies and returns when they are in place; `check` looks, after the
/// questions and while the attack goes on, at what it did.
pub(super) fn withstands(place: &Place, what: &str, attack: impl Fn(&Attack), check: impl Fn(&Attack)) {
    let mut seen = Vec::new();
    for round in 1..=ROUNDS {
        let before = p99(ask(place.address));
        let descriptors = place.descriptors();
        let enemies = Attack::on(place.address);
        attack(&enemies);
        let held = place.descriptors().saturating_sub(descriptors);
        let during = p99(ask(place.address));
        check(&enemies);
        enemies.end();
        until_free(place, descriptors);
        let bound = 2 * before.max(NOISE);
        let line = format!(
            "{what}, round {round}: p99 of /healthz {before:.1?} before, {during:.1?} during; {held} more descriptors"
        );
        eprintln!("{line}");
        if during <= bound {
            return;
        }
        seen.push(line);
    }
    panic!("slower than twice as slow in every round:\n{}", seen.join("\n"));
}

/// Asks one question after the other; how long each took, a connection included.
fn ask(address: SocketAddr) -> Vec<Duration> {
    let question = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let one = |_| {
        let began = Instant::now();
        let mut stream = TcpStream::connect_timeout(&address, DEADLINE).expect("it accepts");
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(question.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"ok\""), "{answer}");
        let took = began.elapsed();
        thread::park_timeout(PACE);
        took
    };
    (0..QUESTIONS).map(one).collect()
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

/// Waits until the server has let go of everybody.
fn until_free(place: &Place, before: usize) {
    let end = Instant::now() + DEADLINE;
    while place.descriptors() > before + 8 {
        assert!(Instant::now() < end, "the server keeps {} descriptors, it had {before}", place.descriptors());
        thread::park_timeout(PACE);
    }
}
