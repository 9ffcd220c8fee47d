//! One row of the run history: what a successful task cost.

use serde::{Deserialize, Serialize};

use super::{TaskId, Timestamp};

/// Who caused a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunOrigin {
    /// A client's task.
    Task,
    /// The bench command.
    Bench,
}

/// One successful execution. Exactly one row per success; it outlives the task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The task.
    pub task: TaskId,
    /// Client or bench.
    pub origin: RunOrigin,
    /// Name of the use case.
    pub use_case: String,
    /// `cpu` or `cuda`.
    pub device: String,
    /// When it finished.
    pub finished: Timestamp,
    /// First byte of the submitting request to the enqueue, seconds.
    pub upload_s: f64,
    /// Enqueue to (last) claim, seconds.
    pub queue_s: f64,
    /// Pure computation, seconds.
    pub server_s: f64,
    /// First byte of the submitting request to the last byte of the first whole result, seconds; filled at fetch.
    pub end_to_end_s: Option<f64>,
    /// Bootstraps of the computation, where the kernel counts them.
    pub bootstraps: u64,
}
