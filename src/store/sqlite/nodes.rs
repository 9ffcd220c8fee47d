//! [`NodeStore`] of the embedded engine: in memory, because the only node is this process.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use parking_lot::Mutex;

use super::SqliteStore;
use crate::{
    store::{EventKind, FORGOTTEN_AFTER, Node, NodeName, NodeReport, NodeStore, Result, StoreError},
    task::{Timestamp, WorkerName},
};

#[derive(Debug)]
struct Entry {
    report: NodeReport,
    seen: Timestamp,
    /// Slots that are asked to claim nothing more.
    draining: BTreeSet<WorkerName>,
}

/// The register.
#[derive(Debug, Default)]
pub(super) struct Nodes(Mutex<BTreeMap<NodeName, Entry>>);

impl Nodes {
    fn announce(&self, report: NodeReport, now: Timestamp) -> BTreeSet<WorkerName> {
        let mut nodes = self.0.lock();
        nodes.retain(|_, entry| now.since(entry.seen) < FORGOTTEN_AFTER);
        let draining = nodes.remove(&report.name).map_or_else(
            || report.slots.iter().filter(|slot| slot.draining).map(|slot| slot.worker.clone()).collect(),
            |entry| entry.draining,
        );
        nodes.insert(report.name.clone(), Entry { report, seen: now, draining: draining.clone() });
        draining
    }

    fn list(&self, now: Timestamp) -> Vec<Node> {
        let nodes = self.0.lock();
        let shown = |entry: &Entry| Node {
            report: entry.report.clone(),
            draining: entry.draining.clone(),
            seen: entry.seen,
            age: now.since(entry.seen),
        };
        nodes.values().map(shown).filter(|node| node.age < FORGOTTEN_AFTER).collect()
    }

    /// The slots that the name means, each with whether this changed something.
    fn set_draining(&self, name: &str, draining: bool) -> Vec<(WorkerName, bool)> {
        let mut found = Vec::new();
        for (node, entry) in &mut *self.0.lock() {
            let meant =
                entry.report.slots.iter().map(|slot| &slot.worker).filter(|slot| node.0 == name || slot.0 == name);
            for worker in meant {
                let changed =
                    if draining { entry.draining.insert(worker.clone()) } else { entry.draining.remove(worker) };
                found.push((worker.clone(), changed));
            }
        }
        found
    }
}

impl SqliteStore {
    fn open_now(&self) -> Result<Timestamp> {
        if self.inbox.lock().is_none() {
            return Err(StoreError::Unavailable("the store is closed".to_owned()));
        }
        Ok(self.options.clock.now())
    }
}

#[async_trait]
impl NodeStore for SqliteStore {
    async fn announce(&self, report: NodeReport) -> Result<BTreeSet<WorkerName>> {
        Ok(self.nodes.announce(report, self.open_now()?))
    }

    async fn leave(&self, node: NodeName) -> Result<()> {
        self.open_now()?;
        self.nodes.0.lock().remove(&node);
        Ok(())
    }

    async fn nodes(&self) -> Result<Vec<Node>> {
        Ok(self.nodes.list(self.open_now()?))
    }

    async fn set_draining(&self, name: &str, draining: bool) -> Result<Vec<WorkerName>> {
        self.open_now()?;
        let found = self.nodes.set_draining(name, draining);
        let changed = found.iter().filter(|(_, changed)| *changed);
        let told = changed.map(|(worker, _)| EventKind::Draining { worker: worker.clone(), draining });
        self.live.publish(&[], told.collect());
        Ok(found.into_iter().map(|(worker, _)| worker).collect())
    }
}
