//! One connection, from its first byte to its last.

use std::{io, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use socket2::SockRef;
use tokio::{
    io::{AsyncWriteExt as _, BufReader},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    peer::Peer,
    protocol::{FromClient, FromServer, Hello, Parting, ProtocolError, VERSION},
};
use crate::{
    console::{
        look,
        remote::{End, GOODBYE, Guest, Hall, INPUT, Out, Size, Terminal, USUAL, clamped},
    },
    operator::{Actor, Door, Role},
};

/// A client says hello within so long.
const HELLO: Duration = Duration::from_secs(5);
/// Bytes that the system keeps for a client that does not read: little, so that it does not wade through old frames
/// when it goes on.
const SEND_BUFFER: usize = 64 << 10;

type Reading = BufReader<OwnedReadHalf>;

/// What all connections share.
pub(super) struct House {
    /// Who this server runs as.
    pub(super) own: Peer,
    pub(super) hall: Hall,
}

/// Serves one client to its end.
pub(super) async fn serve(house: &House, stream: UnixStream) {
    let prepared = SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER).and_then(|()| Peer::of(&stream));
    let peer = match prepared {
        Ok(peer) => peer,
        Err(error) => return tracing::debug!(%error, "attach: the connection was gone at once"),
    };
    let (reading, writing) = stream.into_split();
    let (mut reading, mut line) = (BufReader::new(reading), Line::new(writing));
    let parting = tokio::select! {
        hello = admit(house, &peer, &mut reading) => match hello {
            Ok(hello) => session(house, &peer, hello, reading, &mut line).await,
            Err(Some(parting)) => parting,
            Err(None) => return,
        },
        () = house.hall.closing.cancelled() => End::Shutdown.into(),
    };
    line.end(parting).await;
}

/// Lets somebody in who may come in and speaks our language; else what to tell them, if anything.
async fn admit(house: &House, peer: &Peer, reading: &mut Reading) -> Result<Hello, Option<Parting>> {
    if !peer.may_steer(&house.own) {
        house.hall.turned_away(&guest(peer, Role::Client), "not the server's user").await;
        let owner = house.own.user();
        return Err(Some(Parting::new(
            false,
            &format!("The server runs as {owner}: only {owner} and root may attach."),
        )));
    }
    let error = match timeout(HELLO, FromClient::read(reading)).await {
        Ok(Ok(Some(FromClient::Hello(hello)))) => return Ok(hello),
        // Somebody looked whether there is a server.
        Ok(Ok(None)) => return Err(None),
        Ok(Ok(Some(_))) => ProtocolError::Malformed("it does not say hello first"),
        Ok(Err(error)) => error,
        Err(_) => ProtocolError::Malformed("it does not say hello"),
    };
    tracing::warn!(peer = peer.process(), %error, "attach: a client was not understood");
    Err(Some(misunderstood(&error)))
}

fn misunderstood(error: &ProtocolError) -> Parting {
    let sentence = match error {
        ProtocolError::Version(theirs) => format!(
            "The server is cipherdeck {} and speaks version {VERSION} of the console's protocol, this client version \
             {theirs}: attach with the server's own program.",
            env!("CARGO_PKG_VERSION")
        ),
        other => format!("The server does not understand the client: {other}."),
    };
    Parting::new(false, &sentence)
}

fn guest(peer: &Peer, role: Role) -> Guest {
    let actor = Actor { door: Door::Attach, name: peer.user(), role };
    Guest { actor, peer: peer.process(), origin: peer.process() }
}

async fn session(house: &House, peer: &Peer, hello: Hello, reading: Reading, line: &mut Line) -> Parting {
    let (sizes, seen) = watch::channel(within_reason(hello.size).unwrap_or(USUAL));
    let (typed, input) = mpsc::channel(INPUT);
    let (report, broken) = oneshot::channel();
    let _listening = AbortOnDropHandle::new(tokio::spawn(async move {
        let end = listen(reading, &typed, &sizes).await;
        // Said before the session ends with what is typed.
        let _ = report.send(end);
        drop(typed);
    }));
    let terminal = Terminal {
        look: look::attached(|name| hello.variable(name)),
        sizes: seen,
        typed: input,
        // The client sets its terminal up and restores it, also when there is no server any more.
        opening: Vec::new(),
        stuck: Arc::default(),
    };
    let end = house.hall.session(&guest(peer, Role::Operator), Some(terminal), line).await;
    let mut broken = broken;
    match broken.try_recv() {
        Ok(Err(error)) if end == End::Gone => {
            tracing::warn!(peer = peer.process(), %error, "attach: a client was not understood");
            misunderstood(&error)
        }
        _ => end.into(),
    }
}

/// Takes what a client sends until it closes the connection, or the session has ended.
async fn listen(
    mut reading: Reading,
    typed: &mpsc::Sender<Bytes>,
    sizes: &watch::Sender<Size>,
) -> Result<(), ProtocolError> {
    while let Some(frame) = FromClient::read(&mut reading).await? {
        match frame {
            FromClient::Keys(keys) => {
                if typed.send(keys).await.is_err() {
                    break;
                }
            }
            FromClient::Size(size) => {
                if let Some(size) = within_reason(size) {
                    sizes.send_replace(size);
                }
            }
            FromClient::Hello(_) => return Err(ProtocolError::Malformed("it says hello twice")),
        }
    }
    Ok(())
}

fn within_reason((columns, lines): Size) -> Option<Size> {
    clamped(columns.into(), lines.into())
}

impl From<End> for Parting {
    fn from(end: End) -> Self {
        Self::new(end.is_wanted(), end.sentence())
    }
}

/// The way to a client: whole frames, also when a write is given up in the middle of one.
struct Line {
    half: OwnedWriteHalf,
    /// Begun, and not written yet.
    unsent: BytesMut,
    welcomed: bool,
}

impl Line {
    fn new(half: OwnedWriteHalf) -> Self {
        Self { half, unsent: BytesMut::new(), welcomed: false }
    }

    fn queue(&mut self, frame: &FromServer) {
        self.unsent.extend_from_slice(&frame.encode());
    }

    /// Can be given up at any time; the next call goes on where it was.
    async fn flush(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            if self.half.write_buf(&mut self.unsent).await? == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    /// Says farewell, to whoever still reads.
    async fn end(mut self, parting: Parting) {
        self.queue(&FromServer::End(parting));
        let _ = timeout(GOODBYE, self.flush()).await;
    }
}

impl Out for Line {
    async fn send(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        if !self.welcomed {
            self.welcomed = true;
            self.queue(&FromServer::Welcome);
        }
        self.queue(&FromServer::Output(bytes.into()));
        self.flush().await
    }
}
