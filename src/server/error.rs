//! Why a server does not start.

use std::{net::SocketAddr, path::PathBuf};

use crate::{
    api::TlsError, blobs::BlobError, console::ssh::SshError, monitor::traces::TracesError,
    operator::tokens::TokenError, store::StoreError, tls::TrustError, worker::PoolError,
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
    /// Nobody vouches for Redis.
    #[error("store.ca: {0}")]
    Authorities(TrustError),
    /// Nothing can be kept where a setting says; only [`look()`](super::look()) says so, a start hears it from whoever tries.
    #[error("{setting} = {path}: {reason}", path = path.display())]
    Directory {
        /// The setting.
        setting: &'static str,
        /// The directory.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The console over SSH.
    #[error(transparent)]
    Ssh(#[from] SshError),
    /// The blobs.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// Nobody could answer.
    #[error("the threads that answer requests could not be started: {0}")]
    Handlers(std::io::Error),
    /// The workers.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The traces.
    #[error(transparent)]
    Traces(#[from] TracesError),
}

impl StartError {
    /// Is it as the settings and the files that they name want it, so that another attempt will fail like this one? What lies
    /// outside (a port, a store, a disk on which a new host key is kept) may be different then.
    pub const fn is_configuration(&self) -> bool {
        matches!(
            self,
            Self::Tls(_)
                | Self::NoToken { .. }
                | Self::Tokens(_)
                | Self::Authorities(_)
                | Self::Ssh(SshError::HostKey { .. })
        )
    }
}
