//! What packages want of a program: completions for shells, manual pages, an exact version.

use std::{io::Write as _, path::PathBuf, process::ExitCode, sync::LazyLock};

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use color_eyre::eyre::WrapErr as _;

use super::{Cli, Failure};
use crate::{
    fhe::{PARAMETER_SET, PARAMETER_SET_NAME},
    use_cases::wire,
};

/// What `--version` says: everything on which two sides have to agree.
pub(super) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let features = if cfg!(feature = "s3") { "s3" } else { "none" };
    let wire = wire::VERSION;
    format!(
        "{}\nfeatures: {features}\nparameter set {PARAMETER_SET}: {PARAMETER_SET_NAME}\nwire formats: CDK{wire}, CDR{wire}\n",
        env!("CARGO_PKG_VERSION")
    )
});

const COMPLETIONS: &str = "\
Examples:
  cipherdeck completions bash > /usr/share/bash-completion/completions/cipherdeck
  cipherdeck completions zsh > ~/.zfunc/_cipherdeck
  cipherdeck completions fish > ~/.config/fish/completions/cipherdeck.fish";

const MAN: &str = "\
Examples:
  cipherdeck man --out /usr/local/share/man/man1
  cipherdeck man --out . && man ./cipherdeck.1";

/// `cipherdeck completions`
#[derive(Args)]
#[command(about = "Print completions for a shell", after_help = COMPLETIONS)]
pub(super) struct CompletionsArgs {
    /// For which shell
    shell: Shell,
}

pub(super) fn completions(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "cipherdeck", &mut script);
    std::io::stdout().write_all(&script).wrap_err("standard output")?;
    Ok(ExitCode::SUCCESS)
}

/// `cipherdeck man`
#[derive(Args)]
#[command(about = "Write manual pages, one for each command", after_help = MAN)]
pub(super) struct ManArgs {
    /// An existing directory
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn man(args: &ManArgs) -> Result<ExitCode, Failure> {
    clap_mangen::generate_to(Cli::command(), &args.out).wrap_err_with(|| args.out.display().to_string())?;
    Ok(ExitCode::SUCCESS)
}
