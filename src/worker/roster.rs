//! The slots of this process and what each of them does, for its node's report; and which of them may claim.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tokio::sync::watch;

use super::{KeyCache, job::Ended, running::Running};
use crate::{
    store::{KeyCacheReport, NodeName, NodeReport, SlotReport, SlotTask},
    task::{Task, TaskId, Timestamp, WorkerName},
};

/// What this process computes on.
pub(super) const DEVICE: &str = "cpu";

/// The slots of this process, in order.
pub(super) struct Roster {
    node: NodeName,
    started: Timestamp,
    threads: usize,
    lease: Duration,
    seats: Vec<Arc<Seat>>,
}

/// One slot.
pub(super) struct Seat {
    pub(super) worker: WorkerName,
    draining: watch::Sender<bool>,
    work: Mutex<Work>,
}

/// What a slot did and does.
struct Work {
    task: Option<(TaskId, String)>,
    since: Timestamp,
    began: Instant,
    busy: Duration,
    done: u64,
    failed: u64,
    computed: Duration,
}

impl Roster {
    pub(super) fn new(node: NodeName, slots: usize, threads: usize, lease: Duration) -> Self {
        let started = Timestamp::now();
        let seats = (0..slots).map(|index| Arc::new(Seat::new(node.slot(index), started))).collect();
        Self { node, started, threads, lease, seats }
    }

    pub(super) const fn node(&self) -> &NodeName {
        &self.node
    }

    pub(super) fn seats(&self) -> impl Iterator<Item = Arc<Seat>> {
        self.seats.iter().cloned()
    }

    /// Exactly these slots are to claim nothing more. Says whether that is new to any.
    pub(super) fn drain(&self, draining: &BTreeSet<WorkerName>) -> bool {
        let mut news = false;
        for seat in &self.seats {
            let wanted = draining.contains(&seat.worker);
            let turned = |now: &mut bool| std::mem::replace(now, wanted) != wanted;
            if seat.draining.send_if_modified(turned) {
                tracing::info!(worker = %seat.worker, draining = wanted, "a worker was told whether to claim");
                news = true;
            }
        }
        news
    }

    /// Everything to be known about this node.
    pub(super) fn report(&self, running: &Running, keys: &KeyCache) -> NodeReport {
        let stats = keys.stats();
        NodeReport {
            name: self.node.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: self.started,
            threads: self.threads,
            devices: vec![DEVICE.to_owned()],
            slots: self.seats.iter().map(|seat| seat.report(running)).collect(),
            keys: KeyCacheReport {
                entries: stats.entries,
                bytes: stats.bytes,
                capacity: stats.capacity,
                hits: stats.hits,
                misses: stats.misses,
            },
            bootstraps: running.bootstraps(),
            lease_ms: self.lease.as_millis() as u64,
        }
    }
}

impl Seat {
    fn new(worker: WorkerName, now: Timestamp) -> Self {
        let (began, busy, computed) = (Instant::now(), Duration::ZERO, Duration::ZERO);
        let work = Work { task: None, since: now, began, busy, done: 0, failed: 0, computed };
        Self { worker, draining: watch::Sender::new(false), work: Mutex::new(work) }
    }

    /// Waits as long as the slot is to claim nothing.
    pub(super) async fn may_claim(&self) {
        // The sender is ours: this cannot fail.
        let _ = self.draining.subscribe().wait_for(|draining| !draining).await;
    }

    /// A task begins.
    pub(super) fn begins(&self, task: &Task) {
        let mut work = self.work.lock();
        work.task = Some((task.id, task.use_case.clone()));
        work.since = task.started.unwrap_or_else(Timestamp::now);
        work.began = Instant::now();
    }

    /// It has ended, or was given up or back.
    pub(super) fn ended(&self, ended: Ended) {
        let mut work = self.work.lock();
        let spent = work.began.elapsed();
        work.busy += spent;
        work.task = None;
        work.since = Timestamp::now();
        match ended {
            Ended::Success(computed) => {
                work.done += 1;
                work.computed += computed;
            }
            Ended::Failure => work.failed += 1,
            Ended::Otherwise => {}
        }
    }

    fn report(&self, running: &Running) -> SlotReport {
        let work = self.work.lock();
        let task = work.task.as_ref().map(|(id, use_case)| SlotTask {
            id: *id,
            use_case: use_case.clone(),
            progress: running.progress(*id),
        });
        let present = if task.is_some() { work.began.elapsed() } else { Duration::ZERO };
        SlotReport {
            worker: self.worker.clone(),
            device: DEVICE.to_owned(),
            task,
            since: work.since,
            done: work.done,
            failed: work.failed,
            computed: work.computed,
            busy: work.busy + present,
            draining: *self.draining.borrow(),
        }
    }
}
