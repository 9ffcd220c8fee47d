//! Why tokens cannot be read or changed.

use std::{io, path::Path};

/// No token's name is longer.
pub(super) const NAME: usize = 64;

/// Why tokens cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Others than its owner may read or change the file.
    #[error("{path} is open to others (mode {mode:03o}), so it is not trusted; close it with: chmod 600 {path}")]
    Exposed {
        /// The file.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// The file is not in the form that this program writes.
    #[error("{path} cannot be understood ({why}), so no token is valid; repair it, or remove it and make new tokens")]
    Broken {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The file, or its directory, cannot be used.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The name is taken.
    #[error("there is a token named {0} already; revoke it first, or choose another name")]
    Exists(String),
    /// No such token.
    #[error("there is no token named {0}; `cipherdeck token list` shows them")]
    Unknown(String),
    /// The name cannot be one.
    #[error("a token's name is 1 to {NAME} letters, digits and . _ - and begins with a letter or a digit, not {0:?}")]
    Name(String),
}

/// Result of something done to tokens.
pub(super) type Result<T> = std::result::Result<T, TokenError>;

/// What the system says of this file.
pub(super) fn failed(path: &Path) -> impl Fn(io::Error) -> TokenError + '_ {
    |source| TokenError::Io { path: path.display().to_string(), source }
}
