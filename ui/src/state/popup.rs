//! Questions, texts and messages over and under the main screen.

use std::collections::BTreeMap;

use crate::{
    action::{Action, Target},
    clock::Millis,
    snapshot::{Row, TaskId, TaskState, Total},
    text::wrap,
};

/// Cells for the names of a note's fields.
pub(crate) const NOTE_LABEL: usize = 12;

/// What is remembered of a selected task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// Where it stood when it was last seen.
    pub state: TaskState,
    /// Its use case.
    pub use_case: String,
    /// Whose it is.
    pub uid_tag: String,
}

impl From<&Row> for Memory {
    fn from(row: &Row) -> Self {
        Self { state: row.state, use_case: row.use_case.clone(), uid_tag: row.uid_tag.clone() }
    }
}

/// What is said of a worker before it is drained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerMemory {
    /// Its name in few characters.
    pub short: String,
    /// Its task and that task's use case.
    pub doing: Option<(TaskId, String)>,
}

/// What would be changed: exactly these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Tasks.
    Tasks(BTreeMap<TaskId, Memory>),
    /// The queue of a use case.
    Queue {
        /// Its name.
        use_case: String,
        /// How many wait in it, if that is known.
        queued: Option<Total>,
    },
    /// Workers, by their full names.
    Workers(BTreeMap<String, WorkerMemory>),
}

impl Subject {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::Tasks(tasks) => tasks.len(),
            Self::Queue { .. } => 1,
            Self::Workers(workers) => workers.len(),
        }
    }

    /// Is there nothing to change?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each of them.
    pub fn targets(&self) -> Vec<Target> {
        match self {
            Self::Tasks(tasks) => tasks.keys().cloned().map(Target::Task).collect(),
            Self::Queue { use_case, .. } => vec![Target::Queue(use_case.clone())],
            Self::Workers(workers) => workers.keys().cloned().map(Target::Worker).collect(),
        }
    }
}

/// A question before something is changed. The set is fixed when it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// What would be done.
    pub action: Action,
    /// To exactly these.
    pub subject: Subject,
    /// So many of the selected ones are left out: it cannot be done to them.
    pub skipped: usize,
}

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
    /// Gone then; `None` before it was drawn.
    pub until: Option<Millis>,
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
