//! What there is to show: plain values, filled by the host. At most one page of anything that can be long is in here,
//! whatever waits.

mod audit;
mod fleet;
mod history;
mod logs;
mod machine;
mod overview;
mod page;
mod task;

use crate::clock::Millis;

pub use audit::{AuditPage, AuditRow};
pub use fleet::{Doing, Fleet, Node, Queue, Worker};
pub use history::{
    Bucket, Chart, Chosen, Comparison, Histogram, History, Measure, Span, Stats, Summary, Timed, Verdict,
};
pub use logs::{Level, LogLine, Logs};
pub use machine::{Bootstraps, Gpu, Gpus, KeyCache, Machine, Series};
pub use overview::{Alert, Counts, Flow, Oldest, Server};
pub use page::{Page, ScreenKind, Tab, Total};
pub use task::{Attempt, Detail, Row, TaskId, TaskState};

/// What an operator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Role {
    /// Look.
    #[default]
    Viewer,
    /// Look and change.
    Operator,
}

/// Everything a screen shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// The present, which ages are counted to.
    pub now: Millis,
    /// The operator's time zone, seconds east of UTC.
    pub utc_offset_s: i32,
    /// What the operator may do.
    pub role: Role,
    /// Who looks, as the audit log names them; empty: not said.
    pub actor: String,
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
    /// More of that task.
    pub detail: Detail,
    /// The queue of each use case; filled while [`crate::State::wants_queues`].
    pub queues: Vec<Queue>,
    /// Load of the machine; `None` before the first sample.
    pub machine: Option<Machine>,
    /// Samples are being taken. They pause while nothing waits or runs.
    pub sampling: bool,
    /// Nodes and workers. Like the following: filled while its screen is looked at ([`crate::Command::Look`]), `None`
    /// before the first answer.
    pub fleet: Option<Fleet>,
    /// GPUs, while [`crate::State::wants_gpus`].
    pub gpus: Gpus,
    /// Server keys in memory.
    pub keys: Option<KeyCache>,
    /// Bootstraps a second.
    pub bootstraps: Option<Bootstraps>,
    /// Times of past runs.
    pub history: Option<History>,
    /// A window of the log.
    pub logs: Option<Logs>,
    /// A page of the audit log.
    pub audit: Option<AuditPage>,
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
