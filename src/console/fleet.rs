//! Who computes, and how many bootstraps a second: read from the register of nodes while somebody looks.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    monitor::{
        on_demand::{OnDemand, Probe},
        past::Past,
    },
    store::{Node, NodeName, Store, StoreError},
    task::{Clock, Timestamp},
};

/// Between two looks.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

/// What a look gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// When.
    pub(super) at: Timestamp,
    /// Every node; as they were last seen when the store does not answer.
    pub(super) nodes: Vec<Node>,
    /// Bootstraps a second of all nodes together, oldest first. Where nobody looked, the mean of that time.
    pub(super) bootstraps: Vec<f32>,
}

/// Looks while anybody subscribes. Clones share what they see.
pub type Fleet = OnDemand<Register>;

/// The register of nodes.
pub struct Register {
    store: Arc<dyn Store>,
    clock: Clock,
    nodes: Vec<Node>,
    counted: Option<(Instant, HashMap<NodeName, u64>)>,
    past: Past,
}

impl Register {
    /// Of this store.
    pub fn new(store: Arc<dyn Store>, clock: Clock) -> Self {
        Self { store, clock, nodes: Vec::new(), counted: None, past: Past::every(INTERVAL) }
    }

    /// Takes the nodes' counters over.
    fn count(&mut self, nodes: &[Node], now: Instant) {
        let counts: HashMap<_, _> =
            nodes.iter().map(|node| (node.report.name.clone(), node.report.bootstraps)).collect();
        if let Some((at, before)) = &self.counted {
            // What a new node counted before it was first seen was not within this time.
            let more: u64 = counts
                .iter()
                .map(|(name, count)| count.saturating_sub(before.get(name).copied().unwrap_or(*count)))
                .sum();
            let elapsed = now.saturating_duration_since(*at);
            let per_second = more as f64 / elapsed.as_secs_f64().max(0.1);
            let places = (elapsed.as_millis() + INTERVAL.as_millis() / 2) / INTERVAL.as_millis();
            self.past.fill(per_second as f32, usize::try_from(places).unwrap_or(usize::MAX).max(1));
        }
        self.counted = Some((now, counts));
    }
}

impl Probe for Register {
    type Sample = Sample;
    const FIRST: Duration = Duration::ZERO;
    const INTERVAL: Duration = INTERVAL;

    async fn sample(&mut self) -> Sample {
        match self.store.nodes().await {
            Ok(nodes) => {
                self.count(&nodes, Instant::now());
                self.nodes = nodes;
            }
            Err(StoreError::Unavailable(_)) => {}
            Err(error) => tracing::warn!(%error, "the register of nodes cannot be read"),
        }
        Sample { at: self.clock.now(), nodes: self.nodes.clone(), bootstraps: self.past.values() }
    }
}
