//! Why a benchmark ends without its figures.

use std::path::Path;

use crate::{
    client::{ClientError, api::ApiError, wallet::WalletError},
    config::ConfigError,
    server::StartError,
    store::StoreError,
    text::sanitise,
    use_cases::{ad_targeting::CatalogueError, wire::PayloadError},
};

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The client's side of a run.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The settings of the own server.
    #[error(transparent)]
    Settings(#[from] ConfigError),
    /// The own server does not start.
    #[error("the benchmark's own server does not start: {0}")]
    Start(#[from] Box<StartError>),
    /// The ad catalogue that the answers are checked with.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The answers of ad targeting cannot be checked.
    #[error(
        "the server's ad catalogue ({server}) is not this program's ({own}), so its answers cannot be checked: name its \
         file as ads.catalogue in --config FILE, or leave ad_targeting out"
    )]
    ForeignCatalogue {
        /// Beginning of the server's version.
        server: String,
        /// Beginning of this program's version.
        own: String,
    },
    /// The server does not have a use case that was asked for.
    #[error("the server does not offer {0}")]
    NotOffered(&'static str),
    /// The server computed something else than the plain calculation.
    #[error("{use_case}: the answer of task {task} is wrong: the plain calculation gives another one")]
    Wrong {
        /// Name of the use case.
        use_case: &'static str,
        /// The task.
        task: String,
    },
    /// The run history of the data directory.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be read or written.
    #[error("{path}: {problem}")]
    File {
        /// Which.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// There is nothing to report.
    #[error("{0}")]
    Nothing(String),
    /// The chart cannot be drawn.
    #[error("the chart cannot be drawn: {0}")]
    Chart(String),
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

impl From<ApiError> for BenchError {
    fn from(error: ApiError) -> Self {
        Self::Client(error.into())
    }
}

impl From<WalletError> for BenchError {
    fn from(error: WalletError) -> Self {
        Self::Client(error.into())
    }
}

impl From<PayloadError> for BenchError {
    fn from(error: PayloadError) -> Self {
        Self::Client(error.into())
    }
}

impl BenchError {
    /// Something about a file.
    pub fn file(path: &Path, problem: impl std::fmt::Display) -> Self {
        Self::File { path: path.display().to_string(), problem: sanitise(&problem.to_string(), 300) }
    }
}
