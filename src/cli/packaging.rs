//! What packages want of a program: completions for shells, an exact version.

use std::{io::Write as _, process::ExitCode, sync::LazyLock};

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
    let features = [("s3", cfg!(feature = "s3")), ("otlp", cfg!(feature = "otlp"))];
    let features: Vec<_> = features.iter().filter(|(_, built_in)| *built_in).map(|(name, _)| *name).collect();
    let features = if features.is_empty() { "none".to_owned() } else { features.join(", ") };
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
