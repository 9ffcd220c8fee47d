//! Commands: one file each. Arguments in, exit code out: 0 ok, 1 failed, 2 usage.

mod attach;
mod audit;
mod bench;
mod certificate;
mod check;
pub mod client;
mod descriptors;
mod environment;
mod health;
mod history;
mod log_level;
mod logging;
mod man;
mod memory;
mod packaging;
mod place;
mod remote;
mod serve;
mod server;
mod signals;
mod tasks;
mod token;
mod workers;

use std::{io::Write as _, process::ExitCode};

use clap::{Parser, Subcommand};

pub use serve::ServeArgs;

use crate::server::StartError;

/// Exit code of wrong arguments and settings, as clap uses it.
const USAGE: u8 = 2;

/// A homomorphic-encryption application server with a terminal operator console.
#[derive(Parser)]
#[command(
    name = "cipherdeck",
    version,
    long_version = packaging::VERSION.as_str(),
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  \
        cipherdeck                                       serve on 127.0.0.1:8082, with the console on a terminal\n  \
        cipherdeck serve --headless --listen 127.0.0.1:9000\n  \
        cipherdeck client weight-stats 68.0 65.0 69.0    a first encrypted answer\n\n\
        `cipherdeck COMMAND --help` says more about each command."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API, run the workers, draw the console (the default command)
    Serve(ServeArgs),
    /// Open the console of a server that runs on this machine
    Attach(attach::AttachArgs),
    /// Encrypt, ask a server, decrypt
    Client(client::ClientArgs),
    /// List, cancel, requeue, delete, reorder everybody's tasks
    Tasks(tasks::TasksArgs),
    /// Show who works on what; drain workers
    Workers(workers::WorkersArgs),
    /// Show what successful tasks cost
    History(history::HistoryArgs),
    /// Show who did what
    Audit(audit::AuditArgs),
    /// Measure a whole server: single runs, load, a report
    Bench(bench::BenchArgs),
    /// Show or change which lines the log of a running server has
    LogLevel(log_level::LogLevelArgs),
    /// Make, list and revoke tokens
    Token(token::TokenArgs),
    /// Make a certificate to try TLS with
    Certificate(certificate::CertificateArgs),
    /// Print completions for a shell
    Completions(packaging::CompletionsArgs),
    /// Write manual pages
    Man(man::ManArgs),
    /// Ask a server whether it takes work
    Health(health::HealthArgs),
}

/// Why a command failed.
enum Failure {
    /// Arguments or settings are wrong: exit code 2.
    Usage(color_eyre::Report),
    /// Anything else: exit code 1.
    Failed(color_eyre::Report),
}

impl Failure {
    /// Of a server that does not start, or would not.
    fn of_start(error: StartError) -> Self {
        if error.is_configuration() { Self::Usage(error.into()) } else { Self::Failed(error.into()) }
    }
}

impl<E: Into<color_eyre::Report>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(args) => serve::run(args).map(|()| ExitCode::SUCCESS),
        Command::Attach(args) => attach::run(args),
        Command::Client(args) => client::run(args).map_err(Failure::Failed),
        Command::Tasks(args) => tasks::run(args).map_err(Failure::Failed),
        Command::Workers(args) => workers::run(args).map_err(Failure::Failed),
        Command::History(args) => history::run(args).map_err(Failure::Failed),
        Command::Audit(args) => audit::run(args).map_err(Failure::Failed),
        Command::Bench(args) => bench::run(args),
        Command::LogLevel(args) => log_level::run(args).map_err(Failure::Failed),
        Command::Token(args) => token::run(args),
        Command::Certificate(args) => certificate::run(args),
        Command::Completions(args) => packaging::completions(&args),
        Command::Man(args) => man::run(&args),
        Command::Health(args) => health::run(&args).map_err(Failure::Failed),
    };
    match result {
        Ok(code) => code,
        Err(Failure::Failed(error)) => complain(&error, ExitCode::FAILURE),
        Err(Failure::Usage(error)) => complain(&error, ExitCode::from(USAGE)),
    }
}

/// The one place where a command's error reaches the person, unless the terminal is gone.
fn complain(error: &color_eyre::Report, code: ExitCode) -> ExitCode {
    let mut out = std::io::stderr().lock();
    let _ = writeln!(out, "error: {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(out, "  because: {cause}");
    }
    code
}
