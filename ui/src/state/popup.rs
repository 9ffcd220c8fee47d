//! Questions, texts and messages over and under the main screen.

use super::Confirm;
use crate::{clock::Millis, snapshot::TaskState, text::wrap};

/// Cells for the names of a note's fields.
pub(crate) const NOTE_LABEL: usize = 12;

/// A text to read: a whole log line, all figures of a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note {
    /// Title.
    pub title: String,
    /// Names and values; a value may be long.
    pub fields: Vec<(String, String)>,
    /// First line shown.
    pub from: usize,
}

impl Note {
    /// Cells of its text on a screen so wide.
    pub(crate) fn room(width: u16) -> usize {
        usize::from(width.saturating_sub(8).clamp(20, 100))
    }

    /// Lines that it takes on a screen so wide.
    pub(crate) fn lines(&self, width: u16) -> usize {
        let room = Self::room(width).saturating_sub(NOTE_LABEL);
        self.fields.iter().map(|(_, value)| wrap(value, room).len().max(1)).sum()
    }
}

/// Something over the main screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Popup {
    /// Change these?
    Confirm(Confirm),
    /// How to leave?
    Quit,
    /// All keys, from this line on.
    Help(usize),
    /// The queues of the use cases; the one of this number is highlighted.
    Queues(usize),
    /// A text.
    Note(Note),
}

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something was done.
    Good,
    /// Something is to be known.
    Note,
    /// Something was refused or failed.
    Bad,
}

/// A message under the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// Words.
    pub text: String,
    /// How they are meant.
    pub tone: Tone,
    /// What became of something: it stays for a while whatever is looked at. Otherwise it is about the last key, and
    /// goes with the next one.
    pub news: bool,
    /// Gone then; `None` before it was drawn.
    pub until: Option<Millis>,
}

impl Toast {
    /// Was it on the screen? What was not is never dropped.
    pub const fn is_seen(&self) -> bool {
        self.until.is_some()
    }
}

/// Answers to an action so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Done.
    pub done: usize,
    /// Accepted: the worker stops it at its next step.
    pub stopping: usize,
    /// Refused.
    pub refused: usize,
    /// The state of the last one refused.
    pub refused_state: Option<TaskState>,
    /// No longer there.
    pub gone: usize,
    /// The store failed.
    pub failed: usize,
}
