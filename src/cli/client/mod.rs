//! `cipherdeck client`: arguments in, answer on standard output, exit code out.

mod args;
mod ask;
pub(super) mod failure;
mod help;
pub(super) mod interrupt;
mod keys;
mod offline;
pub(super) mod output;
mod progress;
mod show;

use std::{process::ExitCode, sync::Arc};

use color_eyre::eyre::WrapErr as _;
use tokio_util::sync::CancellationToken;

pub use args::ClientArgs;
use args::Command;
use failure::Failure;
use output::Output;

use crate::client::{ClientError, flow::Session, wallet::Wallet};

/// Runs a client command. Its own failures are printed here, because `--json` has them as an object; an `Err` is a
/// fault of the machine (no threads, no reactor).
///
/// # Errors
/// When the asynchronous runtime cannot be made.
pub fn run(args: ClientArgs) -> color_eyre::Result<ExitCode> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().wrap_err("cannot start the runtime")?;
    let output = Output::new(args.json);
    let done = runtime.block_on(dispatch(args, output));
    // A key generation that was interrupted would hold the process for seconds.
    runtime.shutdown_background();
    Ok(match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => output.failure(&failure),
    })
}

async fn dispatch(args: ClientArgs, output: Output) -> Result<(), Failure> {
    let stop = CancellationToken::new();
    interrupt::watch(stop.clone());
    let dir = args.wallet.map_or_else(Wallet::default_dir, Ok).map_err(ClientError::from)?;
    let api = args.server.api().map_err(ClientError::from)?;
    let session = Session::new(api, Wallet::at(dir), Arc::clone(&output.observer()), stop);
    match args.command {
        Command::WeightStats(input) => ask::weight_stats(&session, input, output).await,
        Command::SleepQuality(input) => ask::sleep_quality(&session, input, output).await,
        Command::AdTargeting(input) => ask::ad_targeting(&session, input, output).await,
        Command::Keygen => keys::keygen(&session, output).await,
        Command::Encrypt { use_case } => offline::encrypt(&session, use_case, output).await,
        Command::Decrypt { use_case } => offline::decrypt(&session, use_case, output).await,
        Command::Forget(how) => keys::forget(&session, how, output).await,
    }
}
