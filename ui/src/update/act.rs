//! What each key does.

use crossterm::event::{KeyCode, KeyEvent};

use crate::{
    action::{Action, Target},
    command::{Command, Go},
    keymap::{Act, help_lines},
    snapshot::{Page, Snapshot, Tab},
    state::{Confirm, Memory, Popup, State, Tally, Tone},
    table::MAX_SELECTED,
    text,
};

/// The details of a task are hardly longer.
const DETAILS_LINES: usize = 24;

impl State {
    /// Does what a key of the key map means here.
    pub(super) fn act(&mut self, act: Act, key: &KeyEvent, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        match act {
            Act::Up | Act::Down | Act::PageUp | Act::PageDown | Act::Top | Act::Bottom => {
                self.go(act, snapshot, commands);
            }
            Act::NextTab => self.turn(1, commands),
            Act::PreviousTab => self.turn(Tab::ALL.len() - 1, commands),
            Act::NumberedTab => self.numbered_tab(key, commands),
            Act::Select => self.select(snapshot, commands),
            Act::SelectPage => self.select_page(snapshot),
            Act::Open => self.open(snapshot, commands),
            Act::Back => self.back(commands),
            Act::Filter => self.typing = Some(self.filter_text.clone()),
            Act::Apply => self.apply_filter(snapshot, commands),
            Act::Complete => self.complete(snapshot),
            Act::Erase => self.erase(),
            Act::EraseWord => self.erase_word(),
            Act::EraseAll => self.typing = Some(String::new()),
            Act::Freeze => self.freeze(snapshot, commands),
            Act::Machine => self.machine = !self.machine,
            Act::Theme => {
                self.look.palette = self.look.palette.next();
                self.say(Tone::Note, format!("colours: {}", self.look.palette.word()));
            }
            Act::Copy => self.copy(snapshot, commands),
            Act::Cancel => self.ask(Action::Cancel, snapshot),
            Act::Requeue => self.ask(Action::Requeue, snapshot),
            Act::Help => self.popup = Some(Popup::Help(0)),
            Act::Interrupt if self.popup == Some(Popup::Quit) => commands.push(Command::Leave),
            Act::Quit | Act::Interrupt => self.popup = Some(Popup::Quit),
            Act::Yes => self.confirmed(commands),
            Act::No => self.popup = None,
            Act::Leave => commands.push(Command::Leave),
            Act::Drain => commands.push(Command::Drain),
        }
    }

    /// Moves the highlight, or the help.
    fn go(&mut self, act: Act, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        if self.scroll(act) {
            return;
        }
        let Some(page) = self.page(snapshot) else { return };
        let (index, last) = (self.table.index(), page.rows.len().saturating_sub(1));
        let keys = page.rows.iter().map(|row| &row.id);
        match act {
            Act::Up if index == 0 && page.before > 0 => self.flip(Go::Previous, usize::MAX, commands),
            Act::Up => self.table.highlight(index.saturating_sub(1), keys),
            Act::Down if index >= last && page.more => self.flip(Go::Next, 0, commands),
            Act::Down => self.table.highlight(index + 1, keys),
            Act::PageUp if page.before > 0 => self.flip(Go::Previous, index, commands),
            Act::PageDown if page.more => self.flip(Go::Next, index, commands),
            Act::Top if page.before > 0 => self.flip(Go::First, 0, commands),
            Act::Top | Act::PageUp => self.table.highlight(0, keys),
            _ => self.table.highlight(last, keys),
        }
        self.follow(commands);
    }

    /// Scrolls the help or the details, if they are open and the key means them.
    fn scroll(&mut self, act: Act) -> bool {
        let height = usize::from(self.area.height);
        match (&mut self.popup, act) {
            (Some(Popup::Help(line)), _) => {
                let last = help_lines().saturating_sub(height.saturating_sub(4));
                *line = if act == Act::Up { line.saturating_sub(1) } else { (*line + 1).min(last) };
            }
            (None, Act::PageUp) if self.details.is_some() => {
                self.details_from = self.details_from.saturating_sub(height / 4);
            }
            (None, Act::PageDown) if self.details.is_some() => {
                self.details_from = (self.details_from + height / 4).min(DETAILS_LINES);
            }
            _ => return false,
        }
        true
    }

    /// Another page, the highlight at `index` of it.
    fn flip(&mut self, go: Go, index: usize, commands: &mut Vec<Command>) {
        self.table.expect(index);
        self.load(go, commands);
    }

    /// Open details follow the highlight.
    fn follow(&mut self, commands: &mut Vec<Command>) {
        if let (Some(_), Some(id)) = (&self.details, self.table.highlighted()) {
            self.details = Some(id.clone());
            self.details_from = 0;
            commands.push(Command::Watch(Some(id.clone())));
        }
    }

    fn turn(&mut self, by: usize, commands: &mut Vec<Command>) {
        let at = Tab::ALL.iter().position(|tab| *tab == self.tab).unwrap_or(0);
        if let Some(tab) = Tab::ALL.get((at + by) % Tab::ALL.len()) {
            self.show(*tab, commands);
        }
    }

    fn numbered_tab(&mut self, key: &KeyEvent, commands: &mut Vec<Command>) {
        let KeyCode::Char(digit) = key.code else { return };
        let number = digit.to_digit(10).unwrap_or(0) as usize;
        if let Some(tab) = number.checked_sub(1).and_then(|index| Tab::ALL.get(index)) {
            self.show(*tab, commands);
        }
    }

    fn show(&mut self, tab: Tab, commands: &mut Vec<Command>) {
        if tab != self.tab {
            self.tab = tab;
            self.flip(Go::First, 0, commands);
        }
    }

    fn select(&mut self, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        let Some(row) = self.focused(snapshot) else { return };
        if !self.table.unselect(&row.id) && !self.table.select(row.id.clone(), Memory::from(row)) {
            self.say(Tone::Note, format!("{} is the most that can be selected", text::number(MAX_SELECTED as u64)));
            return;
        }
        self.go(Act::Down, snapshot, commands);
    }

    fn select_page(&mut self, snapshot: &Snapshot) {
        let Some(Page { rows, .. }) = self.page(snapshot) else { return };
        if rows.iter().all(|row| self.table.is_selected(&row.id)) {
            for row in rows {
                self.table.unselect(&row.id);
            }
        } else {
            for row in rows {
                self.table.select(row.id.clone(), Memory::from(row));
            }
        }
    }

    fn open(&mut self, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        if let Some(row) = self.focused(snapshot) {
            self.details = Some(row.id.clone());
            self.details_from = 0;
            commands.push(Command::Watch(self.details.clone()));
        }
    }

    /// One step back: the topmost thing closes.
    fn back(&mut self, commands: &mut Vec<Command>) {
        if self.popup.take().is_some() || self.typing.take().is_some() {
            return;
        }
        if self.details.take().is_some() {
            commands.push(Command::Watch(None));
        } else if !self.table.selected().is_empty() {
            self.table.clear_selection();
        } else if !self.filter.is_empty() {
            self.filter_text.clear();
            self.filter = crate::Filter::default();
            self.flip(Go::First, 0, commands);
        }
    }

    fn freeze(&mut self, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        self.frozen = if self.frozen.is_some() { None } else { Some(snapshot.now) };
        commands.push(Command::Freeze(self.frozen.is_some()));
    }

    fn copy(&mut self, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        let Some(row) = self.focused(snapshot) else { return };
        let id = row.id.clone();
        commands.push(Command::Copy(id.as_str().to_owned()));
        self.say(Tone::Note, format!("copied {}", id.as_str()));
    }

    /// Opens the question; from here on the set is fixed.
    fn ask(&mut self, action: Action, snapshot: &Snapshot) {
        let targets = self.targets(snapshot);
        let all = targets.len();
        let tasks: std::collections::BTreeMap<_, _> = targets
            .into_iter()
            .filter(|(id, task)| {
                action.applies_to(task.state) && !self.pending.contains_key(&Target::Task((*id).clone()))
            })
            .collect();
        if tasks.is_empty() {
            let why = match (all, action) {
                (0, _) => "no task is highlighted",
                (_, Action::Cancel) => "nothing to cancel: only waiting and running tasks can be",
                (_, _) => "nothing to requeue: only ended tasks can be",
            };
            self.say(Tone::Note, why);
            return;
        }
        self.popup = Some(Popup::Confirm(Confirm { action, skipped: all - tasks.len(), tasks }));
    }

    /// The answer was yes.
    fn confirmed(&mut self, commands: &mut Vec<Command>) {
        let Some(Popup::Confirm(confirm)) = self.popup.take() else { return };
        if self.pending.is_empty() {
            self.tally = Tally::default();
        }
        self.toast = None;
        for id in confirm.tasks.keys() {
            self.pending.insert(Target::Task(id.clone()), confirm.action);
            if self.details.is_none() {
                self.table.unselect(id);
            }
        }
        let targets = confirm.tasks.into_keys().map(Target::Task).collect();
        commands.push(Command::Act { action: confirm.action, targets });
    }
}
