//! `cipherdeck bench`: arguments in, figures out.

mod load;
mod report;
mod run;
mod target;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{
    client::{failure::Failure, output::Output},
    server::COMMON,
};
use crate::{bench::BenchError, client::ClientError, text::sanitise};

const BENCH: &str = "\
Examples:
  cipherdeck bench run                          each use case five times, on a server of its own
  cipherdeck bench load --clients 100 --seconds 60
  cipherdeck bench report --readme README.md --chart docs/benchmark

Every answer is compared with the plain calculation: a wrong one is an error.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.";

/// `cipherdeck bench`
#[derive(Args)]
#[command(
    about = "Measure a whole server: single runs, load, a report",
    long_about = "Measures a whole server from its clients' side: encrypts, uploads, waits, fetches, decrypts. Without \
                  --url a server of its own runs in this process, on a free port, with a temporary data directory.",
    after_help = BENCH
)]
pub(super) struct BenchArgs {
    /// Print exactly one JSON object, and an error as one on standard error
    #[arg(long, global = true, help_heading = COMMON)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Each use case several times, one task after the other
    #[command(after_help = run::HELP)]
    Run(run::RunArgs),
    /// Many clients at once
    #[command(after_help = load::HELP)]
    Load(load::LoadArgs),
    /// Write the runs as a table into a README, and as a chart
    #[command(after_help = report::HELP)]
    Report(report::ReportArgs),
}

pub(super) fn run(args: BenchArgs) -> Result<ExitCode, super::Failure> {
    let output = Output::new(args.json);
    let done = match args.command {
        Command::Run(args) => run::run(args, output),
        Command::Load(args) => load::run(args, output),
        Command::Report(args) => report::run(args, output),
    };
    done.map(|done| done.unwrap_or_else(|failure| output.failure(&failure)))
}

/// What a command comes to; outside of it what is wrong with this machine or its settings.
type Done = Result<Result<ExitCode, Failure>, super::Failure>;

impl From<BenchError> for Failure {
    fn from(error: BenchError) -> Self {
        match error {
            BenchError::Client(error) => error.into(),
            BenchError::Interrupted => Self::Client(ClientError::Interrupted { cancelled: false }),
            BenchError::File { path, problem } => Self::Client(ClientError::File { path, problem }),
            error @ (BenchError::Settings(_)
            | BenchError::Catalogue(_)
            | BenchError::ForeignCatalogue { .. }
            | BenchError::NotOffered(_)
            | BenchError::Nothing(_)) => Self::Usage(error.to_string()),
            error => Self::Client(ClientError::Internal(sanitise(&error.to_string(), 500))),
        }
    }
}
