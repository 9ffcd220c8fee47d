//! One connection: its place, and deadlines that HTTP itself does not set.
//!
//! Before it knows the protocol, the server waits for the preface of HTTP/2 without any deadline; a client that never
//! reads its answer would hold a connection for ever, and so would one of HTTP/2 that asks nothing. All of them end here.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum_server::accept::Accept;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};

use super::{held::Held, places::Share, rest::Rest};

/// What a connection of HTTP/2 begins with.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Sets up accepted connections.
#[derive(Clone, Copy)]
pub(super) struct Acceptor {
    /// For the first bytes.
    pub(super) first_bytes: Duration,
    /// For a client to read anything of its answer.
    pub(super) stalled_write: Duration,
    /// For a connection to be without a request.
    pub(super) idle: Duration,
}

impl Accept<TcpStream, Held> for Acceptor {
    type Stream = Connection<TcpStream>;
    type Service = Held;
    type Future = std::future::Ready<io::Result<(Self::Stream, Held)>>;

    fn accept(&self, stream: TcpStream, service: Held) -> Self::Future {
        let connection = stream.set_nodelay(true).map(|()| Connection::new(stream, *self, service.share()));
        std::future::ready(connection.map(|connection| (connection, service)))
    }
}

/// A stream with deadlines.
pub(super) struct Connection<T> {
    stream: T,
    /// Set until the protocol is known.
    undecided: Option<(Pin<Box<Sleep>>, usize)>,
    stalled_write: Duration,
    /// Set while a write waits.
    stalled: Option<Pin<Box<Sleep>>>,
    rest: Rest,
}

impl<T> Connection<T> {
    pub(super) fn new(stream: T, limits: Acceptor, share: Arc<Share>) -> Self {
        let undecided = Some((Box::pin(tokio::time::sleep(limits.first_bytes)), 0));
        let rest = Rest::new(share, limits.idle);
        Self { stream, undecided, stalled_write: limits.stalled_write, stalled: None, rest }
    }

    /// The protocol is known as soon as the bytes differ from the preface, or the preface is complete.
    fn decide(&mut self, bytes: &[u8]) {
        if let Some((_, matched)) = &mut self.undecided {
            let expected = PREFACE.iter().skip(*matched);
            let same = bytes.iter().zip(expected).take_while(|(got, wanted)| got == wanted).count();
            *matched += same;
            if same < bytes.len() || *matched == PREFACE.len() {
                self.undecided = None;
            }
        }
    }

    fn watch_write<R>(&mut self, context: &mut Context<'_>, polled: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if polled.is_ready() {
            self.stalled = None;
            return polled;
        }
        let wait = self.stalled_write;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + wait)));
        match stalled.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Connection<T> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        match Pin::new(&mut this.stream).poll_read(context, buffer) {
            Poll::Ready(done) => {
                this.decide(buffer.filled().get(before..).unwrap_or_default());
                Poll::Ready(done)
            }
            Poll::Pending => {
                let late = this.undecided.as_mut().is_some_and(|(it, _)| it.as_mut().poll(context).is_ready());
                if late {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
                // As if the client had closed it. Not while the end of an answer is still on its way, unless somebody else
                // needs the place.
                let over = this.rest.is_over(context) && (this.stalled.is_none() || this.rest.is_asked_to_leave());
                if over { Poll::Ready(Ok(())) } else { Poll::Pending }
            }
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Connection<T> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.watch_write(context, polled)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.watch_write(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::{
        super::{peer::Peer, places::Places},
        *,
    };

    const LIMITS: Acceptor = Acceptor {
        first_bytes: Duration::from_secs(10),
        stalled_write: Duration::from_mins(1),
        idle: Duration::from_mins(2),
    };

    async fn share() -> Arc<Share> {
        Places::new(1, 0).enter(Peer([127, 0, 0, 1].into())).await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_dawdles_before_the_protocol_is_known_is_dropped() {
        for begun in [b"".as_slice(), b"P", b"PRI * HTTP/2.0\r\n\r\n"] {
            let (mut client, server) = tokio::io::duplex(64);
            let mut connection = Connection::new(server, LIMITS, share().await);
            client.write_all(begun).await.unwrap();
            let error = connection.read_to_end(&mut Vec::new()).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{begun:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn once_the_protocol_is_known_this_deadline_is_gone() {
        for begun in [b"GET / ".as_slice(), b"PX", PREFACE] {
            let (mut client, server) = tokio::io::duplex(64);
            let share = share().await;
            let _request = share.work();
            let mut connection = Connection::new(server, LIMITS, share);
            client.write_all(begun).await.unwrap();
            let mut read = Vec::new();
            let ended = tokio::time::timeout(Duration::from_hours(1), connection.read_to_end(&mut read)).await;
            assert!(ended.is_err() && read == begun, "{begun:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_reads_is_dropped() {
        let (_client, server) = tokio::io::duplex(16);
        let mut connection = Connection::new(server, LIMITS, share().await);
        let error = connection.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_request_ends_after_a_while_and_one_with_a_request_does_not() {
        let (mut client, server) = tokio::io::duplex(64);
        let share = share().await;
        let mut connection = Connection::new(server, LIMITS, Arc::clone(&share));
        client.write_all(b"GET").await.unwrap();
        let request = share.work();
        let mut read = Vec::new();
        let hour = tokio::time::timeout(Duration::from_hours(1), connection.read_to_end(&mut read)).await;
        assert!(hour.is_err(), "its request is being answered");
        drop(request);
        let began = Instant::now();
        connection.read_to_end(&mut read).await.unwrap();
        assert_eq!((began.elapsed().as_secs(), read.as_slice()), (120, b"GET".as_slice()));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_asked_to_leave_goes_once_its_request_is_answered() {
        let (mut client, server) = tokio::io::duplex(64);
        let share = share().await;
        let mut connection = Connection::new(server, LIMITS, Arc::clone(&share));
        client.write_all(b"GET").await.unwrap();
        let request = share.work();
        share.leave().cancel();
        let mut read = Vec::new();
        let minute = tokio::time::timeout(Duration::from_mins(1), connection.read_to_end(&mut read)).await;
        assert!(minute.is_err());
        drop(request);
        let began = Instant::now();
        connection.read_to_end(&mut read).await.unwrap();
        assert!(began.elapsed() <= Duration::from_mins(2));
    }
}
