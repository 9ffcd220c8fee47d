//! `cipherdeck man`: manual pages.

use std::{io, path::Path, path::PathBuf, process::ExitCode};

use clap::{Args, Command, CommandFactory as _};
use clap_mangen::Man;
use color_eyre::eyre::WrapErr as _;
use roff::{Roff, roman};

use super::{Cli, Failure};
use crate::files;

const EXAMPLES: &str = "\
Examples:
  cipherdeck man --out /usr/local/share/man/man1
  cipherdeck man --out . && man ./cipherdeck.1";

/// Everybody may read a page.
const FOR_ALL: u32 = 0o644;

/// `cipherdeck man`
#[derive(Args)]
#[command(about = "Write manual pages, one for each command", after_help = EXAMPLES)]
pub(super) struct ManArgs {
    /// An existing directory
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn run(args: &ManArgs) -> Result<ExitCode, Failure> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    pages(&command, &args.out).wrap_err_with(|| args.out.display().to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// The page of a command and those of its subcommands.
fn pages(command: &Command, out: &Path) -> io::Result<()> {
    for subcommand in command.get_subcommands().filter(|it| !it.is_hide_set()) {
        pages(subcommand, out)?;
    }
    let page = Man::new(command.clone()).source(concat!("cipherdeck ", env!("CARGO_PKG_VERSION")));
    files::replace(&out.join(page.get_filename()), &rendered(command, &page)?, FOR_ALL)
}

fn rendered(command: &Command, page: &Man) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    if command.get_arguments().any(|it| !it.is_hide_set()) {
        page.render_options_section(&mut text)?;
    }
    if command.get_subcommands().any(|it| !it.is_hide_set()) {
        page.render_subcommands_section(&mut text)?;
    }
    if let Some(notes) = command.get_after_long_help().or_else(|| command.get_after_help()) {
        write_notes(&notes.to_string(), &mut text)?;
    }
    Ok(text)
}

/// What stands behind the options in `--help`: prose is filled, examples keep their lines.
fn write_notes(notes: &str, text: &mut Vec<u8>) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["NOTES"]);
    for paragraph in notes.split("\n\n") {
        roff.control("PP", []);
        let as_it_is = paragraph.lines().any(|line| line.starts_with(' '));
        if as_it_is {
            roff.control("nf", []);
        }
        for line in paragraph.lines() {
            roff.text([roman(line)]);
        }
        if as_it_is {
            roff.control("fi", []);
        }
    }
    roff.to_writer(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_examples_as_they_are_variables_and_the_programs_version() {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        pages(&command, dir.path()).unwrap();
        let page = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
        let keygen = page("cipherdeck-client-keygen.1");
        for part in
            ["CIPHERDECK_WALLET", ".SH NOTES", "\n.nf\nExamples:\n", concat!("cipherdeck ", env!("CARGO_PKG_VERSION"))]
        {
            assert!(keygen.contains(part), "{part}: {keygen}");
        }
        assert!(page("cipherdeck.1").contains("\n.nf\nExamples:\n"));
    }
}
