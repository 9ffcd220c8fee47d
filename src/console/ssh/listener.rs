//! Accepts connections and counts who is in.

use std::{borrow::Cow, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use russh::{
    MethodKind, MethodSet, Preferred, SshId, cipher, compression, kex,
    keys::{HashAlg, PrivateKey},
    mac,
    server::Config,
};
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    SshError,
    authorized::KeyFile,
    connection::{self, House},
    host_key,
};
use crate::{
    config,
    console::{Host, remote::Hall},
};

/// Keys that a client may offer; and one more attempt, for every client begins by asking without any.
const ATTEMPTS: usize = 3;
/// Whoever offers a wrong key waits so long for the answer.
const WRONG_KEY: Duration = Duration::from_secs(1);
/// Connections at once that have not logged in; further ones are closed at once.
const STRANGERS: usize = 32;
/// When no connection can be accepted (too many open files), the next try is so much later.
const RETRY: Duration = Duration::from_millis(200);
/// When the listener closes, sessions get so long to restore their terminals.
const CLOSING: Duration = Duration::from_secs(5);
/// The window of a channel to us: what operators type.
const WINDOW: u32 = 64 << 10;

/// A listener that has not begun to accept.
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    key: PrivateKey,
    keys: KeyFile,
    sessions: usize,
}

/// Reads or makes the host key and binds the listener; `None` when it is off.
///
/// # Errors
/// [`SshError`].
pub async fn bind(settings: &config::Ssh) -> Result<Option<Bound>, SshError> {
    let Some(address) = settings.listen else { return Ok(None) };
    let key = host_key::load_or_make(&settings.host_key)?;
    let listen = |source| SshError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let keys = KeyFile::new(settings.authorized_keys.clone());
    Ok(Some(Bound { listener, address, key, keys, sessions: settings.max_sessions }))
}

/// Looks at the host key that [`bind`] would read, and makes and binds nothing. The file that it would make, if there is none.
///
/// # Errors
/// [`SshError::HostKey`].
pub fn key_to_make(settings: &config::Ssh) -> Result<Option<&Path>, SshError> {
    let path = settings.host_key.as_path();
    Ok(if settings.listen.is_some() && host_key::load(path)?.is_none() { Some(path) } else { None })
}

impl Bound {
    /// Accepts operators from now on, until `closing` is cancelled: every session then ends and its terminal is
    /// restored. When an operator chooses to drain the server, `drain` is cancelled.
    pub async fn serve(self, host: Host, closing: CancellationToken, drain: CancellationToken) -> Sessions {
        let Self { listener, address, key, keys, sessions } = self;
        let host_key = key.public_key().fingerprint(HashAlg::Sha256);
        tracing::info!(%address, %host_key, keys = keys.count().await, "ssh: operators may log in");
        let house = Arc::new(House {
            protocol: Arc::new(protocol(key)),
            keys,
            hall: Hall::new(host, sessions, closing, drain),
        });
        let tracker = TaskTracker::new();
        tracker.spawn(accept(listener, house, tracker.clone()));
        tracker.close();
        Sessions { address, tracker }
    }
}

/// The listener and its sessions.
pub struct Sessions {
    address: SocketAddr,
    tracker: TaskTracker,
}

impl Sessions {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for every session to end after its listener was told to close; not for long.
    pub async fn ended(self) {
        if timeout(CLOSING, self.tracker.wait()).await.is_err() {
            tracing::warn!(sessions = self.tracker.len(), "ssh: some connections were still open");
        }
    }
}

async fn accept(listener: TcpListener, house: Arc<House>, tracker: TaskTracker) {
    let strangers = Arc::new(Semaphore::new(STRANGERS));
    let mut crowded = false;
    loop {
        let accepted = tokio::select! {
            () = house.hall.closing.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "ssh: a connection could not be accepted");
                tokio::time::sleep(RETRY).await;
                continue;
            }
        };
        match Arc::clone(&strangers).try_acquire_owned() {
            Ok(stranger) => {
                crowded = false;
                tracker.spawn(connection::serve(Arc::clone(&house), stream, peer, stranger));
            }
            // Said once, however many come.
            Err(_) if !crowded => {
                crowded = true;
                tracing::warn!(%peer, STRANGERS, "ssh: too many connections that have not logged in; more are closed");
            }
            Err(_) => {}
        }
    }
}

fn protocol(key: PrivateKey) -> Config {
    Config {
        server_id: SshId::Standard(Cow::Borrowed("SSH-2.0-cipherdeck")),
        methods: MethodSet::from([MethodKind::PublicKey].as_slice()),
        max_auth_attempts: ATTEMPTS + 1,
        auth_rejection_time: WRONG_KEY,
        auth_rejection_time_initial: Some(Duration::ZERO),
        keys: vec![key],
        preferred: Preferred {
            // What every OpenSSH since 6.7 speaks; no exchange over large primes, which costs strangers nothing and
            // the server much.
            kex: Cow::Borrowed(&[
                kex::MLKEM768X25519_SHA256,
                kex::CURVE25519,
                kex::CURVE25519_PRE_RFC_8731,
                kex::EXTENSION_SUPPORT_AS_SERVER,
                kex::EXTENSION_OPENSSH_STRICT_KEX_AS_SERVER,
            ]),
            cipher: Cow::Borrowed(&[cipher::CHACHA20_POLY1305, cipher::AES_256_GCM, cipher::AES_256_CTR]),
            mac: Cow::Borrowed(&[mac::HMAC_SHA512_ETM, mac::HMAC_SHA256_ETM]),
            compression: Cow::Borrowed(&[compression::NONE]),
            ..Preferred::DEFAULT
        },
        window_size: WINDOW,
        // One frame on its way, and the next one ready.
        event_buffer_size: 1,
        // Deadlines are ours: a login has one, a stalled write has one, an idle dashboard has none.
        inactivity_timeout: None,
        keepalive_interval: None,
        nodelay: true,
        ..Config::default()
    }
}
