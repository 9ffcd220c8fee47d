//! Which server of this machine a command is about.

use std::path::PathBuf;

use clap::Args;

use super::{
    Failure,
    environment::{AnyWord, Word},
};
use crate::config::{self, Overrides, Settings, Thing};

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
    #[arg(
        long,
        global = true,
        env = "CIPHERDECK_ENV",
        hide_env_values = true,
        value_parser = AnyWord,
        default_value = "dev"
    )]
    env: Word,
}

impl Place {
    /// The settings that the server has, as far as it was started with the same ones.
    pub(super) fn settings(self) -> Result<Settings, Failure> {
        config::load(self.overrides()?).map_err(|error| Failure::Usage(error.into()))
    }

    /// Where a thing of the server lies. Only what says so is read, so that nothing else that is wrong with the settings
    /// stands in the way.
    pub(super) fn of(self, thing: Thing) -> Result<PathBuf, Failure> {
        config::place(self.overrides()?, thing).map_err(|error| Failure::Usage(error.into()))
    }

    fn overrides(self) -> Result<Overrides, Failure> {
        let Self { data_dir, config: file, env } = self;
        Ok(Overrides { env: env.environment()?, file, data_dir, ..Overrides::default() })
    }
}
