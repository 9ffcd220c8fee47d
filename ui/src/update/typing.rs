//! The filter line: tasks by qualifiers, lines of the logs by a text.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::{
    command::{Command, Go},
    filter::{Filter, Vocabulary, completions},
    snapshot::{ScreenKind, Snapshot, Tab},
    state::State,
    text::clean,
};

/// No filter is longer, in characters.
const MAX_CHARS: usize = 200;

impl State {
    /// The filter of this screen, as typed.
    pub fn text_in_force(&self) -> &str {
        match self.screen {
            ScreenKind::Tasks => &self.tasks.filter_text,
            ScreenKind::Logs => &self.logs.text,
            ScreenKind::Audit => &self.audit.text,
            ScreenKind::Workers | ScreenKind::Benchmarks => "",
        }
    }

    /// Another filter of this screen; the host hears of it when everything has settled.
    pub(super) fn set_text(&mut self, text: String) {
        match self.screen {
            ScreenKind::Tasks => self.tasks.filter_text = text,
            ScreenKind::Logs => {
                if text.is_empty() {
                    self.logs.level = self.logs.level_before.take().unwrap_or(self.logs.level);
                }
                self.logs.text = text;
                self.logs.from = crate::LogFrom::Newest;
            }
            ScreenKind::Audit => {
                self.audit.text = text;
                self.audit.table.expect(0, Go::First, u64::MAX);
                self.audit.from_start = true;
            }
            ScreenKind::Workers | ScreenKind::Benchmarks => {}
        }
    }

    /// A key that the key map does not know, while typing.
    pub(super) fn type_key(&mut self, key: &KeyEvent) {
        if let KeyCode::Char(c) = key.code
            && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
        {
            self.insert(c.encode_utf8(&mut [0; 4]));
        }
    }

    /// Pasted text goes to the filter line only: anywhere else its letters would be commands.
    pub(super) fn paste(&mut self, text: &str) {
        if self.popup.is_none() {
            self.insert(text);
        }
    }

    fn insert(&mut self, text: &str) {
        if let Some(typed) = &mut self.typing {
            let room = MAX_CHARS.saturating_sub(typed.chars().count());
            typed.extend(clean(text).chars().take(room));
            self.complaint = None;
        }
    }

    pub(super) fn erase(&mut self) {
        if self.typing.as_mut().is_some_and(|typed| typed.pop().is_none()) {
            self.typing = None;
        }
    }

    pub(super) fn erase_word(&mut self) {
        if let Some(typed) = &mut self.typing {
            let kept = typed.trim_end().trim_end_matches(|c: char| !c.is_whitespace()).len();
            typed.truncate(kept);
        }
    }

    pub(super) fn complete(&mut self, snapshot: &Snapshot) {
        if self.screen == ScreenKind::Tasks
            && let Some(typed) = &mut self.typing
            && let Some(whole) = completions(typed, &Vocabulary::of(snapshot)).into_iter().next()
        {
            *typed = whole;
        }
    }

    pub(super) fn apply_filter(&mut self, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        let Some(typed) = self.typing.take() else { return };
        if self.screen != ScreenKind::Tasks {
            self.set_text(typed.trim().to_owned());
            return;
        }
        match Filter::parse(&typed, &snapshot.server.use_cases) {
            Ok(filter) => {
                typed.trim().clone_into(&mut self.tasks.filter_text);
                if filter != self.tasks.filter {
                    self.filter_tasks(filter, commands);
                }
            }
            Err(reason) => {
                self.typing = Some(typed);
                self.complaint = Some(reason);
            }
        }
    }

    /// A state that this tab does not list is looked for among all of them.
    fn filter_tasks(&mut self, filter: Filter, commands: &mut Vec<Command>) {
        if filter.state.is_some_and(|state| !self.tasks.tab.lists(state)) {
            self.tasks.tab = Tab::All;
        }
        self.tasks.filter = filter;
        self.load(Go::First, 0, commands);
    }
}
