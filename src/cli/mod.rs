//! Commands: one file each.

pub mod client;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cipherdeck", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Encrypt, ask a server, decrypt
    Client(client::ClientArgs),
}

/// Runs the program.
pub fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Client(args) => client::run(args).unwrap_or(ExitCode::FAILURE),
    }
}
