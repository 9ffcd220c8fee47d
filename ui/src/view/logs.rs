//! The log and the audit log.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Screen,
    table::{Column, List, column},
};
use crate::{
    clock::{date_time, time},
    order,
    snapshot::{AuditRow, LogLine},
    text::fit,
    theme::Ink,
};

const LINES: &[Column<LogLine>] = &[
    column!("TIME", 8..8, Left, 0, |line, screen, _| {
        screen.cell(Ink::Dim, time(line.at, screen.snapshot.utc_offset_s))
    }),
    column!("LEVEL", 5..5, Left, 0, |line, screen, _| {
        screen.cell(Screen::level_ink(line.level), line.level.word())
    }),
    column!("TARGET", 14..20, Left, 1, |line, screen, room| screen.target(line, room)),
    column!("TEXT", 30..2_000, Left, 0, |line, screen, room| {
        screen.cell(Screen::level_ink(line.level), fit(&line.text, room))
    }),
];

const ACTS: &[Column<AuditRow>] = &[
    column!("TIME", 19..19, Left, 0, |row, screen, _| {
        screen.cell(Ink::Dim, date_time(row.at, screen.snapshot.utc_offset_s))
    }),
    column!("WHO", 12..60, Left, 0, |row, screen, room| screen.cell(Ink::Strong, fit(&row.actor, room))),
    column!("DOOR", 8..8, Left, 2, |row, screen, room| screen.cell(Ink::Dim, fit(&row.door, room))),
    column!("ACTION", 9..16, Left, 0, |row, screen, room| screen.cell(Ink::Text, fit(&row.action, room))),
    column!("OBJECT", 18..64, Left, 0, |row, screen, room| screen.cell(Ink::Text, fit(&row.object, room))),
    column!("RESULT", 12..60, Left, 1, |row, screen, room| screen.cell(Ink::Text, fit(&row.result, room))),
];

impl Screen<'_> {
    /// The screen of the log.
    pub(super) fn logs(&self, area: Rect, buffer: &mut Buffer) {
        let Some(logs) = &self.snapshot.logs else { return self.say_in(area, buffer, "loading") };
        let list = List {
            columns: LINES,
            rows: &logs.lines.iter().collect::<Vec<_>>(),
            key: |line: &LogLine| line.seq,
            table: &self.state.logs.table,
            sorted: None,
            snug: false,
            nothing: "no line matches",
        };
        self.list(area, buffer, &list);
    }

    /// The module, without the name of the program before it.
    fn target(&self, line: &LogLine, room: usize) -> ratatui::text::Line<'static> {
        let own = line.target.strip_prefix(self.snapshot.server.name.as_str());
        let short = own.and_then(|rest| rest.strip_prefix("::")).unwrap_or(&line.target);
        self.cell(Ink::Dim, fit(short, room))
    }

    /// The screen of what operators have done.
    pub(super) fn audit(&self, area: Rect, buffer: &mut Buffer) {
        if self.snapshot.audit.is_none() {
            return self.say_in(area, buffer, "loading");
        }
        let view = &self.state.audit;
        let sort = view.table.sort.and_then(|sort| order::AUDIT.get(sort.order));
        let nothing = if view.text.is_empty() { "nobody has changed anything yet" } else { "no act matches" };
        let list = List {
            columns: ACTS,
            rows: &view.rows(self.snapshot),
            key: |row: &AuditRow| row.seq,
            table: &view.table,
            sorted: sort.map(|order| order.title),
            snug: true,
            nothing,
        };
        self.list(area, buffer, &list);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_audit_log_is_sorted_by_is_one_of_its_columns() {
        let has = |title| ACTS.iter().any(|column| column.title == title);
        assert!(order::AUDIT.iter().all(|order| has(order.title)));
    }
}
