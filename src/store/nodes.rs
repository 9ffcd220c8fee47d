//! Who works: every process with worker slots reports about once a second what it does, and hears which of its slots are
//! to claim nothing more. Reports are about the present: no engine keeps them durably.

use std::{collections::BTreeSet, fmt, time::Duration};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Result;
use crate::task::{TaskId, Timestamp, WorkerName};

/// A node that has been silent for so long is forgotten.
pub const FORGOTTEN_AFTER: Duration = Duration::from_mins(10);

/// One process with worker slots: `host:pid:uuid`, never reused. Its slots are named `host:pid:uuid/index`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeName(pub String);

impl NodeName {
    /// The name of its slot number `index`.
    pub fn slot(&self, index: usize) -> WorkerName {
        WorkerName(format!("{}/{index}", self.0))
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a slot runs now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlotTask {
    /// The task.
    pub id: TaskId,
    /// Its use case.
    pub use_case: String,
    /// Share of the work done, 0..1.
    pub progress: f32,
}

/// One worker slot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlotReport {
    /// Its name.
    pub worker: WorkerName,
    /// The device it runs on: `cpu`, `cuda`.
    pub device: String,
    /// What it runs.
    pub task: Option<SlotTask>,
    /// Since when it runs that, or nothing.
    pub since: Timestamp,
    /// Tasks it ended with a result.
    pub done: u64,
    /// Tasks it ended as failed.
    pub failed: u64,
    /// Pure computation of those done.
    pub computed: Duration,
    /// Time it spent on tasks, the present one included.
    pub busy: Duration,
    /// It was asked to claim nothing more, and heard it.
    pub draining: bool,
}

/// A node's cache of server keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct KeyCacheReport {
    /// Keys held.
    pub entries: u64,
    /// Bytes held.
    pub bytes: u64,
    /// Bytes it may hold.
    pub capacity: u64,
    /// Times a key was there.
    pub hits: u64,
    /// Times it had to be loaded.
    pub misses: u64,
}

/// What a node says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeReport {
    /// Its name.
    pub name: NodeName,
    /// Version of its program.
    pub version: String,
    /// When its workers started.
    pub started: Timestamp,
    /// Threads that its slots share.
    pub threads: usize,
    /// What it computes on: `cpu`, `cuda`.
    pub devices: Vec<String>,
    /// Its slots.
    pub slots: Vec<SlotReport>,
    /// Its server keys.
    pub keys: KeyCacheReport,
    /// Bootstraps executed so far, those of running tasks included.
    pub bootstraps: u64,
    /// Milliseconds of silence after which its tasks go back to the queue (`worker.lease_s`). Nodes of versions that did
    /// not say so had the lease of the default settings.
    #[serde(default = "default_lease_ms")]
    pub lease_ms: u64,
}

const fn default_lease_ms() -> u64 {
    15_000
}

/// A node as the others see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its last report.
    pub report: NodeReport,
    /// Its slots that are asked to claim nothing more, also those that have not heard of it yet.
    pub draining: BTreeSet<WorkerName>,
    /// When that came.
    pub seen: Timestamp,
    /// How long that is ago.
    pub age: Duration,
}

impl Node {
    /// Is there a slot that claims tasks: the node was heard of within its lease, and not every slot is draining?
    pub fn claims(&self) -> bool {
        self.claiming() > 0
    }

    /// Slots that claim tasks.
    pub fn claiming(&self) -> usize {
        let slots = self.report.slots.iter().filter(|slot| !self.draining.contains(&slot.worker));
        if self.lives() { slots.count() } else { 0 }
    }

    /// Was it heard of within its lease?
    pub fn lives(&self) -> bool {
        self.age <= Duration::from_millis(self.report.lease_ms)
    }
}

/// The register of nodes.
#[async_trait]
pub trait NodeStore: Send + Sync + 'static {
    /// A sign of life with everything to be known about a node. Answers which of its slots are to claim nothing more.
    /// What a node that is not in the register says about its draining slots holds.
    async fn announce(&self, report: NodeReport) -> Result<BTreeSet<WorkerName>>;

    /// A node goes, in good order.
    async fn leave(&self, node: NodeName) -> Result<()>;

    /// Every node that announced itself within [`FORGOTTEN_AFTER`] and did not leave, by name.
    async fn nodes(&self) -> Result<Vec<Node>>;

    /// Asks a slot, or every slot of a node, to finish its task and to claim no more (`true`), or to go on (`false`). It
    /// hears of it with its next announcement. Answers the slots that the name means; none: there is no such name.
    async fn set_draining(&self, name: &str, draining: bool) -> Result<Vec<WorkerName>>;
}
