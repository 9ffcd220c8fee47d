//! Which screen is looked at, which part of it, and what the host has to load for that.

use crossterm::event::{KeyCode, KeyEvent};

use crate::{
    command::{AuditQuery, Command, Go, LogQuery, Query},
    snapshot::{Level, ScreenKind, Snapshot, Span, Tab},
    state::{Memory, State},
};

impl State {
    pub(super) fn turn_screen(&mut self, by: usize, commands: &mut Vec<Command>) {
        let at = ScreenKind::ALL.iter().position(|screen| *screen == self.screen).unwrap_or(0);
        if let Some(screen) = ScreenKind::ALL.get((at + by) % ScreenKind::ALL.len()) {
            self.look_at(*screen, commands);
        }
    }

    pub(super) fn numbered_screen(&mut self, key: &KeyEvent, commands: &mut Vec<Command>) {
        let KeyCode::Char(digit) = key.code else { return };
        let number = digit.to_digit(10).unwrap_or(0) as usize;
        if let Some(screen) = number.checked_sub(1).and_then(|index| ScreenKind::ALL.get(index)) {
            self.look_at(*screen, commands);
        }
    }

    fn look_at(&mut self, screen: ScreenKind, commands: &mut Vec<Command>) {
        self.came_from = None;
        self.show_screen(screen, commands);
    }

    /// The host hears of it at once, and of what is to be on it when everything has settled.
    pub(super) fn show_screen(&mut self, screen: ScreenKind, commands: &mut Vec<Command>) {
        if screen == self.screen {
            return;
        }
        self.screen = screen;
        self.tasks.table.forget_wishes();
        self.audit.table.forget_wishes();
        commands.push(Command::Look(screen));
        match screen {
            ScreenKind::Tasks => self.tasks.limit = 0,
            ScreenKind::Benchmarks => self.history.asked = None,
            ScreenKind::Logs => self.logs.asked = None,
            ScreenKind::Audit => self.audit.limit = 0,
            ScreenKind::Workers => {}
        }
    }

    /// Back to where a jump came from.
    pub(super) fn go_home(&mut self, commands: &mut Vec<Command>) {
        if let Some(screen) = self.came_from.take() {
            self.show_screen(screen, commands);
        }
    }

    /// The next part of the screen, or the one before: states in a circle, spans and levels to their ends.
    pub(super) fn turn_tab(&mut self, by: isize, commands: &mut Vec<Command>) {
        match self.screen {
            ScreenKind::Tasks => {
                let at = Tab::ALL.iter().position(|tab| *tab == self.tasks.tab).unwrap_or(0) as isize;
                let to = (at + by).rem_euclid(Tab::ALL.len() as isize) as usize;
                Tab::ALL.get(to).into_iter().for_each(|tab| self.show_tab(*tab, commands));
            }
            ScreenKind::Benchmarks => self.history.span = beside(&Span::ALL, self.history.span, by),
            ScreenKind::Logs => self.logs.level = beside(&Level::ALL, self.logs.level, by),
            ScreenKind::Workers | ScreenKind::Audit => {}
        }
    }

    pub(super) fn show_tab(&mut self, tab: Tab, commands: &mut Vec<Command>) {
        self.tasks.tab = tab;
        self.tasks.table.sort = None;
        self.tasks.table.forget_wishes();
        self.load(Go::First, 0, commands);
    }

    /// Another page of tasks, the highlight at `index` of it.
    pub(super) fn load(&mut self, go: Go, index: usize, commands: &mut Vec<Command>) {
        self.tasks.table.expect(index, go, u64::MAX);
        self.ask_page(go, commands);
    }

    /// Asks for a page of tasks, with as many rows as there is room for.
    pub(super) fn ask_page(&mut self, go: Go, commands: &mut Vec<Command>) {
        self.tasks.limit = self.rows();
        let (tab, filter) = (self.tasks.tab, self.tasks.filter.clone());
        commands.push(Command::Load(Query { tab, filter, go, limit: self.tasks.limit }));
    }

    pub(super) fn ask_audit(&mut self, go: Go, commands: &mut Vec<Command>) {
        self.audit.limit = self.rows();
        commands.push(Command::Audit(AuditQuery { text: self.audit.text.clone(), go, limit: self.audit.limit }));
    }

    /// What is wanted may have changed: room for rows, highlight, span, level, filter. Then it is asked for.
    pub(super) fn settle(&mut self, commands: &mut Vec<Command>) {
        match self.screen {
            ScreenKind::Tasks => {
                let asked = commands.iter().any(|command| matches!(command, Command::Load(_)));
                if self.tasks.limit != self.rows() && !asked {
                    self.ask_page(Go::Same, commands);
                }
            }
            ScreenKind::Benchmarks => {
                let wanted = self.history_query();
                if self.history.asked.as_ref() != Some(&wanted) {
                    self.history.asked = Some(wanted.clone());
                    commands.push(Command::History(wanted));
                }
            }
            ScreenKind::Logs => self.settle_logs(commands),
            ScreenKind::Audit if std::mem::take(&mut self.audit.from_start) => self.ask_audit(Go::First, commands),
            ScreenKind::Audit if self.audit.limit != self.rows() => self.ask_audit(Go::Same, commands),
            ScreenKind::Workers | ScreenKind::Audit => {}
        }
    }

    fn settle_logs(&mut self, commands: &mut Vec<Command>) {
        let (level, text) = (self.logs.level, self.logs.text.clone());
        let wanted = LogQuery { level, text, from: self.logs.from, limit: self.rows() };
        if self.logs.asked.as_ref() != Some(&wanted) {
            self.logs.asked = Some(wanted.clone());
            commands.push(Command::Logs(wanted));
        }
    }

    /// New rows: highlights and memory of selected rows follow.
    pub(super) fn refreshed(&mut self, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        if let Some(page) = self.tasks.page(snapshot) {
            if page.rows.is_empty() && page.before > 0 && self.screen == ScreenKind::Tasks {
                // Everything on this page has moved away.
                self.ask_page(Go::Previous, commands);
            }
            for row in &page.rows {
                self.tasks.table.remember(&row.id, Memory::from(row));
            }
            self.tasks.table.arrived(page.before);
        }
        if let Some(page) = &snapshot.audit {
            self.audit.table.arrived(page.before);
        }
        if let Some(logs) = &snapshot.logs {
            self.logs.table.arrived(logs.older);
        }
        self.tasks.details_awaited = false;
        self.reconcile(snapshot);
        self.grant(snapshot, commands);
    }

    /// Makes the movements that have waited for the page that is there now.
    fn grant(&mut self, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        match self.screen {
            ScreenKind::Tasks => {
                while let Some(step) = self.tasks.table.granted() {
                    self.go_in_tasks(step, snapshot, commands);
                }
            }
            ScreenKind::Audit => {
                while let Some(step) = self.audit.table.granted() {
                    self.go_in_audit(step, snapshot, commands);
                }
            }
            ScreenKind::Workers | ScreenKind::Benchmarks | ScreenKind::Logs => {}
        }
    }

    /// Every highlight is put where its row stands now.
    pub(super) fn reconcile(&mut self, snapshot: &Snapshot) {
        if let Some(shown) = self.tasks.shown(snapshot) {
            self.tasks.table.reconcile(&shown.keys);
        }
        if let Some(shown) = self.fleet_shown(snapshot) {
            self.fleet.reconcile(&shown.keys);
        }
        if let Some(shown) = self.history_shown(snapshot) {
            self.history.table.reconcile(&shown.keys);
        }
        if let Some(shown) = Self::logs_shown(snapshot) {
            if self.logs.follows() {
                self.logs.table.highlight(usize::MAX, &shown.keys);
            } else {
                self.logs.table.reconcile(&shown.keys);
            }
        }
        if let Some(shown) = self.audit_shown(snapshot) {
            self.audit.table.reconcile(&shown.keys);
        }
    }
}

/// The value beside `value`, or itself at an end.
fn beside<T: Copy + PartialEq>(all: &[T], value: T, by: isize) -> T {
    let at = all.iter().position(|other| *other == value).unwrap_or(0);
    at.checked_add_signed(by).and_then(|to| all.get(to)).copied().unwrap_or(value)
}
