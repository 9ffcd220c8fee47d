//! What would be changed, fixed and counted when the question opens.

use std::collections::BTreeMap;

use crate::{
    action::{Action, Target},
    snapshot::{Row, TaskId, TaskState, Total},
    text::number,
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

/// What there is to say of many tasks; counted once, when the question opens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// How many stand where.
    pub states: Vec<(TaskState, usize)>,
    /// Use cases, the most frequent first.
    pub use_cases: String,
    /// Users, the most frequent first.
    pub users: String,
}

impl About {
    fn tasks(tasks: &BTreeMap<TaskId, Memory>) -> Self {
        let n = |state| tasks.values().filter(|task| task.state == state).count();
        let states = TaskState::ALL.into_iter().map(|state| (state, n(state)));
        Self {
            states: states.filter(|(_, n)| *n > 0).collect(),
            use_cases: tally(tasks.values().map(|task| &task.use_case)),
            users: tally(tasks.values().map(|task| &task.uid_tag)),
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
    /// What there is to say of the tasks.
    pub about: About,
}

impl Confirm {
    /// A question about these.
    pub fn new(action: Action, subject: Subject, skipped: usize) -> Self {
        let about = match &subject {
            Subject::Tasks(tasks) => About::tasks(tasks),
            Subject::Queue { .. } | Subject::Workers(_) => About::default(),
        };
        Self { action, subject, skipped, about }
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
