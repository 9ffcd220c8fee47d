//! A socket that always comes to an end: a peer that takes nothing for too long is dropped, and whoever holds the
//! token can cut it, wherever the protocol waits.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::console::remote::STALLED;

/// Bytes that the system keeps for a client that does not read: little, so that it does not wade through old frames
/// when it goes on.
const SEND_BUFFER: usize = 64 << 10;
/// A peer that has vanished without a word is noticed by the system's own probes: they cost an idle session no bytes
/// of SSH.
const PROBE_AFTER: Duration = Duration::from_mins(1);
const PROBE_EVERY: Duration = Duration::from_secs(15);

/// Sets a new connection's socket up.
pub(super) fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(PROBE_AFTER).with_interval(PROBE_EVERY))
}

/// A stream with a deadline for writes, and an end from outside.
pub(super) struct Wire<T> {
    stream: T,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Set while a write waits.
    stalled: Option<Pin<Box<Sleep>>>,
    stuck: Arc<AtomicBool>,
}

impl<T> Wire<T> {
    /// Ends when `cut` is cancelled. `stuck` becomes true when it ends because the peer took nothing.
    pub(super) fn new(stream: T, cut: CancellationToken, stuck: Arc<AtomicBool>) -> Self {
        Self { stream, cut: Box::pin(cut.cancelled_owned()), stalled: None, stuck }
    }

    fn is_cut(&mut self, context: &mut Context<'_>) -> bool {
        self.cut.as_mut().poll(context).is_ready()
    }

    /// What a write came to, unless it is too late for it.
    fn written(&mut self, context: &mut Context<'_>, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if polled.is_ready() {
            self.stalled = None;
            return polled;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + STALLED)));
        match stalled.as_mut().poll(context) {
            Poll::Ready(()) => {
                self.stuck.store(true, Ordering::Relaxed);
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Wire<T> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.is_cut(context) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut this.stream).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Wire<T> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.is_cut(context) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let polled = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.written(context, polled)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_nothing_is_dropped_and_one_that_takes_slowly_is_not() {
        let (mut peer, server) = tokio::io::duplex(16);
        let stuck = Arc::new(AtomicBool::new(false));
        let mut wire = Wire::new(server, CancellationToken::new(), Arc::clone(&stuck));
        let slow = async {
            for _ in 0..4 {
                tokio::time::sleep(STALLED / 2).await;
                peer.read_exact(&mut [0; 16]).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(wire.write_all(&[0; 64]), slow);
        written.unwrap();
        assert!(!stuck.load(Ordering::Relaxed));
        let error = wire.write_all(&[0; 64]).await.unwrap_err();
        assert!(error.kind() == io::ErrorKind::TimedOut && stuck.load(Ordering::Relaxed));
    }

    #[tokio::test]
    async fn whoever_waits_on_it_is_woken_when_it_is_cut() {
        let (_peer, server) = tokio::io::duplex(16);
        let cut = CancellationToken::new();
        let wire = Wire::new(server, cut.clone(), Arc::default());
        let (mut reading, mut writing) = tokio::io::split(wire);
        let waiting = tokio::spawn(async move {
            let mut byte = [0];
            tokio::join!(reading.read(&mut byte), writing.write_all(&[0; 64]))
        });
        tokio::task::yield_now().await;
        cut.cancel();
        let (read, written) = waiting.await.unwrap();
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::ConnectionAborted);
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::ConnectionAborted);
    }
}
