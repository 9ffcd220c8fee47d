//! Who computes: nodes, their workers, and the queues they claim from.

use super::{TaskId, Total};
use crate::clock::Millis;

/// One process that runs tasks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// Its name, unique.
    pub name: String,
    /// Version of its program.
    pub version: String,
    /// When it started.
    pub started: Millis,
    /// When it was last heard of.
    pub heartbeat: Millis,
    /// Threads that compute.
    pub threads: usize,
    /// It takes no new tasks.
    pub draining: bool,
}

/// What a worker does at the moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Doing {
    /// The task.
    pub id: TaskId,
    /// Its use case.
    pub use_case: String,
    /// Share of the work done, 0..=1.
    pub progress: Option<f32>,
    /// Since when.
    pub started: Millis,
}

/// One slot that runs one task at a time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Worker {
    /// Full name, unique; what [`crate::Target::Worker`] names.
    pub name: String,
    /// The same in few characters.
    pub short: String,
    /// Name of its node.
    pub node: String,
    /// When it was last heard of.
    pub heartbeat: Millis,
    /// Its task; `None`: idle.
    pub doing: Option<Doing>,
    /// `cpu`, `cuda`.
    pub device: String,
    /// It takes no new tasks.
    pub draining: bool,
    /// Tasks that ended with a result, since it started.
    pub done: u64,
    /// Tasks that failed, since it started.
    pub failed: u64,
    /// Mean of the pure computation, seconds; `None` before the first.
    pub mean_s: Option<f64>,
}

/// Nodes and workers, each in a fixed order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fleet {
    /// Processes.
    pub nodes: Vec<Node>,
    /// Their workers.
    pub workers: Vec<Worker>,
    /// A heartbeat older than this many milliseconds means: lost.
    pub lost_after_ms: i64,
}

/// The waiting tasks of one use case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Queue {
    /// Its name; what [`crate::Target::Queue`] names.
    pub use_case: String,
    /// How many wait; `None`: not counted.
    pub queued: Option<Total>,
    /// Claiming is paused.
    pub paused: bool,
}
