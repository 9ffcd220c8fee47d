//! The list of tasks: what is listed, and what an action would be done to.

use std::collections::BTreeMap;

use super::{Memory, State};
use crate::{
    action::Action,
    filter::Filter,
    order,
    snapshot::{Page, Row, Snapshot, Tab, TaskId},
    table::{Shown, Table},
};

/// The list of tasks.
#[derive(Debug, Clone, Default)]
pub struct TasksView {
    /// Which states are listed.
    pub tab: Tab,
    /// Highlight and selection.
    pub table: Table<TaskId, Memory>,
    /// The filter in force, as typed.
    pub filter_text: String,
    /// The same, understood.
    pub filter: Filter,
    /// The task whose details are open.
    pub details: Option<TaskId>,
    /// They were asked for and have not come yet.
    pub details_awaited: bool,
    /// First line shown of them.
    pub details_from: usize,
    /// Rows that the host was last asked for.
    pub limit: usize,
}

impl TasksView {
    /// The page of the present tab, once it is there.
    pub fn page<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Page> {
        snapshot.page.as_ref().filter(|page| page.tab == self.tab)
    }

    /// Its rows in the order in which they are shown.
    pub fn rows<'a>(&self, snapshot: &'a Snapshot) -> Vec<&'a Row> {
        self.page(snapshot).map_or_else(Vec::new, |page| self.table.sorted(&page.rows, order::tasks(self.tab)))
    }

    /// What of the list is on the screen, once it is there.
    pub fn shown(&self, snapshot: &Snapshot) -> Option<Shown<TaskId>> {
        let page = self.page(snapshot)?;
        let keys = self.rows(snapshot).into_iter().map(|row| row.id.clone()).collect();
        Some(Shown { keys, before: page.before, more: page.more, page: 0 })
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
}

impl State {
    /// Can the action be done to any of what it would be done to?
    pub fn is_possible(&self, action: Action, snapshot: &Snapshot) -> bool {
        let tasks = &self.tasks;
        match action {
            Action::Pause | Action::Resume => !snapshot.server.use_cases.is_empty(),
            Action::Drain | Action::Undrain => !self.drainable(action, snapshot).is_empty(),
            _ if tasks.details.is_none() && !tasks.table.selected().is_empty() => {
                tasks.table.selected().values().any(|task| action.applies_to(task.state))
            }
            _ => tasks.focused(snapshot).is_some_and(|row| action.applies_to(row.state)),
        }
    }
}
