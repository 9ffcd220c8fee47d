//! The columns of the task list, tab by tab, and the list itself.

use ratatui::{
    buffer::Buffer,
    layout::{Alignment, Rect},
    text::Line,
    widgets::{Paragraph, Widget},
};

use super::{
    Screen, bar,
    table::{Align, Column, TableView},
};
use crate::{
    clock::{age, duration, time_or_date},
    snapshot::{Row, Tab, TaskState},
    text::{bytes, fit, number},
    theme::Ink,
};

/// A column: title, cells at least and at most, side, rank (the highest is left out first), text.
macro_rules! column {
    ($title:literal, $min:literal..$max:literal, $align:ident, $rank:literal, $cell:expr) => {
        Column { title: $title, width: ($min, $max), align: Align::$align, rank: $rank, cell: $cell }
    };
}

const STATE: Column<Row> = column!("STATE", 12..12, Left, 0, |row, screen, _| screen.state_cell(row));
const ID: Column<Row> = column!("ID", 8..8, Left, 0, |row, screen, _| screen.cell(Ink::Strong, row.id.short()));
const USE_CASE: Column<Row> =
    column!("USE CASE", 13..18, Left, 0, |row, screen, room| screen.cell(Ink::Text, fit(&row.use_case, room)));
const USER: Column<Row> =
    column!("USER", 8..8, Left, 2, |row, screen, room| screen.cell(Ink::Dim, fit(&row.uid_tag, room)));
const POSITION: Column<Row> = column!("#", 7..9, Right, 0, |row, screen, _| {
    screen.cell(Ink::Text, row.position.map(number).unwrap_or_default())
});
const WAITS: Column<Row> =
    column!("WAITS", 10..10, Right, 0, |row, screen, _| screen.cell(Ink::Text, age(row.created, screen.snapshot.now)));
const PRIORITY: Column<Row> = column!("PRIORITY", 8..8, Right, 4, |row, screen, _| {
    screen.cell(Ink::Text, if row.priority == 0 { String::new() } else { format!("{:+}", row.priority) })
});
const ATTEMPT: Column<Row> = column!("ATTEMPTS", 8..8, Right, 5, |row, screen, _| {
    screen.cell(if row.attempt > 1 { Ink::Warn } else { Ink::Dim }, row.attempt.to_string())
});
const INPUT: Column<Row> =
    column!("INPUT", 10..10, Right, 6, |row, screen, _| screen.cell(Ink::Dim, bytes(row.input_bytes)));
const RESULT: Column<Row> = column!("RESULT", 10..10, Right, 6, |row, screen, _| {
    screen.cell(Ink::Dim, row.result_bytes.map(bytes).unwrap_or_default())
});
const RECEIVED: Column<Row> = column!("RECEIVED", 12..12, Right, 3, |row, screen, _| screen.at(Some(row.received)));
const WORKER: Column<Row> = column!("WORKER", 10..24, Left, 4, |row, screen, room| {
    screen.cell(Ink::Text, fit(row.worker_short.as_deref().unwrap_or_default(), room))
});
const DEVICE: Column<Row> = column!("DEVICE", 6..6, Left, 5, |row, screen, room| {
    screen.cell(Ink::Dim, fit(row.device.as_deref().unwrap_or_default(), room))
});
const PROGRESS: Column<Row> = column!("PROGRESS", 14..40, Left, 1, |row, screen, room| screen.progress(row, room));
const RUNS: Column<Row> = column!("RUNS", 10..10, Right, 0, |row, screen, _| {
    screen.cell(Ink::Text, row.started.map(|at| age(at, screen.snapshot.now)).unwrap_or_default())
});
const LEFT: Column<Row> = column!("LEFT", 10..10, Right, 3, |row, screen, _| screen.cell(Ink::Dim, screen.left(row)));
const WAITED: Column<Row> = column!("WAITED", 10..12, Right, 3, |row, screen, _| {
    screen.cell(Ink::Dim, row.waited().map(duration).unwrap_or_default())
});
const TOOK: Column<Row> = column!("TOOK", 10..12, Right, 1, |row, screen, _| {
    screen.cell(Ink::Text, row.ran().map(duration).unwrap_or_default())
});
const ENDED: Column<Row> = column!("ENDED", 12..12, Right, 0, |row, screen, _| screen.at(row.finished));
const EXPIRES: Column<Row> = column!("EXPIRES", 12..12, Right, 6, |row, screen, _| screen.at(row.expires));
const ERROR: Column<Row> = column!("ERROR", 12..90, Left, 0, |row, screen, room| {
    let detail = row.failure_detail.as_deref().filter(|detail| !detail.is_empty());
    let label = row.failure.as_deref().unwrap_or_default();
    screen.cell(Ink::Bad, fit(&detail.map_or(label.to_owned(), |detail| format!("{label}: {detail}")), room))
});
/// What matters most of a task in this state: place, progress, error.
const STANDING: Column<Row> = column!("PROGRESS", 15..40, Left, 0, |row, screen, room| screen.standing(row, room));
/// How long it waits, runs, or took.
const TIME: Column<Row> = column!("TIME", 10..12, Right, 1, |row, screen, _| {
    let counting = row.counting_since().map(|since| age(since, screen.snapshot.now));
    screen.cell(Ink::Text, counting.or_else(|| row.ran().map(duration)).unwrap_or_default())
});
/// When it came to be in this state.
const AT: Column<Row> = column!("AT", 12..12, Right, 3, |row, screen, _| {
    screen.at(match row.state {
        TaskState::Queued => Some(row.created),
        TaskState::Started => row.started,
        TaskState::Completed => row.fetched.or(row.finished),
        _ => row.finished,
    })
});

/// What a tab shows, left to right.
const fn columns(tab: Tab) -> &'static [Column<Row>] {
    match tab {
        Tab::All => const { &[STATE, ID, USE_CASE, USER, STANDING, TIME, AT, WORKER, DEVICE, ATTEMPT] },
        Tab::Queued => const { &[POSITION, ID, USE_CASE, USER, WAITS, PRIORITY, RECEIVED, ATTEMPT, INPUT] },
        Tab::Started => const { &[ID, USE_CASE, USER, PROGRESS, RUNS, LEFT, WORKER, DEVICE, ATTEMPT] },
        Tab::Finished => const { &[STATE, ID, USE_CASE, USER, WAITED, TOOK, ENDED, DEVICE, RESULT, EXPIRES] },
        Tab::Failed => const { &[ID, USE_CASE, USER, ENDED, TOOK, ATTEMPT, ERROR] },
        Tab::Revoked => const { &[ID, USE_CASE, USER, ENDED, TOOK, RECEIVED, WORKER, EXPIRES] },
    }
}

impl Screen<'_> {
    /// The list of tasks.
    pub(super) fn tasks(&self, area: Rect, buffer: &mut Buffer) {
        let Some(page) = self.state.page(self.snapshot) else {
            return self.say_in(area, buffer, "loading");
        };
        let look = self.state.look;
        let mark = |index: usize, row: &Row| {
            let here = index == self.state.table.index() && self.state.table.highlighted() == Some(&row.id);
            let chosen = self.state.table.is_selected(&row.id);
            let bar = self.span(Ink::Accent, if here { look.pick("▌", ">") } else { " " });
            let dot = self.span(Ink::Warn, if chosen { look.pick("◆", "*") } else { " " });
            (Line::from(vec![bar, dot]), here.then(|| self.style(Ink::Highlight)))
        };
        TableView {
            columns: columns(self.state.tab),
            rows: &page.rows,
            screen: self,
            mark: &mark,
            title_style: self.style(Ink::Dim),
        }
        .render(area, buffer);
        if page.rows.is_empty() {
            self.say_in(area, buffer, self.nothing());
        }
    }

    /// Why the list is empty.
    fn nothing(&self) -> &'static str {
        match self.state.tab {
            _ if !self.state.filter.is_empty() => "nothing matches the filter (esc: drop it)",
            Tab::All => "no tasks yet",
            Tab::Queued => "nothing waits",
            Tab::Started => "nothing runs",
            Tab::Finished => "nothing has finished yet",
            Tab::Failed => "nothing has failed",
            Tab::Revoked => "nothing was cancelled",
        }
    }

    fn say_in(&self, area: Rect, buffer: &mut Buffer, text: &str) {
        let middle = Rect { y: area.y + area.height / 2, height: 1.min(area.height), ..area };
        Paragraph::new(Line::from(self.span(Ink::Dim, text))).alignment(Alignment::Center).render(middle, buffer);
    }

    fn cell(&self, role: Ink, text: impl AsRef<str>) -> Line<'static> {
        Line::from(self.span(role, text))
    }

    /// A moment; of another day, with its date.
    fn at(&self, at: Option<crate::clock::Millis>) -> Line<'static> {
        let (now, offset) = (self.snapshot.now, self.snapshot.utc_offset_s);
        self.cell(Ink::Dim, at.map(|at| time_or_date(at, now, offset)).unwrap_or_default())
    }

    /// Sign and word of a state; an action under way comes first.
    pub(super) fn state_cell(&self, row: &Row) -> Line<'static> {
        let look = self.state.look;
        if let Some(action) = self.state.pending.get(&crate::Target::Task(row.id.clone())) {
            return self.cell(Ink::Warn, format!("{} {}", look.pick("◌", "~"), action.pending()));
        }
        if row.cancelling && row.state == TaskState::Started {
            return self.cell(Ink::Warn, format!("{} cancelling", look.pick("◌", "~")));
        }
        self.cell(look.role(row.state), format!("{} {}", look.sign(row.state), row.state.word()))
    }

    /// A bar and its percentage.
    pub(super) fn progress(&self, row: &Row, room: usize) -> Line<'static> {
        if let Some(action) = self.state.pending.get(&crate::Target::Task(row.id.clone())) {
            return self.cell(Ink::Warn, action.pending());
        }
        if row.cancelling {
            return self.cell(Ink::Warn, if room < 24 { "stopping" } else { "stops at its next step" });
        }
        let share = row.progress.unwrap_or(0.0).clamp(0.0, 1.0);
        let (filled, rest) = bar(share, room.saturating_sub(6), self.state.look.charset);
        Line::from(vec![
            self.span(Ink::Accent, filled),
            self.span(Ink::Dim, self.state.look.pick("░", ".").repeat(rest)),
            // Rounded down: 100 % is for what is done.
            self.span(Ink::Text, format!(" {:>3.0} %", (share * 100.0).floor())),
        ])
    }

    /// Time left, guessed from the progress so far.
    pub(super) fn left(&self, row: &Row) -> String {
        let left = row.remaining(self.snapshot.now).filter(|_| !row.cancelling);
        left.map(|millis| format!("~{}", age(0, millis))).unwrap_or_default()
    }

    fn standing(&self, row: &Row, room: usize) -> Line<'static> {
        match row.state {
            TaskState::Queued => {
                let place = row.position.map(|place| format!("#{}", number(place))).unwrap_or_default();
                let priority = if row.priority == 0 { String::new() } else { format!("  priority {:+}", row.priority) };
                self.cell(Ink::Text, fit(&(place + &priority), room))
            }
            TaskState::Started => self.progress(row, room),
            TaskState::Success => self.cell(Ink::Dim, fit("result ready", room)),
            TaskState::Completed => self.cell(Ink::Dim, fit("result fetched", room)),
            TaskState::Failure => self.cell(Ink::Bad, fit(row.failure.as_deref().unwrap_or_default(), room)),
            TaskState::Revoked => self.cell(Ink::Dim, ""),
        }
    }
}
