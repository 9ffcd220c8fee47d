//! Why a server does not start.

use std::net::SocketAddr;

use crate::{
    api::TlsError, blobs::BlobError, console::ssh::SshError, monitor::traces::TracesError,
    operator::tokens::TokenError, store::StoreError, worker::PoolError,
};

/// Why the server does not start. Nothing runs and nothing is bound then.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not of this machine.
    #[error("cannot listen on {address}: {source}; is another cipherdeck running? ({setting} chooses another address)")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What sets it.
        setting: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Nobody could come in.
    #[error(
        "{env} needs tokens and there is none: make one with `cipherdeck token add NAME --role operator --file {file}`"
    )]
    NoToken {
        /// The environment.
        env: &'static str,
        /// Where one is looked for.
        file: String,
    },
    /// Nobody can be told from anybody else.
    #[error(transparent)]
    Tokens(#[from] TokenError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The console over SSH.
    #[error(transparent)]
    Ssh(#[from] SshError),
    /// The blobs.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The workers.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The traces.
    #[error(transparent)]
    Traces(#[from] TracesError),
}
