//! Where words go: the answer to standard output, everything else to standard error.

use std::{
    fmt::Display,
    io::{IsTerminal as _, Write as _, stderr, stdout},
    process::ExitCode,
    sync::Arc,
};

use serde_json::Value;

use super::{
    Failure,
    progress::{Bars, Lines},
};
use crate::client::{
    ClientError,
    flow::{Observer, Quiet},
};

/// For people, or one JSON object for programs.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Output {
    json: bool,
}

impl Output {
    pub(in crate::cli) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Is the answer for programs?
    pub(in crate::cli) const fn is_json(self) -> bool {
        self.json
    }

    /// Bars on a terminal, short lines elsewhere, nothing for programs.
    pub(in crate::cli) fn observer(self) -> Arc<dyn Observer> {
        if self.json {
            Arc::new(Quiet)
        } else if stderr().is_terminal() {
            Arc::new(Bars::default())
        } else {
            Arc::new(Lines)
        }
    }

    /// The answer. A reader that has gone away (`| head`) is no failure.
    pub(in crate::cli) fn answer(
        self,
        json: impl FnOnce() -> Value,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        let line = if self.json { json().to_string() } else { text() };
        let mut out = stdout().lock();
        match writeln!(out, "{line}").and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(ClientError::File { path: "standard output".to_owned(), problem: error.to_string() }.into())
            }
            _ => Ok(()),
        }
    }

    /// A line beside the answer, for people only.
    pub(in crate::cli) fn note(self, line: impl Display) {
        if !self.json {
            let _gone_reader = writeln!(stderr().lock(), "{line}");
        }
    }

    pub(in crate::cli) fn failure(self, failure: &Failure) -> ExitCode {
        let text = if self.json { failure.json().to_string() } else { failure.lines() };
        let _gone_reader = writeln!(stderr().lock(), "{text}");
        ExitCode::from(failure.code())
    }
}
