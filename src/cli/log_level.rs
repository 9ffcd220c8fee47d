//! `cipherdeck log-level`: which lines the log of a running server has.

use std::process::ExitCode;

use clap::Args;

use super::remote::{self, Remote};
use crate::text::sanitise;

const EXAMPLES: &str = "\
Without a filter, the present one is printed. A change lasts until the server ends: it starts
with `log.level` of its settings.

Examples:
  cipherdeck log-level
  cipherdeck log-level info,cipherdeck=debug      the program's own lines, not its libraries'
  cipherdeck log-level info,worker=debug          one of its rooms, as the console shows it
  cipherdeck log-level info --url https://deck.example:8082";

/// `cipherdeck log-level`
#[derive(Args)]
#[command(about = "Show or change which lines the log of a running server has", after_help = EXAMPLES)]
pub(super) struct LogLevelArgs {
    /// error, warn, info, debug, trace, or targets with levels
    filter: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) fn run(args: LogLevelArgs) -> color_eyre::Result<ExitCode> {
    let filter = args.filter;
    remote::run(&args.remote, async |api, output| {
        let operators = api.operators();
        let said = match &filter {
            None => operators.log_level().await?,
            Some(filter) => operators.set_log_level(filter).await?,
        };
        output.answer(|| said.json.clone(), || sanitise(&said.value.level, 1_000))?;
        if let Some(before) = &said.value.before {
            output.note(format!("it was {}", sanitise(before, 1_000)));
        }
        Ok(ExitCode::SUCCESS)
    })
}
