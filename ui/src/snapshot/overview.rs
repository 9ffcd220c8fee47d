//! What the header shows: who and where, is it alive and keeping up, what is wrong.

use crate::clock::Millis;

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
    /// No process runs tasks, or all that do are draining.
    NoWorkers,
    /// Claiming of these use cases is paused.
    Paused(Vec<String>),
    /// The console could not keep up and reloaded; this many changes were not seen one by one.
    EventsDropped(u64),
    /// The server is draining.
    Draining,
}
