//! How a session ended, in words for the log and for the operator.

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::console) enum End {
    /// The operator left.
    Left,
    /// The operator wants the server to drain and stop.
    Drain,
    /// The server drains.
    Shutdown,
    /// The connection went away, or the client typed what it may not.
    Gone,
    /// The client took nothing for too long.
    Stalled,
    /// It panicked, or could not be drawn.
    Failed,
    /// There was nothing to draw on.
    NoTerminal,
    /// Too many sessions.
    Full,
}

impl End {
    /// For the log.
    pub(in crate::console) const fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Drain => "chose to drain the server",
            Self::Shutdown => "the server drains",
            Self::Gone => "connection lost",
            Self::Stalled => "the client stopped reading",
            Self::Failed => "failed",
            Self::NoTerminal => "no terminal",
            Self::Full => "too many sessions",
        }
    }

    /// For the operator, on the former screen.
    pub(in crate::console) const fn sentence(self) -> &'static str {
        match self {
            Self::Left | Self::Gone | Self::Stalled => "The console is closed; the server goes on.",
            Self::Drain => "The server drains: running tasks get their grace, then it stops.",
            Self::Shutdown => "The server drains and stops.",
            Self::Failed => "The console failed; the server goes on, and its log says why.",
            Self::NoTerminal => "The console needs a terminal: ssh -t",
            Self::Full => "Too many sessions are open; try again later.",
        }
    }

    /// Did it end as somebody wanted?
    pub(in crate::console) const fn is_wanted(self) -> bool {
        matches!(self, Self::Left | Self::Drain | Self::Shutdown)
    }
}
