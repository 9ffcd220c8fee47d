//! One connection, from its first byte to its last.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use russh::server::{Config, run_stream};
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::{Instant, sleep_until, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{
    authorized::KeyFile,
    dashboard::{self, End},
    handler::{Begin, Refused, Visitor},
    wire::{self, Wire},
};
use crate::{
    console::Host,
    operator::{Actor, Door, Role},
};

/// From the first byte to the dashboard. After that nobody is thrown out for being idle.
const LOGIN: Duration = Duration::from_secs(30);
/// After its dashboard has ended, a client has so long to close the connection.
const CLOSING: Duration = Duration::from_secs(2);

/// Why a peer is dropped that has not come so far in time.
const LATE: &str = "no login within the time limit";

/// What all connections share.
pub(super) struct House {
    pub(super) protocol: Arc<Config>,
    pub(super) keys: KeyFile,
    pub(super) host: Host,
    /// Dashboards at once.
    pub(super) sessions: Arc<Semaphore>,
    /// Everybody leaves.
    pub(super) closing: CancellationToken,
    /// An operator wants the server to drain.
    pub(super) drain: CancellationToken,
}

/// Serves one peer to its end. `stranger` is its share of those that have not logged in.
pub(super) async fn serve(house: Arc<House>, stream: TcpStream, peer: SocketAddr, stranger: OwnedSemaphorePermit) {
    if let Err(error) = wire::prepare(&stream) {
        tracing::debug!(%peer, %error, "ssh: the connection was gone at once");
        return;
    }
    let deadline = Instant::now() + LOGIN;
    let cut = CancellationToken::new();
    // Wherever this function ends, the connection does.
    let _cut_at_the_end = cut.clone().drop_guard();
    let refused = Refused::default();
    let (begin, mut begun) = oneshot::channel();
    let visitor = Visitor::new(house.keys.clone(), Arc::clone(&refused), begin);
    let stuck = Arc::new(AtomicBool::new(false));
    let wire = Wire::new(stream, cut, Arc::clone(&stuck));
    let started = run_stream(Arc::clone(&house.protocol), wire, visitor);
    let mut running = tokio::select! {
        started = timeout_at(deadline, started) => match started {
            Ok(Ok(running)) => running,
            Ok(Err(error)) => return turned_away(&house, peer, &refused, &error.to_string()).await,
            Err(_) => return turned_away(&house, peer, &refused, LATE).await,
        },
        () = house.closing.cancelled() => return,
    };
    let begin = tokio::select! {
        Ok(begin) = &mut begun => begin,
        ended = &mut running => {
            let why = ended.err().map_or_else(|| "the peer left".to_owned(), |error| error.to_string());
            return turned_away(&house, peer, &refused, &why).await;
        }
        () = sleep_until(deadline) => return turned_away(&house, peer, &refused, LATE).await,
        () = house.closing.cancelled() => return,
    };
    drop(stranger);
    session(&house, peer, begin, &stuck).await;
    let _ = timeout(CLOSING, running).await;
}

/// Someone who did not come as far as a dashboard. Without a key it was no operator: a scan, a probe.
async fn turned_away(house: &House, peer: SocketAddr, refused: &Refused, why: &str) {
    let keys = refused.lock().join(" ");
    if keys.is_empty() {
        tracing::debug!(%peer, why, "ssh: a connection without a session");
        return;
    }
    // Nobody's role: the least.
    let stranger = Actor { door: Door::Ssh, name: keys, role: Role::Client };
    house.host.desk.turned_away(&stranger, "login", peer.ip().to_string()).await;
    tracing::warn!(%peer, keys = stranger.name, why, "ssh: login refused");
}

async fn session(house: &House, peer: SocketAddr, begin: Begin, stuck: &AtomicBool) {
    let Begin { actor, out, input, screen } = begin;
    let slot = Arc::clone(&house.sessions).try_acquire_owned();
    let end = match (&slot, screen) {
        (Err(_), _) => End::Full,
        (Ok(_), None) => End::NoTerminal,
        (Ok(_), Some(screen)) => {
            let (columns, lines) = *screen.sizes.borrow();
            house.host.desk.record(&actor, "login", peer.ip().to_string(), "done").await;
            tracing::info!(%peer, by = %actor, role = %actor.role, columns, lines, "ssh: logged in");
            let end = dashboard::run(house.host.clone(), actor.clone(), screen, input, &out, &house.closing).await;
            if stuck.load(Ordering::Relaxed) { End::Stalled } else { end }
        }
    };
    drop(slot);
    tracing::info!(%peer, by = %actor, role = %actor.role, end = end.word(), "ssh: session ended");
    if end == End::Drain {
        house.host.desk.record(&actor, "drain", "the server", "done").await;
        house.drain.cancel();
    }
    dashboard::farewell(&out, end).await;
}
