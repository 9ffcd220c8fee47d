//! What can go wrong on the client's side, with what to do about it.

use super::{api::ApiError, input::InputError, wallet::WalletError};
use crate::use_cases::wire::PayloadError;

/// Why a command failed. Each has a label for programs, a sentence, and where it helps a hint.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server, or the way to it.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The key files.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// What the person gave.
    #[error(transparent)]
    Input(#[from] InputError),
    /// An input that cannot be encrypted, or an answer that cannot be decrypted.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// The task ended in failure.
    #[error("the server could not compute the answer: {details}")]
    TaskFailed {
        /// From the closed set of task failures, e.g. `time_limit`; empty if the server did not say.
        label: String,
        /// The server's sentence.
        details: String,
    },
    /// Somebody cancelled the task.
    #[error("the task was cancelled before it finished")]
    TaskRevoked,
    /// The server does not have the task (any more).
    #[error("the server no longer knows this task; it may have expired or been deleted")]
    TaskUnknown,
    /// Ctrl-C.
    #[error("{}", if *.cancelled { "interrupted; the task was cancelled on the server" } else { "interrupted" })]
    Interrupted {
        /// A task was running, and the server has accepted its cancellation.
        cancelled: bool,
    },
    /// A file could not be read or written.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        problem: String,
    },
    /// A step was lost inside this program.
    #[error("internal error: {0}")]
    Internal(String),
}

impl ClientError {
    /// A file problem.
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), problem: error.to_string() }
    }

    /// The word for programs: the server's own label where the server refused.
    pub fn label(&self) -> &str {
        match self {
            Self::Api(error) => error.label(),
            Self::Wallet(_) => "wallet",
            Self::Input(_) | Self::Payload(_) => "invalid_input",
            Self::TaskFailed { label, .. } if !label.is_empty() => label,
            Self::TaskFailed { .. } => "failure",
            Self::TaskRevoked => "revoked",
            Self::TaskUnknown => "unknown",
            Self::Interrupted { .. } => "interrupted",
            Self::File { .. } => "file",
            Self::Internal(_) => "internal",
        }
    }

    /// What to do, where it is not in the sentence already.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Api(error) => error.hint(),
            Self::TaskFailed { label, .. } => match label.as_str() {
                "time_limit" => {
                    Some("send fewer values at once, or ask the operator for a longer time limit".to_owned())
                }
                "attempts_exhausted" | "kernel_panic" => {
                    Some("ask the operator; the server's log says more".to_owned())
                }
                _ => Some("run the command again".to_owned()),
            },
            Self::TaskRevoked | Self::TaskUnknown => Some("run the command again".to_owned()),
            _ => None,
        }
    }

    /// The HTTP status, when a server refused.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Api(error) => error.status(),
            _ => None,
        }
    }

    /// Did the server refuse with this label?
    pub(super) fn refused(&self, label: &str) -> bool {
        matches!(self, Self::Api(ApiError::Refused(refusal)) if refusal.label == label)
    }
}
