//! The question before something is changed: exactly what would be done to what.

use std::collections::BTreeMap;

use ratatui::text::Line;

use super::{Screen, popup::WIDTH, tabs::total};
use crate::{
    action::Action,
    keymap::Context,
    snapshot::{TaskId, TaskState, Total},
    state::{Confirm, Memory, Subject, WorkerMemory},
    text::{clean, count, fit, number, wrap},
    theme::Ink,
};

/// Workers that are named one by one.
const NAMED: usize = 4;

impl Screen<'_> {
    /// ` Cancel 3 tasks? `
    pub(super) fn question_title(confirm: &Confirm) -> String {
        let (one, many) = confirm.action.objects();
        let what = match &confirm.subject {
            Subject::Queue { use_case, .. } => format!("the queue of {}", fit(use_case, 24)),
            subject => count(subject.len(), one, many),
        };
        let verb = confirm.action.verb();
        let (first, rest) = verb.split_at_checked(1).unwrap_or((verb, ""));
        format!(" {}{rest} {what}? ", first.to_uppercase())
    }

    pub(super) fn question(&self, confirm: &Confirm) -> Vec<Line<'static>> {
        let mut lines = vec![Line::default()];
        lines.extend(match &confirm.subject {
            Subject::Tasks(tasks) => self.about_tasks(confirm.action, tasks),
            Subject::Queue { queued, .. } => self.about_queue(confirm.action, *queued),
            Subject::Workers(workers) => self.about_workers(confirm.action, workers),
        });
        if confirm.skipped > 0 {
            let left_out = number(confirm.skipped as u64);
            let text = format!("{left_out} of the selected are left out: they cannot be {}", past(confirm.action));
            lines.push(Line::from(self.span(Ink::Dim, text)));
        }
        lines.push(Line::default());
        lines.push(self.keys(Context::Confirm));
        lines
    }

    fn about_tasks(&self, action: Action, tasks: &BTreeMap<TaskId, Memory>) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        if let (1, Some((id, _))) = (tasks.len(), tasks.first_key_value()) {
            lines.push(Line::from(self.span(Ink::Strong, clean(id.as_str()))));
        }
        for state in TaskState::ALL {
            let n = tasks.values().filter(|task| task.state == state).count();
            if n > 0 {
                let state_text = format!("{:>6} {:<10}", number(n as u64), state.word());
                lines.push(Line::from(vec![
                    self.span(self.state.look.ink(state), state_text),
                    self.span(Ink::Dim, effect(action, state)),
                ]));
            }
        }
        lines.push(Line::default());
        let use_cases = tally(tasks.values().map(|task| &task.use_case));
        let users = tally(tasks.values().map(|task| &task.uid_tag));
        lines.push(self.plain(&format!("use case  {use_cases}")));
        lines.push(self.plain(&format!("user      {users}")));
        lines
    }

    fn about_queue(&self, action: Action, queued: Option<Total>) -> Vec<Line<'static>> {
        let waiting = queued.map_or_else(|| "Waiting tasks".to_owned(), |n| format!("{} waiting tasks", total(n)));
        let (first, second) = if action == Action::Pause {
            ("are claimed by no worker until it is resumed;", "what runs goes on, new tasks are still accepted.")
        } else {
            ("are claimed again,", "in their places of the queue.")
        };
        let lines = wrap(&format!("{waiting} {first} {second}"), usize::from(WIDTH));
        lines.iter().map(|line| self.plain(line)).collect()
    }

    fn about_workers(&self, action: Action, workers: &BTreeMap<String, WorkerMemory>) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        for worker in workers.values().take(NAMED) {
            let doing = worker
                .doing
                .as_ref()
                .map_or_else(|| "idle".to_owned(), |(id, use_case)| format!("finishes {} {}", id.short(), use_case));
            let doing = if action == Action::Drain { doing } else { String::new() };
            lines.push(self.plain(&format!("{:<20}  {doing}", fit(&worker.short, 20))));
        }
        if let Some(more) = workers.len().checked_sub(NAMED).filter(|more| *more > 0) {
            lines.push(self.plain(&format!("and {} more", number(more as u64))));
        }
        lines.push(Line::default());
        lines.push(self.plain(if action == Action::Drain {
            "They take no new tasks until they are taken back."
        } else {
            "They take tasks again."
        }));
        lines
    }

    fn plain(&self, text: &str) -> Line<'static> {
        Line::from(self.span(Ink::Text, fit(text, usize::from(WIDTH))))
    }
}

/// "cannot be ...".
const fn past(action: Action) -> &'static str {
    match action {
        Action::Requeue => "requeued",
        _ => action.done(),
    }
}

/// What the action does to a task in this state.
const fn effect(action: Action, state: TaskState) -> &'static str {
    match (action, state) {
        (Action::Cancel, TaskState::Queued) => "ends at once, as revoked",
        (Action::Cancel, TaskState::Started) => "stops at its next step, as revoked",
        (Action::Requeue, TaskState::Success) => "the unfetched result is dropped",
        (Action::Requeue, TaskState::Completed) => "the fetched result is dropped",
        (Action::Requeue, TaskState::Failure | TaskState::Revoked) => "runs again with its input",
        (Action::Delete, TaskState::Success) => "input and unfetched result are lost",
        (Action::Delete, TaskState::Completed) => "input and result are lost",
        (Action::Delete, TaskState::Failure | TaskState::Revoked) => "its input is lost",
        (Action::Priority(1..), TaskState::Queued) => "priority + 1: runs earlier",
        (Action::Priority(_), TaskState::Queued) => "priority - 1: runs later",
        _ => "is left as it is",
    }
}

/// `weight_stats 2, sleep_quality 1`, most frequent first.
fn tally<'a>(words: impl Iterator<Item = &'a String>) -> String {
    let mut counts = BTreeMap::<&str, usize>::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    if let (1, Some((word, _))) = (counts.len(), counts.first_key_value()) {
        return (*word).to_owned();
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(word, count)| (std::cmp::Reverse(*count), *word));
    let more = counts.len().saturating_sub(3);
    let mut shown: Vec<_> =
        counts.iter().take(3).map(|(word, count)| format!("{word} {}", number(*count as u64))).collect();
    if more > 0 {
        shown.push(format!("{} more", number(more as u64)));
    }
    shown.join(", ")
}
