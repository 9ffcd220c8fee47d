//! The operator's side: passes bytes between this terminal and a server on this machine.

use std::{
    io::{self, IsTerminal as _, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use crossterm::terminal;
use tokio::{
    io::{AsyncWriteExt as _, BufReader},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
    time::timeout,
};

use super::{
    patience::Patience,
    peer::{self, Peer},
    protocol::{FromClient, FromServer, Hello, Parting, ProtocolError},
};
use crate::console::{look, own_terminal::Guard};

/// A server that lives answers within so long.
const WELCOME: Duration = Duration::from_secs(10);
/// Keys read at once.
const KEYS: usize = 4 << 10;

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Farewell {
    /// As the operator or the server wanted.
    pub wanted: bool,
    /// For the person at the terminal.
    pub sentence: String,
}

/// Why there is no console, or none any more.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// Nothing to draw on.
    #[error("attach draws on a terminal, and standard input or output is none (docker exec -it, ssh -t give one)")]
    NoTerminal,
    /// Nobody listens.
    #[error(
        "no cipherdeck serves here: nobody listens on {}\nStart one (`cipherdeck serve`), or name the data directory of \
         the one that runs (`cipherdeck attach --data-dir DIR`)",
        .0.display()
    )]
    NoServer(PathBuf),
    /// The system does not let this user in.
    #[error("{} belongs to {owner}: only {owner} and root may attach", path.display())]
    Denied {
        /// The socket.
        path: PathBuf,
        /// Whose it is.
        owner: String,
    },
    /// Somebody else listens there.
    #[error("{} is the socket of {user}, who is neither this user nor root", path.display())]
    Stranger {
        /// The socket.
        path: PathBuf,
        /// Who listens.
        user: String,
    },
    /// Something else listens there, or the connection is garbled.
    #[error("no cipherdeck is at the other end of {}: {reason}", path.display())]
    NotUnderstood {
        /// The socket.
        path: PathBuf,
        /// What it said.
        reason: String,
    },
    /// The system.
    #[error("cannot attach to {}: {source}", path.display())]
    Connect {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It does not react.
    #[error("the server does not answer: it is stopped, or much too busy; it goes on without this console")]
    Silent,
    /// It ended without a word.
    #[error(
        "the server is gone: it ended without a word, as one that is killed does; `cipherdeck serve` starts it again"
    )]
    Lost,
    /// This terminal.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[source] io::Error),
}

impl From<Parting> for Farewell {
    fn from(Parting { wanted, sentence }: Parting) -> Self {
        Self { wanted, sentence }
    }
}

/// Shows the console of the server that listens at `path` on this process's terminal, until the operator leaves, the
/// server ends, or a signal ends this process. The terminal is as before then, in every case. Must be called on a tokio
/// runtime, once in a process, whose standard input it reads to its end.
///
/// # Errors
/// [`AttachError`].
pub async fn attach(path: &Path) -> Result<Farewell, AttachError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(AttachError::NoTerminal);
    }
    let (reading, mut writing) = connect(path).await?.into_split();
    let mut reading = BufReader::new(reading);
    let mut changes = Changes::new().map_err(AttachError::Terminal)?;
    let variables = look::VARIABLES.into_iter().filter_map(|name| Some((name, std::env::var(name).ok()?)));
    let hello = FromClient::Hello(Hello::new(size(), variables));
    // Whoever does not take it says why.
    let _ = writing.write_all(&hello.encode()).await;
    match timeout(WELCOME, FromServer::read(&mut reading)).await {
        Ok(Ok(Some(FromServer::Welcome))) => {}
        Ok(Ok(Some(FromServer::End(parting)))) => return Ok(parting.into()),
        Ok(Ok(Some(FromServer::Output(_)))) => return Err(not_understood(path, "it does not say welcome")),
        Ok(read) => return Err(ended(path, read.err())),
        Err(_) => return Err(AttachError::Silent),
    }
    // From here on no signal ends this process before the terminal is as it was.
    let mut ends = Ends::new().map_err(AttachError::Terminal)?;
    let keys = keyboard().map_err(AttachError::Terminal)?;
    let guard = Guard::enter().map_err(AttachError::Terminal)?;
    let patience = Patience::default();
    tokio::select! {
        biased;
        name = ends.next() => Ok(Farewell { wanted: false, sentence: format!("Closed by {name}; the server goes on.") }),
        end = show(path, &mut reading, &patience) => end,
        end = obey(keys, &mut changes, &guard, &patience, &mut writing) => end,
    }
}

async fn connect(path: &Path) -> Result<UnixStream, AttachError> {
    let stream = UnixStream::connect(path).await.map_err(|source| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => AttachError::NoServer(path.to_owned()),
        io::ErrorKind::PermissionDenied => AttachError::Denied { path: path.to_owned(), owner: owner(path) },
        _ => AttachError::Connect { path: path.to_owned(), source },
    })?;
    let known = Peer::own().and_then(|own| Ok((own, Peer::of(&stream)?)));
    let (own, peer) = known.map_err(|source| AttachError::Connect { path: path.to_owned(), source })?;
    if !own.trusts(&peer) {
        return Err(AttachError::Stranger { path: path.to_owned(), user: peer.user() });
    }
    Ok(stream)
}

/// Whose socket it is, as far as one may see.
fn owner(path: &Path) -> String {
    let seen = path.ancestors().take(2).find_map(|path| path.metadata().ok());
    seen.map_or_else(|| "another user".to_owned(), |found| peer::user(found.uid()))
}

fn not_understood(path: &Path, reason: &str) -> AttachError {
    AttachError::NotUnderstood { path: path.to_owned(), reason: reason.to_owned() }
}

/// What the end of a connection means: it was closed or cut, or what came is no frame.
fn ended(path: &Path, error: Option<ProtocolError>) -> AttachError {
    match error {
        None | Some(ProtocolError::Io(_)) => AttachError::Lost,
        Some(other) => not_understood(path, &other.to_string()),
    }
}

/// Columns and lines; zero when the terminal does not know (yet: as under `docker exec`, which tells it later).
fn size() -> (u16, u16) {
    terminal::size().unwrap_or_default()
}

/// What the server draws, until it says farewell.
async fn show(
    path: &Path,
    reading: &mut BufReader<OwnedReadHalf>,
    patience: &Patience,
) -> Result<Farewell, AttachError> {
    let mut terminal = tokio::io::stdout();
    loop {
        match FromServer::read(reading).await {
            Ok(Some(FromServer::Output(bytes))) => {
                patience.answered();
                terminal.write_all(&bytes).await.map_err(AttachError::Terminal)?;
                terminal.flush().await.map_err(AttachError::Terminal)?;
            }
            Ok(Some(FromServer::End(parting))) => return Ok(parting.into()),
            Ok(Some(FromServer::Welcome)) => return Err(not_understood(path, "it says welcome twice")),
            Ok(None) => return Err(ended(path, None)),
            Err(error) => return Err(ended(path, Some(error))),
        }
    }
}

/// Sends what is typed and what becomes of the window, until the terminal goes away.
async fn obey(
    mut keys: mpsc::Receiver<Bytes>,
    changes: &mut Changes,
    guard: &Guard,
    patience: &Patience,
    writing: &mut OwnedWriteHalf,
) -> Result<Farewell, AttachError> {
    loop {
        let said = tokio::select! {
            typed = keys.recv() => match typed {
                Some(typed) if patience.is_over(&typed, Instant::now()) => return Err(AttachError::Silent),
                Some(typed) => FromClient::Keys(typed),
                None => {
                    let sentence = "The terminal is gone; the server goes on.".to_owned();
                    return Ok(Farewell { wanted: false, sentence });
                }
            },
            change = changes.next() => {
                if change == Change::Again {
                    guard.again().map_err(AttachError::Terminal)?;
                }
                FromClient::Size(size())
            }
        };
        // A server that takes nothing any more has said why: it is on its way here.
        let _ = writing.write_all(&said.encode()).await;
    }
}

/// What is typed, from a thread of its own: a read of the terminal cannot be given up. Ends with the terminal.
fn keyboard() -> io::Result<mpsc::Receiver<Bytes>> {
    let (typed, keys) = mpsc::channel(1);
    thread::Builder::new().name("keyboard".to_owned()).spawn(move || {
        let (mut terminal, mut buffer) = (io::stdin().lock(), vec![0; KEYS]);
        loop {
            match terminal.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => {
                    let read = buffer.get(..count).unwrap_or_default();
                    if typed.blocking_send(Bytes::copy_from_slice(read)).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    })?;
    Ok(keys)
}

/// Signals that end this process.
struct Ends([(Signal, &'static str); 4]);

impl Ends {
    fn new() -> io::Result<Self> {
        Ok(Self([
            (signal(SignalKind::terminate())?, "SIGTERM"),
            (signal(SignalKind::hangup())?, "SIGHUP"),
            (signal(SignalKind::interrupt())?, "SIGINT"),
            (signal(SignalKind::quit())?, "SIGQUIT"),
        ]))
    }

    /// The name of the first one.
    async fn next(&mut self) -> &'static str {
        let Self([terminate, hang_up, interrupt, quit]) = self;
        tokio::select! {
            _ = terminate.0.recv() => terminate.1,
            _ = hang_up.0.recv() => hang_up.1,
            _ = interrupt.0.recv() => interrupt.1,
            _ = quit.0.recv() => quit.1,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// The window has another size.
    Size,
    /// This process was stopped, and a shell has had the terminal.
    Again,
}

/// Signals that change the terminal.
struct Changes {
    window: Signal,
    goes_on: Signal,
    /// Heard and not obeyed: a process cannot restore its terminal when it is stopped.
    _stop: Signal,
}

impl Changes {
    fn new() -> io::Result<Self> {
        // SIGCONT and SIGTSTP have no names here, and two pairs of numbers.
        let (goes_on, stop) = if cfg!(target_os = "linux") { (18, 20) } else { (19, 18) };
        Ok(Self {
            window: signal(SignalKind::window_change())?,
            goes_on: signal(SignalKind::from_raw(goes_on))?,
            _stop: signal(SignalKind::from_raw(stop))?,
        })
    }

    async fn next(&mut self) -> Change {
        tokio::select! {
            _ = self.window.recv() => Change::Size,
            _ = self.goes_on.recv() => Change::Again,
        }
    }
}
