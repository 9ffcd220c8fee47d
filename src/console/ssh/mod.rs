//! The console over SSH: `ssh -p 2222 operator@host` opens the dashboard of the running server.
//!
//! - `listener`: accepts connections and counts who is in; `connection`: one of them, from its first byte to its last.
//! - `wire`: a socket with deadlines, and an end that always comes.
//! - `handler`: what a peer may ask for: one dashboard on one terminal. Everything else is refused.
//! - `host_key`, `authorized`: who this server is, who may come in and as what.
//!
//! What a session is stands in `remote`.

mod authorized;
mod connection;
mod handler;
mod host_key;
mod listener;
mod wire;

use std::{net::SocketAddr, path::PathBuf};

pub use listener::{Bound, Sessions, bind, key_to_make};

/// Why operators cannot reach the console over SSH. The server does not start then.
#[derive(Debug, thiserror::Error)]
pub enum SshError {
    /// The address is taken, or not of this machine.
    #[error("cannot listen for SSH on {address}: {source} (--ssh ADDR chooses another address)")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The server's own key cannot be used.
    #[error("SSH host key {path}: {reason}", path = path.display())]
    HostKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// There is none, and one that was made cannot be kept.
    #[error("SSH host key {path}: cannot be written: {reason}", path = path.display())]
    NewHostKey {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}
