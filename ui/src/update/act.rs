//! What each key does.

use crossterm::event::KeyEvent;

use crate::{
    action::Action,
    command::{Command, Go},
    keymap::Act,
    order,
    snapshot::{ScreenKind, Snapshot},
    state::{Popup, State, Tone},
    table::Step,
};

impl State {
    /// Does what a key of the key map means here.
    pub(super) fn act(&mut self, act: Act, key: &KeyEvent, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        match act {
            Act::Up => self.go(Step::Up, snapshot, commands),
            Act::Down => self.go(Step::Down, snapshot, commands),
            Act::PageUp => self.go(Step::PageUp, snapshot, commands),
            Act::PageDown => self.go(Step::PageDown, snapshot, commands),
            Act::Top => self.go(Step::Top, snapshot, commands),
            Act::Bottom => self.go(Step::Bottom, snapshot, commands),
            Act::NextScreen => self.turn_screen(1, commands),
            Act::PreviousScreen => self.turn_screen(ScreenKind::ALL.len() - 1, commands),
            Act::NumberedScreen => self.numbered_screen(key, commands),
            Act::NextTab => self.turn_tab(1, commands),
            Act::PreviousTab => self.turn_tab(-1, commands),
            Act::Select => self.select(snapshot, commands),
            Act::SelectPage => self.select_page(snapshot),
            Act::SelectAll => self.select_all(commands),
            Act::Open => self.open(snapshot, commands),
            Act::LogLines => self.log_lines(commands),
            Act::Copy => self.copy(snapshot, commands),
            Act::Back => self.back(commands),
            _ => self.act_further(act, snapshot, commands),
        }
    }

    fn act_further(&mut self, act: Act, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        match act {
            Act::Filter => {
                self.typing = Some(self.text_in_force().to_owned());
                self.toast = self.toast.take().filter(|toast| !toast.is_seen());
            }
            Act::Apply => self.apply_filter(snapshot, commands),
            Act::Complete => self.complete(snapshot),
            Act::Erase => self.erase(),
            Act::EraseWord => self.erase_word(),
            Act::EraseAll => self.typing = Some(String::new()),
            Act::SortNext => self.sort(1, snapshot),
            Act::SortPrevious => self.sort(-1, snapshot),
            Act::Reverse => self.reverse(snapshot),
            Act::Freeze => {
                self.frozen = if self.frozen.is_some() { None } else { Some(snapshot.now) };
                commands.push(Command::Freeze(self.frozen.is_some()));
            }
            Act::Panels => self.panels = !self.panels,
            Act::Theme => {
                self.look.palette = self.look.palette.next();
                self.say(Tone::Note, format!("colours: {}", self.look.palette.word()));
            }
            Act::Help => self.popup = Some(Popup::Help(0)),
            Act::Interrupt if self.popup == Some(Popup::Quit) => commands.push(Command::Leave),
            Act::Quit | Act::Interrupt => self.popup = Some(Popup::Quit),
            Act::No => self.popup = None,
            Act::Leave => commands.push(Command::Leave),
            _ => self.change(act, snapshot, commands),
        }
    }

    /// The keys that change something.
    fn change(&mut self, act: Act, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        match act {
            Act::Cancel => self.ask(Action::Cancel, snapshot),
            Act::Requeue => self.ask(Action::Requeue, snapshot),
            Act::Delete => self.ask(Action::Delete, snapshot),
            Act::Raise => self.ask(Action::Priority(1), snapshot),
            Act::Lower => self.ask(Action::Priority(-1), snapshot),
            Act::Queues => self.open_queues(snapshot),
            Act::TogglePause => self.ask_queue(snapshot),
            Act::DrainWorker => self.ask_workers(snapshot),
            Act::Export => {
                commands.push(Command::Export(self.history.span));
                self.say(Tone::Note, format!("writing the runs of {}", self.history.span.phrase()));
            }
            Act::Yes => self.confirmed(commands),
            Act::Drain => commands.push(Command::Drain),
            _ => {}
        }
    }

    fn sort(&mut self, by: isize, snapshot: &Snapshot) {
        match self.screen {
            ScreenKind::Tasks => self.tasks.table.turn_sort(by, order::tasks(self.tasks.tab).len()),
            ScreenKind::Workers => self.fleet.turn_sort(by, order::WORKERS.len()),
            ScreenKind::Benchmarks => self.history.table.turn_sort(by, order::HISTORY.len()),
            ScreenKind::Audit => self.audit.table.turn_sort(by, order::AUDIT.len()),
            ScreenKind::Logs => {}
        }
        self.reconcile(snapshot);
    }

    fn reverse(&mut self, snapshot: &Snapshot) {
        let sort = match self.screen {
            ScreenKind::Tasks => &mut self.tasks.table.sort,
            ScreenKind::Workers => &mut self.fleet.sort,
            ScreenKind::Benchmarks => &mut self.history.table.sort,
            ScreenKind::Audit => &mut self.audit.table.sort,
            ScreenKind::Logs => return,
        };
        match sort {
            Some(sort) => sort.descending = !sort.descending,
            None => self.say(Tone::Note, "this is the list's own order; > sorts by a column"),
        }
        self.reconcile(snapshot);
    }

    /// One step back: the topmost thing closes.
    fn back(&mut self, commands: &mut Vec<Command>) {
        if self.popup.take().is_some() || self.typing.take().is_some() {
            return;
        }
        if self.shows_details() {
            self.tasks.details = None;
            self.tasks.details_awaited = false;
            commands.push(Command::Watch(None));
            self.go_home(commands);
        } else if self.screen == ScreenKind::Logs && self.came_from.is_some() {
            self.set_text(String::new());
            self.go_home(commands);
        } else if !self.drop_selection() && !self.text_in_force().is_empty() {
            self.set_text(String::new());
            if self.screen == ScreenKind::Tasks {
                self.tasks.filter = crate::Filter::default();
                self.load(Go::First, 0, commands);
            }
        }
    }

    /// `false`: nothing was selected.
    fn drop_selection(&mut self) -> bool {
        let (tasks, workers) = (!self.tasks.table.selected().is_empty(), !self.fleet.selected().is_empty());
        match self.screen {
            ScreenKind::Tasks if tasks => self.tasks.table.clear_selection(),
            ScreenKind::Workers if workers => self.fleet.clear_selection(),
            _ => return false,
        }
        true
    }
}
