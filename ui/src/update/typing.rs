//! The filter line.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::{
    command::{Command, Go},
    filter::{Filter, Vocabulary, completions},
    snapshot::Snapshot,
    state::{State, Tone},
    text::clean,
};

/// No filter is longer, in characters.
const MAX_CHARS: usize = 200;

impl State {
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
        }
    }

    pub(super) fn erase(&mut self) {
        if self.typing.as_mut().is_some_and(|typed| typed.pop().is_none()) {
            self.typing = None;
        }
    }

    pub(super) fn erase_word(&mut self) {
        if let Some(typed) = &mut self.typing {
            let kept = typed.trim_end().rfind(char::is_whitespace).map_or(0, |at| at + 1);
            typed.truncate(kept);
        }
    }

    pub(super) fn complete(&mut self, snapshot: &Snapshot) {
        if let Some(typed) = &mut self.typing
            && let Some(whole) = completions(typed, &Vocabulary::of(snapshot)).into_iter().next()
        {
            *typed = whole;
        }
    }

    pub(super) fn apply_filter(&mut self, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        let Some(typed) = &self.typing else { return };
        match Filter::parse(typed, &snapshot.server.use_cases) {
            Ok(filter) => {
                typed.trim().clone_into(&mut self.filter_text);
                self.typing = None;
                if filter != self.filter {
                    self.filter = filter;
                    self.table.expect(0);
                    self.load(Go::First, commands);
                }
            }
            Err(reason) => self.say(Tone::Bad, reason),
        }
    }
}
