//! One connection, from its first byte to its last.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use russh::{
    ChannelWriteHalf,
    server::{Config, Msg, run_stream},
};
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, oneshot},
    time::{Instant, sleep_until, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{
    authorized::KeyFile,
    handler::{Begin, Refused, Screen, Visitor},
    wire::{self, Wire},
};
use crate::{
    console::{
        look,
        remote::{self, End, GOODBYE, Guest, Hall, Out, Terminal},
    },
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
    pub(super) hall: Hall,
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
        () = house.hall.closing.cancelled() => return,
    };
    let begin = tokio::select! {
        Ok(begin) = &mut begun => begin,
        ended = &mut running => {
            let why = ended.err().map_or_else(|| "the peer left".to_owned(), |error| error.to_string());
            return turned_away(&house, peer, &refused, &why).await;
        }
        () = sleep_until(deadline) => return turned_away(&house, peer, &refused, LATE).await,
        () = house.hall.closing.cancelled() => return,
    };
    drop(stranger);
    session(&house, peer, begin, stuck).await;
    let _ = timeout(CLOSING, running).await;
}

/// Someone who did not come as far as a dashboard. Without a key it was no operator: a scan, a probe.
async fn turned_away(house: &House, peer: SocketAddr, refused: &Refused, why: &str) {
    let keys = refused.lock().join(" ");
    if keys.is_empty() {
        tracing::debug!(%peer, why, "ssh: a connection without a session");
        return;
    }
    let stranger = Actor { door: Door::Ssh, name: keys, role: Role::Client };
    house.hall.turned_away(&guest(stranger, peer), why).await;
}

fn guest(actor: Actor, peer: SocketAddr) -> Guest {
    Guest { actor, peer: peer.to_string(), origin: peer.ip().to_string() }
}

async fn session(house: &House, peer: SocketAddr, begin: Begin, stuck: Arc<AtomicBool>) {
    let Begin { actor, mut out, input, screen } = begin;
    let terminal = screen.map(|Screen { term, sizes }| Terminal {
        look: look::over_ssh(&term),
        sizes,
        typed: input,
        opening: remote::enter(),
        stuck,
    });
    let end = house.hall.session(&guest(actor, peer), terminal, &mut out).await;
    farewell(&out, end).await;
}

impl Out for ChannelWriteHalf<Msg> {
    async fn send(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.data_bytes(bytes).await.map_err(io::Error::other)
    }
}

/// Restores the terminal if it was drawn on, says how it ended, and ends the channel.
async fn farewell(out: &ChannelWriteHalf<Msg>, end: End) {
    let last = async {
        if matches!(end, End::NoTerminal | End::Full) {
            out.extended_data_bytes(1, format!("{}\r\n", end.sentence())).await?;
        } else {
            let mut bytes = remote::leave();
            bytes.extend_from_slice(end.sentence().as_bytes());
            bytes.extend_from_slice(b"\r\n");
            out.data_bytes(bytes).await?;
        }
        out.exit_status(u32::from(!end.is_wanted())).await?;
        out.eof().await?;
        out.close().await
    };
    // Whoever does not read it has no terminal to restore, or a stuck one.
    let _ = timeout(GOODBYE, last).await;
}
