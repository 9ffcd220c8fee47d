//! The operator's side: passes bytes between this terminal and a server on this machine.

use std::{
    io::{self, IsTerminal as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::{
    io::{AsyncWriteExt as _, BufReader},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    time::timeout,
};

use super::{
    outcome::{AttachError, Farewell},
    patience::Patience,
    peer::{self, Peer},
    protocol::{FromClient, FromServer, Hello, ProtocolError},
    terminal::{Change, Changes, Ends, keyboard},
};
use crate::console::{
    look,
    own_terminal::{self, Guard},
};

/// A server that lives answers within so long.
const WELCOME: Duration = Duration::from_secs(10);

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
    let _restored_when_dropped = Guard::enter().map_err(AttachError::Terminal)?;
    let keys = keyboard().map_err(AttachError::Terminal)?;
    let patience = Patience::default();
    tokio::select! {
        biased;
        name = ends.next() => Ok(Farewell { wanted: false, sentence: format!("Closed by {name}; the server goes on.") }),
        end = show(path, &mut reading, &patience) => end,
        end = obey(keys, &mut changes, &patience, &mut writing) => end,
    }
}

async fn connect(path: &Path) -> Result<UnixStream, AttachError> {
    let stream = UnixStream::connect(path).await.map_err(|source| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => AttachError::NoServer(path.to_owned()),
        io::ErrorKind::PermissionDenied => denied(path, source),
        _ => AttachError::Connect { path: path.to_owned(), source },
    })?;
    let known = Peer::own().and_then(|own| Ok((own, Peer::of(&stream)?)));
    let (own, peer) = known.map_err(|source| AttachError::Connect { path: path.to_owned(), source })?;
    if !own.trusts(&peer) {
        return Err(AttachError::Stranger { path: path.to_owned(), user: peer.user() });
    }
    Ok(stream)
}

/// What is in the way: the socket itself, or the last directory before it that can be seen.
fn denied(path: &Path, source: io::Error) -> AttachError {
    let Ok(path) = std::path::absolute(path) else { return AttachError::Connect { path: path.to_owned(), source } };
    if let Ok(socket) = path.metadata() {
        return AttachError::Denied { owner: peer::user(socket.uid()), path };
    }
    let seen = path.ancestors().skip(1).find_map(|dir| Some((dir.to_owned(), dir.metadata().ok()?)));
    match seen {
        Some((dir, found)) => AttachError::Barred { path, dir, owner: peer::user(found.uid()) },
        None => AttachError::Connect { path, source },
    }
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
    crossterm::terminal::size().unwrap_or_default()
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
                    own_terminal::again().map_err(AttachError::Terminal)?;
                }
                FromClient::Size(size())
            }
        };
        // A server that takes nothing any more has said why: it is on its way here.
        let _ = writing.write_all(&said.encode()).await;
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn refused(path: &Path) -> AttachError {
        denied(path, io::ErrorKind::PermissionDenied.into())
    }

    #[test]
    fn whoever_is_not_let_in_is_told_by_what_and_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("console.sock");
        fs::write(&socket, "").unwrap();
        let owner = peer::user(socket.metadata().unwrap().uid());
        let said = refused(&socket).to_string();
        assert!(said.contains(&format!("console.sock belongs to {owner}")), "{said}");
        assert!(said.contains("Attach as the server's user or as root (`sudo cipherdeck attach --socket "), "{said}");
        // Nothing in a file can be seen either, also by root.
        let within = socket.join("data/console.sock");
        let AttachError::Barred { path, dir, owner: whose } = refused(&within) else {
            panic!("the file is in the way")
        };
        assert_eq!((&path, &dir, &whose), (&within, &socket, &owner));
        let said = AttachError::Barred { path, dir, owner: whose }.to_string();
        assert!(said.contains("which this user may not enter") && said.contains("or as root"), "{said}");
    }
}
