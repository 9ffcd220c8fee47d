//! Nodes, each with its workers below it, as one list.

use std::collections::BTreeMap;

use super::{State, WorkerMemory};
use crate::{
    action::Action,
    order,
    snapshot::{Fleet, Node, Snapshot, Worker},
    table::Shown,
};

/// What a line of the list stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FleetKey {
    /// A node, by its name.
    Node(String),
    /// A worker, by its full name.
    Worker(String),
}

impl FleetKey {
    /// The name.
    pub fn name(&self) -> &str {
        match self {
            Self::Node(name) | Self::Worker(name) => name,
        }
    }
}

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FleetRow<'a> {
    /// A node.
    Node(&'a Node),
    /// A worker, below its node.
    Worker(&'a Worker),
}

impl FleetRow<'_> {
    /// What it stands for.
    pub fn key(&self) -> FleetKey {
        match self {
            Self::Node(node) => FleetKey::Node(node.name.clone()),
            Self::Worker(worker) => FleetKey::Worker(worker.name.clone()),
        }
    }
}

impl State {
    /// The lines of the list; workers whose node is not known stand at the end.
    pub fn fleet_rows<'a>(&self, fleet: &'a Fleet) -> Vec<FleetRow<'a>> {
        let workers = self.fleet.sorted(&fleet.workers, order::WORKERS);
        let mut rows = Vec::with_capacity(fleet.nodes.len() + workers.len());
        for node in &fleet.nodes {
            rows.push(FleetRow::Node(node));
            rows.extend(
                workers.iter().filter(|worker| worker.node == node.name).map(|worker| FleetRow::Worker(worker)),
            );
        }
        let known = |worker: &Worker| fleet.nodes.iter().any(|node| node.name == worker.node);
        rows.extend(workers.iter().filter(|worker| !known(worker)).map(|worker| FleetRow::Worker(worker)));
        rows
    }

    /// What of the list is on the screen.
    pub(crate) fn fleet_shown(&self, snapshot: &Snapshot) -> Option<Shown<FleetKey>> {
        let fleet = snapshot.fleet.as_ref()?;
        let keys = self.fleet_rows(fleet).iter().map(FleetRow::key).collect();
        Some(Shown { keys, before: 0, more: false, page: self.rows() / 2 })
    }

    /// The workers that would be drained, or taken back: those selected, else the highlighted one; for a node, its own.
    pub fn drainable(&self, action: Action, snapshot: &Snapshot) -> BTreeMap<String, WorkerMemory> {
        let meant: Vec<&FleetKey> = if self.fleet.selected().is_empty() {
            self.fleet.highlighted().into_iter().collect()
        } else {
            self.fleet.selected().keys().collect()
        };
        let is_meant = |worker: &Worker| {
            meant.iter().any(|key| match key {
                FleetKey::Node(name) => *name == worker.node,
                FleetKey::Worker(name) => *name == worker.name,
            })
        };
        let workers = snapshot.fleet.iter().flat_map(|fleet| &fleet.workers);
        workers
            .filter(|worker| is_meant(worker) && worker.draining == (action == Action::Undrain))
            .map(|worker| {
                let doing = worker.doing.as_ref().map(|doing| (doing.id.clone(), doing.use_case.clone()));
                (worker.name.clone(), WorkerMemory { short: worker.short.clone(), doing })
            })
            .collect()
    }
}
