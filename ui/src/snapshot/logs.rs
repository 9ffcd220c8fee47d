//! Log lines: at most a screenful of them; the host keeps the rest.

use crate::clock::Millis;

/// How serious.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Level {
    /// Step by step.
    Trace,
    /// For developers.
    Debug,
    /// What happens.
    #[default]
    Info,
    /// Odd, but handled.
    Warn,
    /// Failed.
    Error,
}

impl Level {
    /// Every level, least serious first.
    pub const ALL: [Self; 5] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error];

    /// Its word in five characters or less.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogLine {
    /// Its number: each line has a greater one than the line before it, gaps are possible.
    pub seq: u64,
    /// When.
    pub at: Millis,
    /// How serious.
    pub level: Level,
    /// The module that wrote it.
    pub target: String,
    /// Message and fields.
    pub text: String,
}

/// The lines on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Logs {
    /// A window of the lines that match, oldest first.
    pub lines: Vec<LogLine>,
    /// Matching lines before the window.
    pub older: u64,
    /// Matching lines behind the window.
    pub newer: u64,
}

impl Logs {
    /// All lines that match.
    pub const fn matching(&self) -> u64 {
        self.older + self.lines.len() as u64 + self.newer
    }
}
