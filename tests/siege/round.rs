//! One round: ask, attack, ask, and compare.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Runtime};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::place::Place;
use crate::support::wait::DEADLINE;

/// Quicker answers than this are all the same: a thread that keeps a core keeps it for so long (Linux's slice on two cores is
/// 2.8 ms).
pub(super) const NOISE: Duration = Duration::from_millis(3);

/// Questions before, and during.
const QUESTIONS: usize = 300;

/// Between two questions.
const PACE: Duration = Duration::from_millis(8);

/// The best of so many rounds counts.
const ROUNDS: usize = 8;

/// What enemies share: where to go, when to stop, and threads that are not those of whoever asks. They have other machines in
/// life: these threads take what nobody else wants of this one's cores, so that only what the server does for them counts.
pub(super) struct Attack {
    pub(super) target: SocketAddr,
    pub(super) stop: CancellationToken,
    enemies: TaskTracker,
    runtime: Runtime,
}

impl Attack {
    fn on(target: SocketAddr) -> Self {
        let give_way = || assert!(rustix::process::nice(19).is_ok(), "less is always allowed");
        let runtime =
            Builder::new_multi_thread().worker_threads(1).on_thread_start(give_way).enable_all().build().unwrap();
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

/// Answers at once, whatever it is asked: how long that takes is what this machine makes anybody wait.
struct Bare(SocketAddr);

impl Bare {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut question = [0; 1 << 10];
                // The last one asks nothing.
                if stream.read(&mut question).unwrap() == 0 {
                    return;
                }
                stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"status\":\"ok\"}").unwrap();
            }
        });
        Self(address)
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        drop(TcpStream::connect(self.0));
    }
}

/// Rounds of one kind of attack: `attack` sends the enemies and returns when they are in place; `check` looks, after the
/// questions and while the attack goes on, at what it did.
pub(super) fn withstands(place: &Place, what: &str, attack: impl Fn(&Attack), check: impl Fn(&Attack)) {
    let (mut seen, bare) = (Vec::new(), Bare::start());
    for round in 1..=ROUNDS {
        let (before, _) = p99s(place.address, &bare);
        let descriptors = place.descriptors();
        let enemies = Attack::on(place.address);
        attack(&enemies);
        let held = place.descriptors().saturating_sub(descriptors);
        let (during, machine) = p99s(place.address, &bare);
        check(&enemies);
        enemies.end();
        until_free(place, descriptors);
        let bound = 2 * before.max(machine).max(NOISE);
        let line = format!(
            "{what}, round {round}: p99 of /healthz {before:.1?} before, {during:.1?} during, where this machine takes \
             {machine:.1?} for nothing; {held} more descriptors"
        );
        eprintln!("{line}");
        if during <= bound {
            return;
        }
        seen.push(line);
    }
    panic!("slower than twice as slow in every round:\n{}", seen.join("\n"));
}

/// Asks the server and the bare one by turns, one question after the other.
fn p99s(server: SocketAddr, bare: &Bare) -> (Duration, Duration) {
    let both = (0..QUESTIONS).map(|_| {
        let took = (ask(server), ask(bare.0));
        thread::park_timeout(PACE);
        took
    });
    let (server, bare) = both.unzip();
    (p99(server), p99(bare))
}

/// How long an answer takes, a connection included.
fn ask(address: SocketAddr) -> Duration {
    let question = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let began = Instant::now();
    let mut stream = TcpStream::connect_timeout(&address, DEADLINE).expect("it accepts");
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.write_all(question.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"ok\""), "{answer}");
    began.elapsed()
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
