//! What there is to show: plain values, filled by the host. At most one page of tasks is in here, whatever waits.

use std::{fmt, sync::Arc};

use crate::clock::Millis;

/// A task's id as the console shows it. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(Arc<str>);

impl TaskId {
    /// From the full text of an id.
    pub fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// The full text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first eight characters, enough to recognise it.
    pub fn short(&self) -> String {
        self.0.chars().take(8).collect()
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a task stands; the words are those of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskState {
    /// Waiting for a worker.
    Queued,
    /// Running.
    Started,
    /// Finished, result not fetched yet.
    Success,
    /// Finished, result fetched.
    Completed,
    /// Ended without a result.
    Failure,
    /// Cancelled.
    Revoked,
}

impl TaskState {
    /// Every state, in the order of a task's life.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Started, Self::Success, Self::Completed, Self::Failure, Self::Revoked];

    /// The API's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Started => "started",
            Self::Success => "success",
            Self::Completed => "completed",
            Self::Failure => "failure",
            Self::Revoked => "revoked",
        }
    }

    /// Has it ended?
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::Queued | Self::Started)
    }
}

/// Which tasks are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// Running, then waiting in the order of the queue, then ended, newest first.
    #[default]
    All,
    /// Waiting, in the order of the queue.
    Queued,
    /// Running, last started first.
    Started,
    /// With a result, last ended first.
    Finished,
    /// Without one, last ended first.
    Failed,
    /// Cancelled, last ended first.
    Revoked,
}

impl Tab {
    /// Every tab, as they stand on the screen.
    pub const ALL: [Self; 6] = [Self::All, Self::Queued, Self::Started, Self::Finished, Self::Failed, Self::Revoked];

    /// Its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Queued => "Queued",
            Self::Started => "Started",
            Self::Finished => "Finished",
            Self::Failed => "Failed",
            Self::Revoked => "Revoked",
        }
    }

    /// How many tasks it lists without a filter.
    pub const fn count(self, counts: &Counts) -> u64 {
        match self {
            Self::All => counts.total(),
            Self::Queued => counts.queued,
            Self::Started => counts.started,
            Self::Finished => counts.success + counts.completed,
            Self::Failed => counts.failure,
            Self::Revoked => counts.revoked,
        }
    }
}

/// What does not change while the server runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Server {
    /// Program's name.
    pub name: String,
    /// Program's version.
    pub version: String,
    /// Machine's name.
    pub node: String,
    /// `dev`, `staging` or `prod`.
    pub environment: String,
    /// Where the API listens.
    pub address: String,
    /// The store's engine.
    pub store: String,
    /// When it started.
    pub started: Millis,
    /// Tasks that can run at once.
    pub workers: usize,
    /// Names of what can be computed, to complete filters.
    pub use_cases: Vec<String>,
}

/// Tasks in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Waiting.
    pub queued: u64,
    /// Running.
    pub started: u64,
    /// Finished, not fetched.
    pub success: u64,
    /// Finished and fetched.
    pub completed: u64,
    /// Failed.
    pub failure: u64,
    /// Cancelled.
    pub revoked: u64,
}

impl Counts {
    /// All of them.
    pub const fn total(&self) -> u64 {
        self.queued + self.started + self.success + self.completed + self.failure + self.revoked
    }
}

/// The task that waits longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oldest {
    /// Since when.
    pub since: Millis,
    /// Only the head of a long queue was looked at: one behind it may wait longer.
    pub at_least: bool,
}

/// What ended lately.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Flow {
    /// Minutes looked at.
    pub minutes: u32,
    /// Tasks that ended with or without a result.
    pub ended: u64,
    /// Those without.
    pub failed: u64,
}

impl Flow {
    /// Tasks a minute.
    pub fn per_minute(&self) -> f64 {
        self.ended as f64 / f64::from(self.minutes.max(1))
    }

    /// Share that failed, in percent; `None` when nothing ended.
    pub fn failed_percent(&self) -> Option<f64> {
        (self.ended > 0).then(|| self.failed as f64 * 100.0 / self.ended as f64)
    }
}

/// Something the operator must know.
#[derive(Debug, Clone, PartialEq)]
pub enum Alert {
    /// The store does not answer: what is shown is as old as `since`.
    StoreUnreachable {
        /// Last good answer.
        since: Millis,
        /// What it said instead.
        reason: String,
    },
    /// This process runs no tasks.
    NoWorkers,
    /// Claiming of these use cases is paused.
    Paused(Vec<String>),
    /// The console could not keep up and reloaded; this many changes were not seen one by one.
    EventsDropped(u64),
    /// The server is draining.
    Draining,
}

/// One task.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its id.
    pub id: TaskId,
    /// Tag of its uid (never the uid itself).
    pub uid_tag: String,
    /// Whose share of the queue it counts against.
    pub client: String,
    /// Its use case.
    pub use_case: String,
    /// What a worker must have to run it.
    pub capability: String,
    /// Where it stands.
    pub state: TaskState,
    /// A cancel was accepted; its worker stops it.
    pub cancelling: bool,
    /// Place in the queue, 1-based, while queued.
    pub position: Option<u64>,
    /// -10..=10, higher first.
    pub priority: i8,
    /// How often it was claimed.
    pub attempt: u32,
    /// Full name of the worker that runs it, or ran it last.
    pub worker: Option<String>,
    /// The same in few characters.
    pub worker_short: Option<String>,
    /// `cpu`, `cuda`.
    pub device: Option<String>,
    /// Share of the work done, 0..=1.
    pub progress: Option<f32>,
    /// First byte of the request.
    pub received: Millis,
    /// Enqueued.
    pub created: Millis,
    /// Last claimed.
    pub started: Option<Millis>,
    /// Ended.
    pub finished: Option<Millis>,
    /// Result first fetched.
    pub fetched: Option<Millis>,
    /// When it will be removed.
    pub expires: Option<Millis>,
    /// Why it failed: the label.
    pub failure: Option<String>,
    /// Why it failed: a sentence.
    pub failure_detail: Option<String>,
    /// Bytes of input.
    pub input_bytes: u64,
    /// Bytes of result.
    pub result_bytes: Option<u64>,
}

impl Row {
    /// Since when it counts up, if it does: a queued task waits, a started one runs.
    pub const fn counting_since(&self) -> Option<Millis> {
        match self.state {
            TaskState::Queued => Some(self.created),
            TaskState::Started => self.started,
            _ => None,
        }
    }

    /// Milliseconds it ran, once ended.
    pub fn ran(&self) -> Option<i64> {
        if self.state.is_terminal() { Some(self.finished? - self.started?) } else { None }
    }

    /// Milliseconds it waited before it was (last) claimed.
    pub fn waited(&self) -> Option<i64> {
        Some(self.started? - self.created)
    }

    /// Milliseconds still to run, guessed from progress so far; `None` before 2 % are done.
    pub fn remaining(&self, now: Millis) -> Option<i64> {
        let done = f64::from(self.progress.filter(|_| self.state == TaskState::Started)?);
        let elapsed = (now - self.started?).max(0) as f64;
        (done >= 0.02).then(|| (elapsed * (1.0 - done.min(1.0)) / done) as i64)
    }
}

/// How many tasks the present tab and filter list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exactly(u64),
    /// At least so many; the rest was not counted.
    AtLeast(u64),
}

impl Default for Total {
    fn default() -> Self {
        Self::Exactly(0)
    }
}

/// One page of tasks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The tab they belong to.
    pub tab: Tab,
    /// The tasks.
    pub rows: Vec<Row>,
    /// Tasks on the pages before.
    pub before: u64,
    /// Is there a page behind?
    pub more: bool,
    /// All that match.
    pub total: Total,
}

/// Load of the machine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Machine {
    /// Load of each core, 0..=1.
    pub cores: Vec<f32>,
    /// Mean load of the cores over time, oldest first, 0..=1.
    pub cpu: Vec<f32>,
    /// Used share of the memory over time, oldest first, 0..=1.
    pub memory: Vec<f32>,
    /// Bytes of memory in use.
    pub memory_used: u64,
    /// Bytes of memory.
    pub memory_total: u64,
    /// Bytes that this process uses.
    pub process: u64,
    /// Load average over 1, 5, 15 minutes.
    pub load: [f64; 3],
    /// Seconds between two samples.
    pub interval_s: u32,
}

/// Everything a screen shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// The present, which ages are counted to.
    pub now: Millis,
    /// The operator's time zone, seconds east of UTC.
    pub utc_offset_s: i32,
    /// Fixed facts.
    pub server: Server,
    /// Tasks in each state.
    pub counts: Counts,
    /// Who waits longest.
    pub oldest: Option<Oldest>,
    /// What ended lately.
    pub flow: Flow,
    /// What the operator must know, most urgent first.
    pub alerts: Vec<Alert>,
    /// The tasks listed. `None` until the first answer.
    pub page: Option<Page>,
    /// The task in the details pane, also when it is on no page any more.
    pub watched: Option<Row>,
    /// Load of the machine; `None` before the first sample.
    pub machine: Option<Machine>,
    /// Samples are being taken. They pause while nothing waits or runs.
    pub sampling: bool,
}

impl Snapshot {
    /// The rows of the present page.
    pub fn rows(&self) -> &[Row] {
        self.page.as_ref().map_or(&[], |page| &page.rows)
    }

    /// A task by its id, from the page or the details pane.
    pub fn row(&self, id: &TaskId) -> Option<&Row> {
        self.rows().iter().chain(&self.watched).find(|row| row.id == *id)
    }

    /// Since when the data shown is stale, if it is.
    pub fn stale_since(&self) -> Option<Millis> {
        self.alerts.iter().find_map(|alert| match alert {
            Alert::StoreUnreachable { since, .. } => Some(*since),
            _ => None,
        })
    }

    /// Does anything wait or run?
    pub const fn is_busy(&self) -> bool {
        self.counts.queued + self.counts.started > 0
    }
}
