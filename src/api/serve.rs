//! The listener: who may hold how many connections for how long.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use axum_server::{Handle, accept::Accept};
use hyper_util::rt::TokioTimer;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

use super::{
    conn::Acceptor,
    held::Held,
    peer::Peer,
    places::Places,
    tls::{Certificates, Secure},
};
use crate::config::Settings;

/// Answers on their way get so long when the listener closes.
const CLOSE_GRACE: Duration = Duration::from_secs(3);

/// One connection's buffer; also the longest request head.
const BUFFER: usize = 64 << 10;

/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 64;

/// Serves `router` until `stop` is cancelled; answers on their way may then finish for three seconds. With
/// `certificates`, over TLS only.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: std::net::TcpListener,
    router: Router,
    settings: Arc<Settings>,
    certificates: Option<&Certificates>,
    stop: CancellationToken,
) -> io::Result<()> {
    let wait = |seconds| Duration::from_secs(seconds);
    let limits = Acceptor {
        first_bytes: wait(settings.server.header_timeout_s),
        stalled_write: wait(settings.server.upload_timeout_s),
        idle: wait(settings.server.idle_timeout_s),
    };
    match certificates {
        Some(certificates) => run(listener, router, &settings, Secure::new(certificates, limits), stop).await,
        None => run(listener, router, &settings, limits, stop).await,
    }
}

async fn run<A>(
    listener: std::net::TcpListener,
    router: Router,
    settings: &Settings,
    acceptor: A,
    stop: CancellationToken,
) -> io::Result<()>
where
    A: Accept<TcpStream, Held, Service = Held, Stream: AsyncRead + AsyncWrite + Unpin + Send>
        + Clone
        + Send
        + Sync
        + 'static,
    A::Future: Send,
{
    listener.set_nonblocking(true)?;
    let head = Duration::from_secs(settings.server.header_timeout_s);
    let handle = Handle::<SocketAddr>::new();
    let mut server = axum_server::from_tcp(listener)?.acceptor(acceptor).handle(handle.clone());
    let http = server.http_builder();
    // Without a timer, hyper's deadlines are inert.
    http.http1().timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(BUFFER);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(head)
        .keep_alive_timeout(head)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(BUFFER as u32)
        .max_send_buf_size(BUFFER);
    let closer = tokio::spawn(async move {
        stop.cancelled().await;
        handle.graceful_shutdown(Some(CLOSE_GRACE));
    });
    let places = Places::new(settings.server.max_connections, settings.server.max_connections_per_address);
    let served = server.serve(placed(router, places)).await;
    closer.abort();
    served
}

/// Gives each connection its place; while there is none, no further connection is accepted.
fn placed(
    router: Router,
    places: Arc<Places>,
) -> impl tower::Service<
    SocketAddr,
    Response = Held,
    Error = Crowded,
    Future = impl Future<Output = Result<Held, Crowded>> + Send,
> {
    tower::service_fn(move |address: SocketAddr| {
        let (places, router, peer) = (Arc::clone(&places), router.clone(), Peer(address.ip()));
        async move {
            let Some(share) = places.enter(peer).await else {
                tracing::debug!(address = %address.ip(), "this address holds too many connections: closed");
                return Err(Crowded);
            };
            Ok(Held::new(router, peer, share))
        }
    })
}

/// The address holds too many connections: this one is closed.
#[derive(Debug, thiserror::Error)]
#[error("too many connections of one address")]
struct Crowded;
