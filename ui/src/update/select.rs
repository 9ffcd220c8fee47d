//! Selecting rows: one, a page, everything that matches.

use crate::{
    command::{Command, Gathered},
    snapshot::{Page, ScreenKind, Snapshot},
    state::{Memory, State, Tone},
    table::{MAX_SELECTED, Step},
    text::{count, number},
};

impl State {
    pub(super) fn select(&mut self, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        match self.screen {
            ScreenKind::Tasks => {
                let Some(row) = self.tasks.focused(snapshot) else { return };
                let table = &mut self.tasks.table;
                if !table.unselect(&row.id) && !table.select(row.id.clone(), Memory::from(row)) {
                    self.say_full();
                    return;
                }
            }
            ScreenKind::Workers => {
                let Some(key) = self.fleet.highlighted().cloned() else { return };
                if !self.fleet.unselect(&key) {
                    self.fleet.select(key, ());
                }
            }
            _ => return,
        }
        self.go(Step::Down, snapshot, commands);
    }

    fn say_full(&mut self) {
        self.say(Tone::Note, format!("{} is the most that can be selected", number(MAX_SELECTED as u64)));
    }

    pub(super) fn select_page(&mut self, snapshot: &Snapshot) {
        let Some(Page { rows, .. }) = self.tasks.page(snapshot) else { return };
        let table = &mut self.tasks.table;
        if rows.iter().all(|row| table.is_selected(&row.id)) {
            for row in rows {
                table.unselect(&row.id);
            }
        } else if !rows.iter().all(|row| table.select(row.id.clone(), Memory::from(row))) {
            self.say_full();
        }
    }

    /// Asks the host which tasks match: the set is fixed when they come, not when something is done to them.
    pub(super) fn select_all(&mut self, commands: &mut Vec<Command>) {
        commands.push(Command::Gather { tab: self.tasks.tab, filter: self.tasks.filter.clone() });
        self.say(Tone::Note, "selecting all that match");
    }

    pub(super) fn gathered(&mut self, gathered: Gathered) {
        if gathered.tab != self.tasks.tab || gathered.filter != self.tasks.filter {
            // Meanwhile the operator looks at something else.
            return;
        }
        self.tasks.table.clear_selection();
        for (id, memory) in gathered.tasks {
            self.tasks.table.select(id, memory);
        }
        let selected = count(self.tasks.table.selected().len(), "task", "tasks");
        let (tone, text) = if gathered.truncated {
            (Tone::Bad, format!("the first {selected} are selected: more match than can be selected at once"))
        } else {
            (Tone::Good, format!("all {selected} that match are selected"))
        };
        self.report(tone, text);
    }
}
