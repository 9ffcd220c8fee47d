//! Accepts connections and counts who is in.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{net::UnixListener, sync::Semaphore, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    connection::{self, House},
    peer::Peer,
    socket::{Place, SocketError},
};
use crate::console::{Host, remote::Hall};

/// Dashboards at once.
const SESSIONS: usize = 16;
/// Connections at once, with or without a dashboard; further ones are closed at once.
const CONNECTIONS: usize = 48;
/// When no connection can be accepted (too many open files), the next try is so much later.
const RETRY: Duration = Duration::from_millis(200);
/// When the listener closes, sessions get so long to say farewell.
const CLOSING: Duration = Duration::from_secs(5);

/// A listener that has not begun to accept.
#[derive(Debug)]
pub struct Bound {
    listener: UnixListener,
    place: Place,
    own: Peer,
}

/// Listens on a socket at `path`, which only this user and root can open. Must be called on a tokio runtime.
///
/// # Errors
/// [`SocketError`]: nobody can attach then, and nothing is changed.
pub fn bind(path: &Path) -> Result<Bound, SocketError> {
    let cannot = |source| SocketError::Listen { path: path.to_owned(), source };
    let own = Peer::own().map_err(cannot)?;
    let (listener, place) = Place::take(path)?;
    let listener = UnixListener::from_std(listener).map_err(cannot)?;
    Ok(Bound { listener, place, own })
}

impl Bound {
    /// Accepts operators from now on, until `closing` is cancelled: every session then ends and says farewell. When an
    /// operator chooses to drain the server, `drain` is cancelled.
    pub fn serve(self, host: Host, closing: CancellationToken, drain: CancellationToken) -> Sessions {
        let Self { listener, place, own } = self;
        let path = place.path().to_owned();
        tracing::info!(socket = %path.display(), "operators may attach");
        let house = Arc::new(House { own, hall: Hall::new(host, SESSIONS, closing, drain) });
        let tracker = TaskTracker::new();
        tracker.spawn(accept(listener, place, house, tracker.clone()));
        tracker.close();
        Sessions { path, tracker }
    }
}

/// The listener and its sessions.
#[derive(Debug)]
pub struct Sessions {
    path: PathBuf,
    tracker: TaskTracker,
}

impl Sessions {
    /// Its socket.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits for every session to end after its listener was told to close; not for long.
    pub async fn ended(self) {
        if timeout(CLOSING, self.tracker.wait()).await.is_err() {
            tracing::warn!(sessions = self.tracker.len(), "attach: some connections were still open");
        }
    }
}

/// The socket's file goes when this ends.
async fn accept(listener: UnixListener, _place: Place, house: Arc<House>, tracker: TaskTracker) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut crowded = false;
    loop {
        let accepted = tokio::select! {
            () = house.hall.closing.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "attach: a connection could not be accepted");
                tokio::time::sleep(RETRY).await;
                continue;
            }
        };
        match Arc::clone(&room).try_acquire_owned() {
            Ok(place) => {
                crowded = false;
                let house = Arc::clone(&house);
                tracker.spawn(async move {
                    connection::serve(&house, stream).await;
                    drop(place);
                });
            }
            // Said once, however many come.
            Err(_) if !crowded => {
                crowded = true;
                tracing::warn!(CONNECTIONS, "attach: too many connections; more are closed");
            }
            Err(_) => {}
        }
    }
}
