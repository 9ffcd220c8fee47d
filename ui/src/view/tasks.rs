//! The columns of the task list, tab by tab, and the list itself.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{
    Screen, bar,
    table::{Column, List, column},
};
use crate::{
    Target,
    clock::{age, duration},
    order,
    snapshot::{Row, Tab, TaskState},
    text::{bytes, fit, number, width},
    theme::Ink,
};

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
    column!("WAITS", 11..11, Right, 0, |row, screen, _| screen.cell(Ink::Text, age(row.created, screen.snapshot.now)));
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
const RUNS: Column<Row> = column!("RUNS", 11..11, Right, 0, |row, screen, _| {
    screen.cell(Ink::Text, row.started.map(|at| age(at, screen.snapshot.now)).unwrap_or_default())
});
const LEFT: Column<Row> = column!("LEFT", 12..12, Right, 3, |row, screen, _| screen.cell(Ink::Dim, screen.left(row)));
const WAITED: Column<Row> = column!("WAITED", 11..12, Right, 3, |row, screen, _| {
    screen.cell(Ink::Dim, row.waited().map(duration).unwrap_or_default())
});
const TOOK: Column<Row> = column!("TOOK", 11..12, Right, 1, |row, screen, _| {
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
const TIME: Column<Row> = column!("TIME", 10..12, Right, 1, |row, screen, room| {
    let counting = row.counting_since().map(|since| age(since, screen.snapshot.now));
    let ran = || row.ran().map(|millis| rounded(millis, room));
    screen.cell(Ink::Text, counting.or_else(ran).unwrap_or_default())
});
/// When it came to be in this state.
const AT: Column<Row> = column!("AT", 12..12, Right, 3, |row, screen, _| screen.at(order::entered(row)));

/// A duration; in whole minutes where there is no room for its seconds.
fn rounded(millis: i64, room: usize) -> String {
    let exact = duration(millis);
    if width(&exact) <= room { exact } else { age(0, millis) }
}

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
        let view = &self.state.tasks;
        if view.page(self.snapshot).is_none() {
            return self.say_in(area, buffer, "loading");
        }
        let sort = view.table.sort.and_then(|sort| order::tasks(view.tab).get(sort.order));
        let list = List {
            columns: columns(view.tab),
            rows: &view.rows(self.snapshot),
            key: |row: &Row| row.id.clone(),
            table: &view.table,
            sorted: sort.map(|order| order.title),
            snug: false,
            nothing: self.nothing(),
        };
        self.list(area, buffer, &list);
    }

    /// Why the list is empty.
    fn nothing(&self) -> &'static str {
        match self.state.tasks.tab {
            _ if !self.state.tasks.filter.is_empty() => "nothing matches the filter (esc: drop it)",
            Tab::All => "no tasks yet",
            Tab::Queued => "nothing waits",
            Tab::Started => "nothing runs",
            Tab::Finished => "nothing has finished yet",
            Tab::Failed => "nothing has failed",
            Tab::Revoked => "nothing was cancelled",
        }
    }

    /// What is being done to it.
    pub(super) fn pending(&self, row: &Row) -> Option<crate::Action> {
        // No key is made for every cell: mostly nothing is under way.
        if self.state.pending.is_empty() {
            None
        } else {
            self.state.pending.get(&Target::Task(row.id.clone())).copied()
        }
    }

    /// Sign and word of a state; an action under way comes first.
    pub(super) fn state_cell(&self, row: &Row) -> Line<'static> {
        let look = self.state.look;
        if let Some(action) = self.pending(row) {
            return self.cell(Ink::Warn, format!("{} {}", look.pick("◌", "~"), action.pending()));
        }
        if row.cancelling && row.state == TaskState::Started {
            return self.cell(Ink::Warn, format!("{} cancelling", look.pick("◌", "~")));
        }
        self.cell(look.ink(row.state), format!("{} {}", look.sign(row.state), row.state.word()))
    }

    /// A bar and its percentage.
    pub(super) fn progress(&self, row: &Row, room: usize) -> Line<'static> {
        if let Some(action) = self.pending(row) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_list_is_sorted_by_is_one_of_its_columns() {
        for tab in Tab::ALL {
            for order in order::tasks(tab) {
                assert!(columns(tab).iter().any(|column| column.title == order.title), "{tab:?}: {}", order.title);
            }
        }
    }
}
