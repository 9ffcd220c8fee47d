//! What there is to show: plain values, filled by the host. At most one page of tasks is in here, whatever waits.

mod page;
mod task;

use crate::clock::Millis;

pub use page::{Page, Tab, Total};
pub use task::{Row, TaskId, TaskState};

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
