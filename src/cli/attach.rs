//! `cipherdeck attach`: the console of a server that already runs on this machine.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;
use color_eyre::eyre::WrapErr as _;

use super::{Failure, place::Place};
use crate::{config::Thing, console::attach};

const HELP: &str = "\
Examples:
  cipherdeck attach                                  the default data directory
  cipherdeck attach --data-dir /var/lib/cipherdeck   another one (as the server's user, or root)
  docker exec -it cipherdeck cipherdeck attach       in a container

The server may be headless, in a container, or have a console elsewhere; several may attach
at once. Only the user whose server it is, and root, may; both are operators.

Every key is the console's, Ctrl-C and Ctrl-Z too: q leaves or drains the server. If the server does
not react any more, Ctrl-C three times gives the terminal back.

Exit codes: 0 left, or the server drains; 1 failed; 2 wrong usage.";

/// `cipherdeck attach`
#[derive(Args)]
#[command(about = "Open the console of a server that runs on this machine", after_help = HELP)]
pub(super) struct AttachArgs {
    #[command(flatten)]
    place: Place,
    /// The server's socket [default: console.sock in its data directory]
    #[arg(long, value_name = "PATH", conflicts_with_all = ["data_dir", "config"])]
    socket: Option<PathBuf>,
}

pub(super) fn run(args: AttachArgs) -> Result<ExitCode, Failure> {
    let socket = match args.socket {
        Some(socket) => socket,
        None => args.place.of(Thing::ConsoleSocket)?,
    };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().wrap_err("starting the runtime")?;
    let result = runtime.block_on(attach::attach(&socket));
    // A terminal that takes nothing is not waited for.
    runtime.shutdown_background();
    let farewell = result?;
    // A terminal that is gone is not told.
    let _ = writeln!(io::stderr(), "{}", farewell.sentence);
    Ok(if farewell.wanted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
