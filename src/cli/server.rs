//! Which server a command asks, and who asks: the options that all commands share which talk HTTP.

use std::path::PathBuf;

use clap::Args;

use crate::client::api::{Api, ApiError};

/// Heading of the options that several commands have.
pub(super) const COMMON: &str = "Common options";

/// A server.
#[derive(Debug, Args)]
pub struct Server {
    /// The server
    #[arg(
        long,
        global = true,
        help_heading = COMMON,
        env = "CIPHERDECK_URL",
        hide_env_values = true,
        default_value = "http://127.0.0.1:8082",
        value_name = "URL"
    )]
    url: String,
    #[command(flatten)]
    access: Access,
}

/// What a server is believed by, and what it believes.
#[derive(Debug, Args)]
pub(super) struct Access {
    /// A file in PEM form with certificates that vouch for the server, besides those of the system
    #[arg(
        long,
        global = true,
        help_heading = COMMON,
        env = "CIPHERDECK_CA",
        hide_env_values = true,
        value_name = "FILE"
    )]
    ca: Option<PathBuf>,
    /// For a server that wants a token
    #[arg(
        long,
        global = true,
        help_heading = COMMON,
        env = "CIPHERDECK_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    token: Option<String>,
}

impl Server {
    /// # Errors
    /// As [`Access::api`].
    pub(super) fn api(&self) -> Result<Api, ApiError> {
        self.access.api(&self.url)
    }
}

impl Access {
    /// # Errors
    /// What is wrong with the URL, the certificates or the token. Nothing is sent yet.
    pub(super) fn api(&self, url: &str) -> Result<Api, ApiError> {
        let api = Api::trusting(url, self.ca.as_deref())?;
        match &self.token {
            Some(token) => api.with_token(token),
            None => Ok(api),
        }
    }
}
