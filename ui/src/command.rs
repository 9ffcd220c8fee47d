//! What the host is asked to do.

use std::collections::BTreeMap;

use crate::{
    action::{Action, Target},
    filter::Filter,
    snapshot::{Level, ScreenKind, Span, Tab, TaskId, Timed},
    state::Memory,
};

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// The first.
    First,
    /// The one behind the present one.
    Next,
    /// The one before.
    Previous,
    /// The present one again, with another number of rows.
    Same,
}

/// A page of tasks to load. It stays what the host keeps up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Which states.
    pub tab: Tab,
    /// Further conditions.
    pub filter: Filter,
    /// Which page.
    pub go: Go,
    /// Rows on the screen.
    pub limit: usize,
}

/// The run history to reduce. It stays what the host keeps up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryQuery {
    /// How far back.
    pub span: Span,
    /// What to show in detail; `None`: the first line of the table.
    pub chosen: Option<Timed>,
    /// Buckets of the chart.
    pub buckets: usize,
    /// Classes of the histogram.
    pub classes: usize,
}

/// Where a window of log lines lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFrom {
    /// At the end, and stays there as lines come.
    Newest,
    /// At the beginning.
    Oldest,
    /// Ends before the line of this number.
    Before(u64),
    /// Begins behind the line of this number; where fewer than a window follow, it ends with the newest.
    After(u64),
    /// Ends with the line of this number, and stays there.
    Until(u64),
}

/// A window of log lines. It stays what the host keeps up to date; lines that leave the ring leave the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// Lines at least so serious.
    pub level: Level,
    /// Target or text contains this, upper or lower case; empty: all. The id of a task gives its lines.
    pub text: String,
    /// Where.
    pub from: LogFrom,
    /// Lines on the screen.
    pub limit: usize,
}

/// A page of the audit log. It stays what the host keeps up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditQuery {
    /// Any field contains this, upper or lower case; empty: all.
    pub text: String,
    /// Which page.
    pub go: Go,
    /// Rows on the screen.
    pub limit: usize,
}

/// Every task that matches, for [`Command::Gather`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gathered {
    /// What was asked for.
    pub tab: Tab,
    /// What was asked for.
    pub filter: Filter,
    /// The tasks, at most [`crate::table::MAX_SELECTED`].
    pub tasks: BTreeMap<TaskId, Memory>,
    /// There are more.
    pub truncated: bool,
}

/// A wish of the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// This screen is looked at from now on: fill what it shows, and no more. The first one is
    /// [`ScreenKind::Tasks`], unasked. What is to be on it follows as a query.
    Look(ScreenKind),
    /// Show this page and keep it up to date.
    Load(Query),
    /// Show this of the run history. One may come with every key: only the newest is to be answered.
    History(HistoryQuery),
    /// Show these log lines. One may come with every key: only the newest is to be answered.
    Logs(LogQuery),
    /// Show this page of the audit log.
    Audit(AuditQuery),
    /// Keep this task up to date as [`crate::Snapshot::watched`] and [`crate::Snapshot::detail`]; `None`: no task.
    Watch(Option<TaskId>),
    /// Answer with the ids of every task that matches: [`crate::Event::Gathered`].
    Gather {
        /// Which states.
        tab: Tab,
        /// Further conditions.
        filter: Filter,
    },
    /// Do this to exactly these and answer with [`crate::Event::Answered`].
    Act {
        /// What.
        action: Action,
        /// To which. At most [`crate::table::MAX_SELECTED`].
        targets: Vec<Target>,
    },
    /// Write the runs of this span to a file and name it with [`crate::Event::Said`].
    Export(Span),
    /// Put this text into the terminal's clipboard (OSC 52).
    Copy(String),
    /// Stop (`true`) or go on changing the snapshot.
    Freeze(bool),
    /// Close the dashboard; the server goes on.
    Leave,
    /// Close the dashboard, drain and stop the server.
    Drain,
}
