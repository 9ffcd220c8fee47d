//! What one operator's view remembers. Every session has its own.

mod fleet;
mod lists;
mod popup;
mod question;
mod tasks;
mod wants;

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use crate::{
    action::{Action, Target},
    clock::Millis,
    keymap::Context,
    layout::Layout,
    snapshot::{ScreenKind, Snapshot},
    table::Table,
    theme::Look,
};

pub use fleet::{FleetKey, FleetRow};
pub use lists::{AuditView, HistoryView, LogsView};
pub(crate) use popup::NOTE_LABEL;
pub use popup::{Note, Popup, Tally, Toast, Tone};
pub use question::{About, Confirm, Memory, Subject, WorkerMemory};
pub use tasks::TasksView;
pub(crate) use wants::FRESH_MS;

/// One view.
#[derive(Debug, Clone)]
pub struct State {
    /// Colours and signs.
    pub look: Look,
    /// The terminal.
    pub area: Rect,
    /// What is looked at.
    pub screen: ScreenKind,
    /// The screen that a jump came from: where "back" leads.
    pub came_from: Option<ScreenKind>,
    /// The list of tasks.
    pub tasks: TasksView,
    /// The list of nodes and workers.
    pub fleet: Table<FleetKey>,
    /// The run history.
    pub history: HistoryView,
    /// The log.
    pub logs: LogsView,
    /// The audit log.
    pub audit: AuditView,
    /// The filter being typed.
    pub typing: Option<String>,
    /// Why it was not taken, until it is another one.
    pub complaint: Option<String>,
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
    /// Show load and graphs where there is room.
    pub panels: bool,
    /// When the screen was last drawn.
    pub now: Millis,
}

impl State {
    /// A fresh view on a terminal.
    pub fn new(look: Look, width: u16, height: u16) -> Self {
        Self {
            look,
            area: Rect::new(0, 0, width, height),
            screen: ScreenKind::Tasks,
            came_from: None,
            tasks: TasksView::default(),
            fleet: Table::default(),
            history: HistoryView::default(),
            logs: LogsView::default(),
            audit: AuditView::default(),
            typing: None,
            complaint: None,
            popup: None,
            pending: BTreeMap::new(),
            tally: Tally::default(),
            toast: None,
            frozen: None,
            panels: true,
            now: 0,
        }
    }

    /// Where keys go.
    pub const fn context(&self) -> Context {
        match (&self.popup, &self.typing, self.screen) {
            (Some(Popup::Confirm(_)), ..) => Context::Confirm,
            (Some(Popup::Quit), ..) => Context::Quit,
            (Some(Popup::Help(_)), ..) => Context::Help,
            (Some(Popup::Queues(_)), ..) => Context::Queues,
            (Some(Popup::Note(_)), ..) => Context::Note,
            (None, Some(_), _) => Context::Filter,
            (None, None, ScreenKind::Tasks) if self.tasks.details.is_some() => Context::Details,
            (None, None, ScreenKind::Tasks) => Context::Tasks,
            (None, None, ScreenKind::Workers) => Context::Workers,
            (None, None, ScreenKind::Benchmarks) => Context::Benchmarks,
            (None, None, ScreenKind::Logs) => Context::Logs,
            (None, None, ScreenKind::Audit) => Context::Audit,
        }
    }

    /// Are the details of a task on the screen?
    pub const fn shows_details(&self) -> bool {
        self.tasks.details.is_some() && matches!(self.screen, ScreenKind::Tasks)
    }

    /// The parts of the screen; `None` when it is too small.
    pub fn layout(&self) -> Option<Layout> {
        Layout::of(self.area, self.screen, self.shows_details(), self.panels)
    }

    /// Rows that the list has room for, at least one.
    pub fn rows(&self) -> usize {
        self.layout().map_or(1, |layout| layout.rows().max(1))
    }

    /// Shows a message about the key that was pressed.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.toast = Some(Toast { text: text.into(), tone, news: false, until: None });
    }

    /// Shows what became of something.
    pub fn report(&mut self, tone: Tone, text: impl Into<String>) {
        self.toast = Some(Toast { text: text.into(), tone, news: true, until: None });
    }

    /// Is anything highlighted on this screen?
    pub fn has_highlight(&self, snapshot: &Snapshot) -> bool {
        match self.screen {
            ScreenKind::Tasks => self.tasks.focused(snapshot).is_some(),
            ScreenKind::Workers => self.fleet.highlighted().is_some(),
            ScreenKind::Benchmarks => self.history.table.highlighted().is_some(),
            ScreenKind::Logs => self.logs.table.highlighted().is_some(),
            ScreenKind::Audit => self.audit.table.highlighted().is_some(),
        }
    }
}
