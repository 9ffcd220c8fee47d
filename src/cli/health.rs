//! `cipherdeck health`: is a server well? For health checks where there is no other HTTP client, as in the image.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use serde_json::json;

use super::remote::{self, Remote};
use crate::client::api::ApiError;

/// A server that has not answered after so long is not well.
const PATIENCE: Duration = Duration::from_secs(5);

const HEALTH: &str = "\
Examples:
  cipherdeck health
  cipherdeck health --alive --url http://127.0.0.1:9000";

/// `cipherdeck health`
#[derive(Args)]
#[command(
    about = "Ask a server whether it takes work",
    long_about = "Asks a server whether it takes work and somebody does it: it is not draining, reaches its store and its \
                  blobs, its disk is not nearly full, and a worker is alive. Exit code 0 if so, 1 if not, or if there is no \
                  answer within 5 s.",
    after_help = HEALTH
)]
pub(super) struct HealthArgs {
    #[command(flatten)]
    remote: Remote,
    /// Ask only whether it lives
    #[arg(long)]
    alive: bool,
}

pub(super) fn run(args: &HealthArgs) -> color_eyre::Result<ExitCode> {
    let alive = args.alive;
    remote::run(&args.remote, async |api, output| {
        let asked = async { if alive { api.alive().await } else { api.ready().await } };
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| {
            let problem = format!("it has not answered within {} s", PATIENCE.as_secs());
            Err(ApiError::Lost { server: api.server().to_owned(), problem })
        })?;
        let word = if alive { "alive" } else { "ready" };
        output.answer(|| json!({"status": word}), || format!("{} is {word}", api.server()))?;
        Ok(ExitCode::SUCCESS)
    })
}
