//! Which server of this machine a command is about.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::config::{self, Environment, Overrides, Settings};

/// Which data directory; as `cipherdeck serve` finds it.
#[derive(Args, Clone)]
pub(super) struct Place {
    /// The server's data directory [default: the user's data directory]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The server's TOML file with settings
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The server's environment
    #[arg(long, global = true, env = "CIPHERDECK_ENV", hide_env_values = true, value_enum, default_value = "dev")]
    env: Environment,
}

impl Place {
    /// The settings that the server has, as far as it was started with the same ones.
    pub(super) fn settings(self) -> Result<Settings, Failure> {
        self.settings_with(None)
    }

    /// The same, with another token file.
    pub(super) fn settings_with(self, tokens: Option<PathBuf>) -> Result<Settings, Failure> {
        let Self { data_dir, config: file, env } = self;
        let overrides = Overrides { env, file, data_dir, tokens, ..Overrides::default() };
        config::load(overrides).map_err(|error| Failure::Usage(error.into()))
    }
}
