//! Questions before something is changed, and what yes means.

use std::collections::BTreeMap;

use crate::{
    action::{Action, Target},
    command::Command,
    snapshot::Snapshot,
    state::{Confirm, Popup, State, Subject, Tally, Tone},
};

impl State {
    /// Opens the question about tasks; from here on the set is fixed.
    pub(super) fn ask(&mut self, action: Action, snapshot: &Snapshot) {
        let targets = self.tasks.targets(snapshot);
        let all = targets.len();
        let free = |id: &crate::TaskId| !self.pending.contains_key(&Target::Task(id.clone()));
        let tasks: BTreeMap<_, _> =
            targets.into_iter().filter(|(id, task)| action.applies_to(task.state) && free(id)).collect();
        if tasks.is_empty() {
            let why = match (all, action) {
                (0, _) => "no task is highlighted",
                (_, Action::Cancel) => "nothing to cancel: only waiting and running tasks can be",
                (_, Action::Requeue) => "nothing to requeue: only ended tasks can be",
                (_, Action::Delete) => "nothing to delete: only ended tasks can be; cancel first",
                _ => "nothing to change: only waiting tasks have a priority that counts",
            };
            self.say(Tone::Note, why);
            return;
        }
        let skipped = all - tasks.len();
        self.popup = Some(Popup::Confirm(Confirm::new(action, Subject::Tasks(tasks), skipped)));
    }

    /// Opens the queues, that of the highlighted task first.
    pub(super) fn open_queues(&mut self, snapshot: &Snapshot) {
        let here = self.tasks.focused(snapshot).map(|row| &row.use_case);
        let at = snapshot.server.use_cases.iter().position(|name| Some(name) == here);
        self.popup = Some(Popup::Queues(at.unwrap_or(0)));
    }

    pub(super) fn ask_queue(&mut self, snapshot: &Snapshot) {
        let Some(Popup::Queues(index)) = self.popup else { return };
        let Some(use_case) = snapshot.server.use_cases.get(index) else { return };
        let queue = snapshot.queues.iter().find(|queue| queue.use_case == *use_case);
        let Some(queue) = queue.filter(|_| !self.pending.contains_key(&Target::Queue(use_case.clone()))) else {
            return;
        };
        let action = if queue.paused { Action::Resume } else { Action::Pause };
        let subject = Subject::Queue { use_case: use_case.clone(), queued: queue.queued };
        self.popup = Some(Popup::Confirm(Confirm::new(action, subject, 0)));
    }

    /// Those that take tasks are drained; when none of them does, they are taken back.
    pub(super) fn ask_workers(&mut self, snapshot: &Snapshot) {
        for action in [Action::Drain, Action::Undrain] {
            let mut workers = self.drainable(action, snapshot);
            workers.retain(|name, _| !self.pending.contains_key(&Target::Worker(name.clone())));
            if !workers.is_empty() {
                let subject = Subject::Workers(workers);
                self.popup = Some(Popup::Confirm(Confirm::new(action, subject, 0)));
                return;
            }
        }
        self.say(Tone::Note, "no worker is highlighted");
    }

    /// The answer was yes.
    pub(super) fn confirmed(&mut self, commands: &mut Vec<Command>) {
        let Some(Popup::Confirm(Confirm { action, subject, .. })) = self.popup.take() else { return };
        if self.pending.is_empty() {
            self.tally = Tally::default();
        }
        self.toast = None;
        let targets = subject.targets();
        for target in &targets {
            self.pending.insert(target.clone(), action);
            if let Target::Task(id) = target
                && self.tasks.details.is_none()
            {
                self.tasks.table.unselect(id);
            }
        }
        if let Subject::Workers(_) = subject {
            self.fleet.clear_selection();
        }
        commands.push(Command::Act { action, targets });
    }
}
