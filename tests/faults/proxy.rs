//! A network between one process and Redis that the test holds in its hand: it can be cut and healed, and it can stop at
//! one step of a task's life, before or after Redis has done it.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{oneshot, watch},
    task::JoinSet,
};

use super::fault::{Commands, load_scripts};
use crate::support::{redis::RedisServer, wait::DEADLINE};

/// Where to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// Redis never sees the command.
    Before,
    /// Redis has done it, and its answer never arrives.
    After,
}

/// Asked behind a command; its answer says that the command was done.
const MARK: &[u8] = b"*2\r\n$4\r\nECHO\r\n$14\r\nthe-fault-mark\r\n";
const MARKED: &[u8] = b"the-fault-mark";

struct Fault {
    script: String,
    moment: Moment,
    hit: oneshot::Sender<()>,
}

/// A proxy in front of a Redis.
pub(super) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    _accepting: JoinSet<()>,
}

struct Shared {
    target: u16,
    names: HashMap<String, String>,
    open: watch::Sender<bool>,
    fault: Mutex<Option<Fault>>,
}

impl Proxy {
    pub(super) async fn start(redis: &RedisServer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (open, fault) = (watch::Sender::new(true), Mutex::default());
        let shared = Arc::new(Shared { target: redis.port(), names: load_scripts(redis), open, fault });
        let (mut accepting, sharing) = (JoinSet::new(), Arc::clone(&shared));
        accepting.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(carry(client, Arc::clone(&sharing)));
            }
        });
        Self { port, shared, _accepting: accepting }
    }

    /// Redis' address as it is behind this network.
    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Nothing passes any more, in neither direction; connections stay, as with a cable that is pulled out.
    pub(super) fn cut(&self) {
        self.shared.open.send_replace(false);
    }

    /// What was on its way arrives.
    pub(super) fn heal(&self) {
        self.shared.open.send_replace(true);
    }

    /// Stops at the next call of this script: that connection is dead from then on.
    pub(super) fn stop_at(&self, script: &str, moment: Moment) -> Stopped {
        assert!(self.shared.names.values().any(|name| name == script), "no script {script}");
        let (hit, reached) = oneshot::channel();
        *self.shared.fault.lock() = Some(Fault { script: script.to_owned(), moment, hit });
        Stopped(reached)
    }
}

/// A stop that is to come.
pub(super) struct Stopped(oneshot::Receiver<()>);

impl Stopped {
    /// Waits until the step was reached.
    pub(super) async fn reached(self, what: &str) {
        let reached = tokio::time::timeout(DEADLINE, self.0).await;
        reached.unwrap_or_else(|_| panic!("{what} was never reached")).unwrap();
    }
}

async fn carry(client: TcpStream, shared: Arc<Shared>) {
    // Also a new connection gets no answer while the network is cut.
    open(&shared).await;
    let Ok(server) = TcpStream::connect(("127.0.0.1", shared.target)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let held = Arc::new(Mutex::new(None));
    let dead = Arc::new(AtomicBool::new(false));
    let there = there(from_client, to_server, &shared, &held, &dead);
    let back = back(from_server, to_client, &shared, &held, &dead);
    // One direction that ends closes both: nobody here goes on with half a connection.
    tokio::select! { () = there => {}, () = back => {} }
}

async fn open(shared: &Shared) {
    let _ = shared.open.subscribe().wait_for(|open| *open).await;
}

type Held = Mutex<Option<oneshot::Sender<()>>>;

async fn there(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, held: &Held, dead: &AtomicBool) {
    let (mut commands, mut buffer) = (Commands::default(), vec![0; 64 << 10]);
    while let Ok(len @ 1..) = from.read(&mut buffer).await {
        open(shared).await;
        commands.push(&buffer[..len]);
        while let Some(command) = commands.next() {
            let name = command.script().and_then(|hash| shared.names.get(hash));
            let fault = {
                let mut fault = shared.fault.lock();
                let is_it = fault.as_ref().is_some_and(|fault| name == Some(&fault.script));
                if is_it { fault.take() } else { None }
            };
            let Some(fault) = fault else {
                if to.write_all(&command.bytes).await.is_err() {
                    return;
                }
                continue;
            };
            dead.store(true, Ordering::SeqCst);
            if fault.moment == Moment::Before {
                let _ = fault.hit.send(());
            } else {
                *held.lock() = Some(fault.hit);
                let _ = to.write_all(&[&command.bytes, MARK].concat()).await;
            }
            return std::future::pending().await;
        }
    }
}

async fn back(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, held: &Held, dead: &AtomicBool) {
    let (mut kept, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
    while let Ok(len @ 1..) = from.read(&mut buffer).await {
        open(shared).await;
        if !dead.load(Ordering::SeqCst) {
            if to.write_all(&buffer[..len]).await.is_err() {
                return;
            }
            continue;
        }
        kept.extend_from_slice(&buffer[..len]);
        if kept.windows(MARKED.len()).any(|part| part == MARKED)
            && let Some(hit) = held.lock().take()
        {
            let _ = hit.send(());
        }
    }
}
