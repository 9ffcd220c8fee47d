//! Movements: of the highlight, over the ends of a page, within what is open.

use crate::{
    command::{Command, Go, LogFrom},
    help,
    snapshot::{ScreenKind, Snapshot},
    state::{Popup, State},
    table::{Edge, Step},
};

/// The details of a task, its attempts and log lines are hardly longer.
const DETAILS_LINES: usize = 80;

impl State {
    /// Moves what the key means.
    pub(super) fn go(&mut self, step: Step, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        if self.popup.is_some() {
            self.go_in_popup(step, snapshot);
        } else if self.shows_details() && matches!(step, Step::PageUp | Step::PageDown) {
            let by = usize::from(self.area.height) / 4;
            let from = self.tasks.details_from;
            self.tasks.details_from =
                if step == Step::PageUp { from.saturating_sub(by) } else { (from + by).min(DETAILS_LINES) };
        } else {
            match self.screen {
                ScreenKind::Tasks => self.go_in_tasks(step, snapshot, commands),
                ScreenKind::Workers => {
                    self.fleet_shown(snapshot).map(|shown| self.fleet.step(step, &shown));
                }
                ScreenKind::Benchmarks => {
                    self.history_shown(snapshot).map(|shown| self.history.table.step(step, &shown));
                }
                ScreenKind::Logs => self.go_in_logs(step, snapshot),
                ScreenKind::Audit => self.go_in_audit(step, snapshot, commands),
            }
        }
    }

    fn go_in_popup(&mut self, step: Step, snapshot: &Snapshot) {
        let room = usize::from(self.area.height.saturating_sub(4));
        let by = if matches!(step, Step::PageUp | Step::PageDown) { room } else { 1 };
        let (line, last) = match &mut self.popup {
            Some(Popup::Help(line)) => {
                (line, help::lines(self.screen, snapshot, help::room(self.area.width)).len().saturating_sub(room))
            }
            Some(Popup::Note(note)) => {
                let last = note.lines(self.area.width).saturating_sub(room);
                (&mut note.from, last)
            }
            Some(Popup::Queues(index)) => (index, snapshot.server.use_cases.len().saturating_sub(1)),
            _ => return,
        };
        *line = if matches!(step, Step::Up | Step::PageUp) { line.saturating_sub(by) } else { (*line + by).min(last) };
    }

    /// In the list of tasks. What comes before the page it is meant for waits for it.
    pub(super) fn go_in_tasks(&mut self, step: Step, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        if snapshot.stale_since().is_none() && self.tasks.table.wish(step) {
            return;
        }
        let Some(shown) = self.tasks.shown(snapshot) else { return };
        let index = self.tasks.table.index();
        match self.tasks.table.step(step, &shown) {
            None => {}
            Some(Edge::Above) => self.flip(Go::Previous, usize::MAX, shown.before, commands),
            Some(Edge::Below) => self.flip(Go::Next, 0, shown.before, commands),
            Some(Edge::PageAbove) => self.flip(Go::Previous, index, shown.before, commands),
            Some(Edge::PageBelow) => self.flip(Go::Next, index, shown.before, commands),
            Some(Edge::First) => self.flip(Go::First, 0, shown.before, commands),
        }
        self.follow(commands);
    }

    fn flip(&mut self, go: Go, index: usize, before: u64, commands: &mut Vec<Command>) {
        self.tasks.table.expect(index, go, before);
        self.ask_page(go, commands);
    }

    /// Open details follow the highlight.
    fn follow(&mut self, commands: &mut Vec<Command>) {
        if let (Some(_), Some(id)) = (&self.tasks.details, self.tasks.table.highlighted().cloned()) {
            self.details_of(id, commands);
        }
    }

    pub(super) fn go_in_audit(&mut self, step: Step, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        if snapshot.stale_since().is_none() && self.audit.table.wish(step) {
            return;
        }
        let Some(shown) = self.audit_shown(snapshot) else { return };
        let index = self.audit.table.index();
        let (go, index) = match self.audit.table.step(step, &shown) {
            None => return,
            Some(Edge::Above) => (Go::Previous, usize::MAX),
            Some(Edge::Below) => (Go::Next, 0),
            Some(Edge::PageAbove) => (Go::Previous, index),
            Some(Edge::PageBelow) => (Go::Next, index),
            Some(Edge::First) => (Go::First, 0),
        };
        self.audit.table.expect(index, go, shown.before);
        self.ask_audit(go, commands);
    }

    /// In the log every movement but the one to its end lets the newest lines go.
    fn go_in_logs(&mut self, step: Step, snapshot: &Snapshot) {
        let Some((shown, logs)) = Self::logs_shown(snapshot).zip(snapshot.logs.as_ref()) else { return };
        let number = |index: usize| logs.lines.get(index).map(|line| line.seq);
        let last = logs.lines.len().saturating_sub(1);
        let at_end = self.logs.table.index() >= last && logs.newer == 0;
        if step == Step::Bottom || (step == Step::Down && at_end) {
            self.logs.from = LogFrom::Newest;
            self.logs.table.highlight(last, &shown.keys);
            return;
        }
        let anchor = if self.logs.follows() { number(last).map(LogFrom::Until) } else { None };
        let window = match self.logs.table.step(step, &shown) {
            None => anchor,
            Some(Edge::Above) => last.checked_sub(1).and_then(number).map(LogFrom::Until),
            Some(Edge::Below) => number(0).map(LogFrom::After),
            Some(Edge::PageAbove) => number(0).map(LogFrom::Before),
            Some(Edge::PageBelow) => number(last).map(LogFrom::After),
            Some(Edge::First) => Some(LogFrom::Oldest),
        };
        if let Some(window) = window {
            self.logs.from = window;
        }
        if self.logs.from == LogFrom::Oldest {
            self.logs.table.expect(0, Go::First, logs.older);
        }
    }
}
