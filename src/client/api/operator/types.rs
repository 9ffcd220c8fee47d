//! Answers of the operator endpoints, as far as they are shown. Read leniently: a missing key is empty, a new one is
//! ignored. Texts are shown through `text::sanitise` only.

use serde::Deserialize;

use crate::task::Timestamp;

/// A task.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the endpoint's description says what they are")]
pub struct Task {
    pub task_id: String,
    pub uid_tag: String,
    pub client: String,
    pub use_case: String,
    pub status: String,
    pub details: String,
    pub cancelling: bool,
    pub priority: i8,
    pub position: Option<u64>,
    pub queue_length: Option<u64>,
    pub progress: Option<f32>,
    pub attempts: u32,
    pub worker: Option<String>,
    pub device: Option<String>,
    pub capability: String,
    pub failure: Option<Failure>,
    pub input_bytes: u64,
    pub result_bytes: Option<u64>,
    pub received: Option<Timestamp>,
    pub created: Option<Timestamp>,
    pub started: Option<Timestamp>,
    pub finished: Option<Timestamp>,
    pub fetched: Option<Timestamp>,
    pub expires: Option<Timestamp>,
}

/// Why a task failed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Failure {
    /// From a closed set.
    pub label: String,
    /// A sentence.
    pub detail: String,
}

/// One page of tasks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct TaskPage {
    /// The tasks.
    pub tasks: Vec<Task>,
    /// Goes on behind them.
    pub cursor: Option<String>,
    /// Of all tasks.
    pub counts: Counts,
    /// Paused use cases.
    pub paused: Vec<String>,
}

/// Number of tasks in each state.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of the states")]
pub struct Counts {
    pub queued: u64,
    pub started: u64,
    pub success: u64,
    pub completed: u64,
    pub failure: u64,
    pub revoked: u64,
    pub total: u64,
}

/// A task with its lines of the log.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ShownTask {
    /// The task.
    pub task: Task,
    /// The lines, oldest first.
    pub log: Vec<LogLine>,
}

/// A line of the log.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct LogLine {
    /// When.
    pub at: Option<Timestamp>,
    /// How serious.
    pub level: String,
    /// What.
    pub text: String,
}

/// What became of an action on a task.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Acted {
    /// `done`, `stopping`, `refused`, `gone`.
    pub answer: String,
    /// A sentence.
    pub detail: String,
}

/// What became of an action on many tasks.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the words of the answers")]
pub struct ActedOnMany {
    pub done: u64,
    pub stopping: u64,
    pub refused: u64,
    pub gone: u64,
    pub failed: u64,
}

/// What became of a queue.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct QueueChanged {
    /// Is claiming paused now?
    pub paused: bool,
}

/// What became of a worker.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct WorkerChanged {
    /// `drain` or `undrain`.
    pub action: String,
}

/// Every node that works.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Workers {
    /// The nodes.
    pub nodes: Vec<Node>,
}

/// One process with worker slots.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the endpoint's description says what they are")]
pub struct Node {
    pub name: String,
    pub version: String,
    pub age_s: f64,
    pub threads: u64,
    pub slots: Vec<Slot>,
}

/// One worker slot.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the endpoint's description says what they are")]
pub struct Slot {
    pub name: String,
    pub device: String,
    pub task_id: Option<String>,
    pub use_case: Option<String>,
    pub progress: Option<f32>,
    pub done: u64,
    pub failed: u64,
    pub busy_s: f64,
    pub draining: bool,
}

/// The run history.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct History {
    /// By use case, device and measure.
    pub statistics: Vec<Figures>,
    /// How `faster` and `slower` are decided.
    pub rule: String,
    /// Newest first.
    pub runs: Vec<Run>,
}

/// The times of one use case on one device.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the endpoint's description says what they are")]
pub struct Figures {
    pub use_case: String,
    pub device: String,
    pub measure: String,
    pub n: u64,
    pub mean_s: f64,
    pub std_s: f64,
    pub min_s: f64,
    pub max_s: f64,
    pub p50_s: f64,
    pub p95_s: f64,
    pub p99_s: f64,
    pub comparison: Option<Comparison>,
}

/// The newest runs against those before them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Comparison {
    /// Median of the newest by median of those before.
    pub ratio: f64,
    /// `faster`, `same`, `slower`.
    pub verdict: String,
}

/// One successful execution.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the endpoint's description says what they are")]
pub struct Run {
    pub task_id: String,
    pub origin: String,
    pub use_case: String,
    pub device: String,
    pub finished: Option<Timestamp>,
    pub queue_s: f64,
    pub server_s: f64,
    pub end_to_end_s: Option<f64>,
    pub bootstraps: u64,
}

/// What became of runs that the bench command has measured.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct Benched {
    /// Entered into the history.
    pub recorded: u64,
    /// There already.
    pub known: u64,
    /// Of tasks that the history does not have.
    pub gone: u64,
}

/// One page of the audit log.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct AuditPage {
    /// Newest first.
    pub rows: Vec<AuditEntry>,
    /// Goes on behind them.
    pub cursor: Option<String>,
}

/// One thing that was done, or refused.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the endpoint's description says what they are")]
pub struct AuditEntry {
    pub number: u64,
    pub at: Option<Timestamp>,
    pub door: String,
    pub actor: String,
    pub role: String,
    pub action: String,
    pub object: String,
    pub result: String,
}
