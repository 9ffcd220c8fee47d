//! The invariants of the contract (see the documentation of `cipherdeck::store`) as functions of what the store shows
//! and, where the past matters, of what it has answered so far.

use std::collections::{BTreeMap, BTreeSet};

use cipherdeck::{
    store::{Beat, BeatAnswer, Event, EventKind, Position, Store},
    task::{Run, Status, TaskId, Token},
};

use super::{model::Model, view::View};

/// All of them that concern a single moment.
pub(crate) async fn check(store: &dyn Store, view: &View, before: &View, model: &Model, max_attempts: u32) {
    i1_each_task_is_in_exactly_one_state_list(view);
    i2_acknowledged_tasks_are_present(view, model);
    i3_one_live_token_at_most(store, model).await;
    i4_attempts_are_bounded_and_failures_explained(view, max_attempts);
    i5_a_cancelled_task_never_succeeds(view, model);
    i6_terminal_states_are_left_by_four_ways_only(view, before, model);
    i8_positions_have_no_gaps_and_counts_equal_listings(view);
    i9_one_run_per_success(view, model);
    i10_results_are_there(view, model);
}

pub(crate) fn i1_each_task_is_in_exactly_one_state_list(view: &View) {
    let mut seen = BTreeMap::new();
    for (status, ids) in &view.by_state {
        for id in ids {
            assert_eq!(seen.insert(*id, *status), None, "I1: {id} is in two state lists");
        }
    }
    assert_eq!(seen, view.statuses(), "I1: the state lists differ from the records");
}

pub(crate) fn i2_acknowledged_tasks_are_present(view: &View, model: &Model) {
    let present: BTreeSet<TaskId> = view.tasks.iter().map(|task| task.id).collect();
    let expected: BTreeSet<TaskId> = model.tasks.iter().map(|entry| entry.task.id).collect();
    assert_eq!(present, expected, "I2: acknowledged tasks and those that exist differ");
}

/// Every token ever handed out is `Lost`, except the last one of each running task.
pub(crate) async fn i3_one_live_token_at_most(store: &dyn Store, model: &Model) {
    let progress = |id: TaskId| model.find(id).and_then(|entry| entry.task.progress).unwrap_or(0.0);
    let beats: Vec<Beat> =
        model.tokens.iter().map(|&(task, token)| Beat { task, token, progress: progress(task) }).collect();
    let answers = store.heartbeat(beats.clone()).await.unwrap();
    let live: BTreeMap<TaskId, Token> =
        model.tasks.iter().filter_map(|entry| Some((entry.task.id, entry.live_token()?))).collect();
    for (beat, answer) in beats.iter().zip(answers) {
        let expected = match model.find(beat.task) {
            Some(entry) if live.get(&beat.task) == Some(&beat.token) => {
                if entry.task.cancelling {
                    BeatAnswer::Cancel
                } else {
                    BeatAnswer::Ok
                }
            }
            _ => BeatAnswer::Lost,
        };
        assert_eq!(answer, expected, "I3: token {} of task {}", beat.token, beat.task);
    }
}

pub(crate) fn i4_attempts_are_bounded_and_failures_explained(view: &View, max: u32) {
    for task in &view.tasks {
        assert!(task.attempt <= max, "I4: {} has been tried {} times", task.id, task.attempt);
        assert_eq!(task.failure.is_some(), task.status == Status::Failure, "I4: {task:?}");
    }
}

pub(crate) fn i5_a_cancelled_task_never_succeeds(view: &View, model: &Model) {
    for task in view.tasks.iter().filter(|task| task.status.has_result()) {
        assert!(!model.cancelled.contains(&task.id), "I5: {} was cancelled and succeeded", task.id);
    }
}

pub(crate) fn i6_terminal_states_are_left_by_four_ways_only(view: &View, before: &View, model: &Model) {
    let now = view.statuses();
    for task in before.tasks.iter().filter(|task| task.status.is_terminal()) {
        let allowed = match now.get(&task.id) {
            Some(&status) if status == task.status => true,
            Some(Status::Completed) => task.status == Status::Success,
            Some(Status::Queued) | None => model.left.contains(&task.id),
            Some(_) => false,
        };
        assert!(allowed, "I6: {} went from {} to {:?}", task.id, task.status, now.get(&task.id));
    }
}

pub(crate) fn i8_positions_have_no_gaps_and_counts_equal_listings(view: &View) {
    let length = view.queue.len() as u64;
    for (index, id) in view.queue.iter().enumerate() {
        let expected = Position { place: index as u64 + 1, length };
        assert_eq!(view.positions[id], Some(expected), "I8: position of {id}");
    }
    for (id, status) in view.statuses() {
        assert_eq!(view.positions[&id].is_some(), status == Status::Queued, "I8: {id} is {status}");
    }
    for (status, ids) in &view.by_state {
        assert_eq!(view.counts.of(*status), ids.len() as u64, "I8: count of {status}");
    }
    let mut waiting = std::collections::BTreeMap::new();
    for task in view.tasks.iter().filter(|task| task.status == Status::Queued) {
        *waiting.entry(task.use_case.clone()).or_insert(0) += 1;
    }
    assert_eq!(view.waiting, waiting, "I8: counts of the use cases");
}

pub(crate) fn i9_one_run_per_success(view: &View, model: &Model) {
    let expected: Vec<Run> = model.runs.iter().rev().take(super::view::RUNS).cloned().collect();
    assert_eq!(view.runs, expected, "I9: the run history");
}

pub(crate) fn i10_results_are_there(view: &View, model: &Model) {
    for task in &view.tasks {
        assert_eq!(task.result.is_some(), task.status.has_result(), "I10: {task:?}");
        for blob in std::iter::once(&task.input).chain(&task.result) {
            assert!(!model.garbage.contains(&blob.name), "I10: {} of {} was given up", blob.name, task.id);
        }
    }
}

/// What a reader of events knows.
#[derive(Default)]
pub(crate) struct Listener {
    seq: Option<u64>,
    pub(crate) statuses: BTreeMap<TaskId, Status>,
}

impl Listener {
    /// Begins with what a reader has loaded.
    pub(crate) fn loaded(view: &View) -> Self {
        Self { seq: None, statuses: view.statuses() }
    }

    pub(crate) fn hear(&mut self, event: &Event) {
        if let Some(last) = self.seq {
            assert_eq!(event.seq, last + 1, "I11: a gap between events without a word");
        }
        self.seq = Some(event.seq);
        match event.kind.clone() {
            EventKind::Task { id, status: Some(status) } => {
                self.statuses.insert(id, status);
            }
            EventKind::Task { id, status: None } => {
                self.statuses.remove(&id);
            }
            _ => {}
        }
    }
}

pub(crate) fn i11_events_tell_every_change(view: &View, listener: &Listener) {
    assert_eq!(listener.statuses, view.statuses(), "I11: the events tell another story than the records");
}

/// Checked right after a client without any task queued `id`, and its priority has only ever been claimed in order.
pub(crate) fn i12_at_most_one_task_of_each_other_client_goes_first(view: &View, id: TaskId) {
    let tasks: BTreeMap<TaskId, _> = view.tasks.iter().map(|task| (task.id, task)).collect();
    let mine = tasks[&id];
    let mut ahead: BTreeMap<_, u32> = BTreeMap::new();
    for other in view.queue.iter().take_while(|other| **other != id).map(|other| tasks[other]) {
        assert!(other.priority >= mine.priority, "I12: a lower priority goes first");
        if other.priority == mine.priority {
            *ahead.entry(&other.client).or_default() += 1;
        }
    }
    assert!(ahead.values().all(|&count| count <= 1), "I12: ahead of {id} are {ahead:?}");
}
