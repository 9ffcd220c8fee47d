//! Run history, log and audit log: what is looked at in each.

use super::State;
use crate::{
    command::{HistoryQuery, LogFrom, LogQuery},
    order,
    snapshot::{AuditRow, Level, Snapshot, Span, Summary, Timed},
    table::{Shown, Table},
};

/// The run history.
#[derive(Debug, Clone, Default)]
pub struct HistoryView {
    /// Highlight.
    pub table: Table<Timed>,
    /// How far back.
    pub span: Span,
    /// What the host was last asked for.
    pub asked: Option<HistoryQuery>,
}

impl HistoryView {
    /// Its rows in the order in which they are shown.
    pub fn rows<'a>(&self, snapshot: &'a Snapshot) -> Vec<&'a Summary> {
        let rows = snapshot.history.as_ref().map_or(&[] as &[_], |history| &history.rows);
        self.table.sorted(rows, order::HISTORY)
    }
}

/// The log.
#[derive(Debug, Clone)]
pub struct LogsView {
    /// Highlight, by the numbers of lines.
    pub table: Table<u64>,
    /// Lines at least so serious.
    pub level: Level,
    /// What it was before a jump to the lines of a task.
    pub level_before: Option<Level>,
    /// Lines that contain this.
    pub text: String,
    /// Where the window lies.
    pub from: LogFrom,
    /// What the host was last asked for.
    pub asked: Option<LogQuery>,
}

impl Default for LogsView {
    fn default() -> Self {
        Self {
            table: Table::default(),
            level: Level::Info,
            level_before: None,
            text: String::new(),
            from: LogFrom::Newest,
            asked: None,
        }
    }
}

impl LogsView {
    /// Does the window stay at the newest line?
    pub fn follows(&self) -> bool {
        self.from == LogFrom::Newest
    }
}

/// The audit log.
#[derive(Debug, Clone, Default)]
pub struct AuditView {
    /// Highlight, by the numbers of rows.
    pub table: Table<u64>,
    /// Rows that contain this.
    pub text: String,
    /// The first page is wanted, because what is looked for has changed.
    pub from_start: bool,
    /// Rows that the host was last asked for.
    pub limit: usize,
}

impl AuditView {
    /// Its rows in the order in which they are shown.
    pub fn rows<'a>(&self, snapshot: &'a Snapshot) -> Vec<&'a AuditRow> {
        let rows = snapshot.audit.as_ref().map_or(&[] as &[_], |page| &page.rows);
        self.table.sorted(rows, order::AUDIT)
    }
}

impl State {
    pub(crate) fn history_shown(&self, snapshot: &Snapshot) -> Option<Shown<Timed>> {
        snapshot.history.as_ref()?;
        let keys = self.history.rows(snapshot).into_iter().map(|row| row.timed.clone()).collect();
        Some(Shown { keys, before: 0, more: false, page: self.rows() / 2 })
    }

    pub(crate) fn logs_shown(snapshot: &Snapshot) -> Option<Shown<u64>> {
        let logs = snapshot.logs.as_ref()?;
        let keys = logs.lines.iter().map(|line| line.seq).collect();
        Some(Shown { keys, before: logs.older, more: logs.newer > 0, page: 0 })
    }

    pub(crate) fn audit_shown(&self, snapshot: &Snapshot) -> Option<Shown<u64>> {
        let page = snapshot.audit.as_ref()?;
        let keys = self.audit.rows(snapshot).into_iter().map(|row| row.seq).collect();
        Some(Shown { keys, before: page.before, more: page.more, page: 0 })
    }

    /// The part of the run history that this screen has room for.
    pub(crate) fn history_query(&self) -> HistoryQuery {
        let (chart, histogram) = crate::layout::chart_widths(self.area.width);
        HistoryQuery {
            span: self.history.span,
            chosen: self.history.table.highlighted().cloned(),
            buckets: usize::from(chart) * 2,
            classes: usize::from(histogram),
        }
    }
}
