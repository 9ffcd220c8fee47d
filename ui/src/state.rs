//! What one operator's view remembers. Every session has its own.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use crate::{
    action::{Action, Target},
    clock::{Millis, age_changes_in},
    filter::Filter,
    keymap::Context,
    layout::Layout,
    snapshot::{Page, Row, Snapshot, Tab, TaskId, TaskState},
    table::Table,
    theme::Look,
};

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

/// A question before something is changed. The set of tasks is fixed when it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// What would be done.
    pub action: Action,
    /// To exactly these.
    pub tasks: BTreeMap<TaskId, Memory>,
    /// So many of the selected ones are left out: it cannot be done to them.
    pub skipped: usize,
}

/// Something over the main screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Popup {
    /// Change these tasks?
    Confirm(Confirm),
    /// How to leave?
    Quit,
    /// All keys, from this line on.
    Help(usize),
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

/// One view.
#[derive(Debug, Clone)]
pub struct State {
    /// Colours and signs.
    pub look: Look,
    /// The terminal.
    pub area: Rect,
    /// Which states are listed.
    pub tab: Tab,
    /// Highlight and selection.
    pub table: Table<TaskId, Memory>,
    /// The filter in force, as typed.
    pub filter_text: String,
    /// The same, understood.
    pub filter: Filter,
    /// The filter being typed.
    pub typing: Option<String>,
    /// The task whose details are open.
    pub details: Option<TaskId>,
    /// First line shown of them.
    pub details_from: usize,
    /// What is over the screen.
    pub popup: Option<Popup>,
    /// What has an action under way.
    pub pending: BTreeMap<Target, Action>,
    /// Answers of the action under way.
    pub tally: Tally,
    /// The message shown.
    pub toast: Option<Toast>,
    /// Frozen since.
    pub frozen: Option<Millis>,
    /// Show the machine's load where there is room.
    pub machine: bool,
    /// Rows that the host was last asked for.
    pub limit: usize,
    /// When the screen was last drawn.
    pub now: Millis,
}

impl State {
    /// A fresh view on a terminal.
    pub fn new(look: Look, width: u16, height: u16) -> Self {
        Self {
            look,
            area: Rect::new(0, 0, width, height),
            tab: Tab::All,
            table: Table::default(),
            filter_text: String::new(),
            filter: Filter::default(),
            typing: None,
            details: None,
            details_from: 0,
            popup: None,
            pending: BTreeMap::new(),
            tally: Tally::default(),
            toast: None,
            frozen: None,
            machine: true,
            limit: 0,
            now: 0,
        }
    }

    /// Where keys go.
    pub const fn context(&self) -> Context {
        match (&self.popup, &self.typing, &self.details) {
            (Some(Popup::Confirm(_)), ..) => Context::Confirm,
            (Some(Popup::Quit), ..) => Context::Quit,
            (Some(Popup::Help(_)), ..) => Context::Help,
            (None, Some(_), _) => Context::Filter,
            (None, None, Some(_)) => Context::Details,
            (None, None, None) => Context::List,
        }
    }

    /// The parts of the screen; `None` when it is too small.
    pub fn layout(&self) -> Option<Layout> {
        Layout::of(self.area, self.details.is_some(), self.machine)
    }

    /// The page of the present tab, once it is there.
    pub fn page<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Page> {
        snapshot.page.as_ref().filter(|page| page.tab == self.tab)
    }

    /// Rows that the list has room for, at least one.
    pub fn rows(&self) -> usize {
        self.layout().map_or(1, |layout| layout.rows().max(1))
    }

    /// Are samples of the machine on the screen? They pause while nothing waits or runs, so that an idle dashboard
    /// draws nothing.
    pub fn wants_samples(&self, snapshot: &Snapshot) -> bool {
        self.frozen.is_none() && snapshot.is_busy() && self.layout().is_some_and(|layout| layout.machine.is_some())
    }

    /// Are the queues of the use cases on the screen?
    pub const fn wants_queues(&self) -> bool {
        false
    }

    /// Are GPUs on the screen? Nobody asks them anything otherwise: asking wakes them up.
    pub const fn wants_gpus(&self) -> bool {
        false
    }

    /// The task that keys act on when none is selected: the one whose details are open, else the highlighted one.
    pub fn focused<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Row> {
        self.details.as_ref().or(self.table.highlighted()).and_then(|id| snapshot.row(id))
    }

    /// The tasks that an action would be done to: the selected ones, else the focused one. In the details: that one.
    pub fn targets(&self, snapshot: &Snapshot) -> BTreeMap<TaskId, Memory> {
        if self.details.is_none() && !self.table.selected().is_empty() {
            return self.table.selected().clone();
        }
        self.focused(snapshot).map(|row| (row.id.clone(), Memory::from(row))).into_iter().collect()
    }

    /// Can the action be done to any of the tasks it would be done to?
    pub fn is_possible(&self, action: Action, snapshot: &Snapshot) -> bool {
        if self.details.is_none() && !self.table.selected().is_empty() {
            return self.table.selected().values().any(|task| action.applies_to(task.state));
        }
        self.focused(snapshot).is_some_and(|row| action.applies_to(row.state))
    }

    /// Shows a message.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.toast = Some(Toast { text: text.into(), tone, until: None });
    }

    /// Milliseconds until the screen changes by itself, because an age on it does or a message ends. `None`: it stays
    /// as it is until something happens.
    pub fn next_change(&self, snapshot: &Snapshot) -> Option<i64> {
        let toast = self.toast.as_ref().and_then(|toast| toast.until).map(|until| (until - self.now).max(1));
        if self.frozen.is_some() {
            return toast;
        }
        let since = |at: Millis| age_changes_in(at, snapshot.now);
        let shown = snapshot.rows().iter().chain(&snapshot.watched).filter_map(Row::counting_since);
        let oldest = snapshot.oldest.map(|oldest| oldest.since);
        shown.chain(oldest).map(since).chain(toast).min().map(|millis| millis.max(1))
    }
}
