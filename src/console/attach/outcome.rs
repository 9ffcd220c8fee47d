//! How an attached console ends, for the person at the terminal.

use std::{io, path::PathBuf};

use super::protocol::Parting;

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
    /// The socket is not for this user.
    #[error(
        "permission denied: {} belongs to {owner}\nAttach as the server's user or as root (`sudo cipherdeck attach \
         --socket {}`)",
        path.display(),
        path.display()
    )]
    Denied {
        /// The socket.
        path: PathBuf,
        /// Whose it is.
        owner: String,
    },
    /// What lies in a directory on the way to the socket is not for this user; whether there is a socket is not known.
    #[error(
        "permission denied: {} lies in {}, which belongs to {owner} and which this user may not enter\nAttach as the \
         server's user or as root (`sudo cipherdeck attach --socket {}`)",
        path.display(),
        dir.display(),
        path.display()
    )]
    Barred {
        /// The socket.
        path: PathBuf,
        /// The directory.
        dir: PathBuf,
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
