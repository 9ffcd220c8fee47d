//! What the operators' commands share: where the server is, who asks, and how the answer is shown. They always talk
//! HTTP, also to a server on this machine.

use std::{
    fmt::Write as _,
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
};

use clap::Args;
use color_eyre::eyre::WrapErr as _;
use comfy_table::{Cell, CellAlignment, Table, presets};

pub(super) use super::client::{failure::Failure, output::Output};
use super::server::{COMMON, Server};
use crate::{
    client::{ClientError, api::Api},
    task::Timestamp,
    text::sanitise,
};

/// Result of a command.
pub(super) type Result<T> = std::result::Result<T, Failure>;

/// Which server, and who asks.
#[derive(Args)]
pub(super) struct Remote {
    #[command(flatten)]
    server: Server,
    /// Print exactly one JSON object, and an error as one on standard error
    #[arg(long, global = true, help_heading = COMMON)]
    json: bool,
}

/// Runs a command against its server. Its failures are printed here, because `--json` has them as an object.
///
/// # Errors
/// When the asynchronous runtime cannot be made.
pub(super) fn run(
    remote: &Remote,
    work: impl AsyncFnOnce(&Api, Output) -> Result<ExitCode>,
) -> color_eyre::Result<ExitCode> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().wrap_err("cannot start the runtime")?;
    let output = Output::new(remote.json);
    let done = runtime.block_on(async {
        let api = remote.server.api().map_err(ClientError::from)?;
        work(&api, output).await
    });
    Ok(done.unwrap_or_else(|failure| output.failure(&failure)))
}

/// Asks a person, unless they have said yes already.
///
/// # Errors
/// [`Failure::Usage`] when there is nobody to ask.
pub(super) fn confirmed(question: &str, yes: bool) -> Result<bool> {
    if yes {
        return Ok(true);
    }
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Err(Failure::Usage(format!("{question} Nobody is there to ask: say --yes")));
    }
    let mut terminal = std::io::stderr().lock();
    let _gone_reader = write!(terminal, "{question} [y/N] ").and_then(|()| terminal.flush());
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    Ok(read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// An empty table.
pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(header);
    table
}

/// A cell aligned to the right.
pub(super) fn number(text: impl ToString) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// A cell with text from the server, made harmless.
pub(super) fn text(text: &str) -> Cell {
    Cell::new(sanitise(text, 120))
}

/// A moment to the second, or nothing.
pub(super) fn moment(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string().chars().take(19).chain(['Z']).collect()).unwrap_or_default()
}

/// Seconds as people say them: `7 s`, `12 min`, `3 h`, `2 d`.
pub(super) fn span(seconds: f64) -> String {
    let mut text = String::new();
    let (count, unit) = match seconds {
        ..120.0 => (seconds, "s"),
        ..7_200.0 => (seconds / 60.0, "min"),
        ..172_800.0 => (seconds / 3_600.0, "h"),
        _ => (seconds / 86_400.0, "d"),
    };
    // Writing to a String cannot fail.
    let _ = write!(text, "{:.0} {unit}", count.max(0.0).floor());
    text
}

/// Query parameters of what was said.
pub(super) fn parameters(all: &[(&'static str, Option<String>)]) -> Vec<(&'static str, String)> {
    all.iter().filter_map(|(name, value)| Some((*name, value.clone()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_short_and_never_rounded_up() {
        for (seconds, shown) in [
            (-3.0, "0 s"),
            (0.0, "0 s"),
            (119.9, "119 s"),
            (120.0, "2 min"),
            (7_199.0, "119 min"),
            (7_200.0, "2 h"),
            (172_800.0, "2 d"),
        ] {
            assert_eq!(span(seconds), shown);
        }
    }

    #[test]
    fn a_moment_is_shown_to_the_second() {
        let at = Timestamp::from_millis(1_795_358_684_123);
        assert_eq!(moment(Some(at)), "2026-11-22T14:44:44Z");
    }
}
