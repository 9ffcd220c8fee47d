//! What the clients saw.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use super::Latencies;
use crate::{bench::questions::Kind, task::TaskId};

/// So many sentences about faults are kept; all are counted.
const SENTENCES: usize = 20;

/// What must not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// An answer is not that of the plain calculation, or is none.
    Wrong,
    /// An accepted task had no end, or its answer could not be had.
    Lost,
    /// One task was started, or computed, twice.
    Duplicated,
    /// A cancelled task has an answer, a task was revoked that nobody cancelled, or the like.
    Unexpected,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Wrong, Self::Lost, Self::Duplicated, Self::Unexpected];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Lost => "lost",
            Self::Duplicated => "duplicated",
            Self::Unexpected => "unexpected",
        }
    }
}

/// How an accepted task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// With the right answer.
    Answered,
    /// Cancelled by its client.
    Cancelled,
    /// In a failure that the server told of.
    Failed,
    /// In a fault.
    Faulty,
}

/// Counts and times.
#[derive(Debug, Default)]
pub struct Tally {
    /// Accepted tasks; `None`: open.
    tasks: HashMap<TaskId, Option<End>>,
    /// Answered tasks of each use case.
    pub answered: BTreeMap<Kind, u64>,
    /// Requests to start a task.
    pub submit: Latencies,
    /// Requests for a status, without waiting for news.
    pub status: Latencies,
    /// From encryption to the checked answer.
    pub end_to_end: BTreeMap<Kind, Latencies>,
    /// What was refused or went wrong on the way, by what was asked for and label.
    pub errors: BTreeMap<String, u64>,
    faults: BTreeMap<Fault, u64>,
    /// The first faults in words.
    pub sentences: Vec<String>,
    /// The most tasks that were seen waiting.
    pub peak_queue: u64,
    last_queue: u64,
}

/// Where it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Now {
    /// Accepted.
    pub accepted: u64,
    /// Answered.
    pub answered: u64,
    /// Accepted and not ended.
    pub open: u64,
    /// Waiting on the server, at the last look.
    pub queue: u64,
    /// Errors of all kinds.
    pub errors: u64,
    /// Faults of all kinds.
    pub faults: u64,
}

impl Tally {
    /// The server has accepted a task.
    pub fn accepted(&mut self, task: TaskId) {
        if self.tasks.insert(task, None).is_some() {
            self.fault(Fault::Duplicated, &format!("two submissions are one task, {task}"));
        }
    }

    /// A task has ended.
    pub fn ended(&mut self, task: TaskId, end: End) {
        self.tasks.insert(task, Some(end));
    }

    /// A task was answered rightly.
    pub fn answered(&mut self, task: TaskId, kind: Kind, time: Duration) {
        self.ended(task, End::Answered);
        *self.answered.entry(kind).or_default() += 1;
        self.end_to_end.entry(kind).or_default().add(time);
    }

    /// A task has ended as it must not.
    pub fn spoilt(&mut self, task: TaskId, fault: Fault, why: &str) {
        self.ended(task, End::Faulty);
        self.fault(fault, &format!("task {task}: {why}"));
    }

    /// Something that must not happen.
    pub fn fault(&mut self, fault: Fault, sentence: &str) {
        *self.faults.entry(fault).or_default() += 1;
        if self.sentences.len() < SENTENCES {
            self.sentences.push(format!("{}: {sentence}", fault.word()));
        }
    }

    /// Something that was refused.
    pub fn error(&mut self, what: &str, label: &str) {
        *self.errors.entry(format!("{what} {label}")).or_default() += 1;
    }

    /// So many tasks wait.
    pub fn queue(&mut self, length: Option<u64>) {
        if let Some(length) = length {
            self.last_queue = length;
            self.peak_queue = self.peak_queue.max(length);
        }
    }

    /// How many of a fault.
    pub fn faults(&self, fault: Fault) -> u64 {
        self.faults.get(&fault).copied().unwrap_or_default()
    }

    /// No faults, and no open tasks.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty() && self.count(None) == 0
    }

    /// Accepted tasks.
    pub fn tasks(&self) -> impl Iterator<Item = (TaskId, Option<End>)> {
        self.tasks.iter().map(|(task, end)| (*task, *end))
    }

    /// How many tasks ended so; `None`: have not ended.
    pub fn count(&self, end: Option<End>) -> u64 {
        self.tasks.values().filter(|it| **it == end).count() as u64
    }

    /// Accepted tasks in all.
    pub fn total(&self) -> u64 {
        self.tasks.len() as u64
    }

    /// For whoever watches.
    pub fn now(&self) -> Now {
        Now {
            accepted: self.total(),
            answered: self.answered.values().sum(),
            open: self.count(None),
            queue: self.last_queue,
            errors: self.errors.values().sum(),
            faults: self.faults.values().sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_accepted_task_has_one_end() {
        let mut tally = Tally::default();
        let [right, wrong, cancelled, open] = std::array::from_fn(|_| TaskId::random());
        for task in [right, wrong, cancelled, open] {
            tally.accepted(task);
        }
        tally.answered(right, Kind::Ads, Duration::from_secs(1));
        tally.ended(cancelled, End::Cancelled);
        assert!(!tally.is_sound(), "two are open");
        tally.ended(open, End::Failed);
        tally.ended(wrong, End::Answered);
        assert!(tally.is_sound());
        tally.spoilt(wrong, Fault::Wrong, "the scores differ");
        assert!(!tally.is_sound());
        assert_eq!((tally.total(), tally.count(Some(End::Answered)), tally.count(None)), (4, 1, 0));
        assert_eq!((tally.faults(Fault::Wrong), tally.faults(Fault::Lost)), (1, 0));
        assert!(tally.sentences[0].starts_with("wrong: task "), "{:?}", tally.sentences);
    }

    #[test]
    fn a_task_that_is_accepted_twice_is_a_duplicate() {
        let (mut tally, task) = (Tally::default(), TaskId::random());
        tally.accepted(task);
        tally.accepted(task);
        assert_eq!((tally.faults(Fault::Duplicated), tally.total()), (1, 1));
    }

    #[test]
    fn what_is_shown_now_is_what_was_counted() {
        let mut tally = Tally::default();
        tally.queue(Some(7));
        tally.queue(Some(3));
        tally.queue(None);
        tally.error("submit", "queue_full");
        tally.error("submit", "queue_full");
        assert_eq!((tally.now(), tally.peak_queue), (Now { queue: 3, errors: 2, ..Now::default() }, 7));
        assert_eq!(tally.errors["submit queue_full"], 2);
        for _ in 0..50 {
            tally.fault(Fault::Lost, "");
        }
        assert_eq!((tally.sentences.len(), tally.faults(Fault::Lost)), (SENTENCES, 50));
    }
}
