//! Nodes, their workers, server keys, bootstraps.

use cipherdeck_ui::{
    TaskId,
    snapshot::{Bootstraps, Doing, Fleet, KeyCache, Node, Series, Worker},
};

use super::rows;
use crate::{
    console::fleet::{INTERVAL, Sample},
    store,
    worker::process_name,
};

pub(in crate::console) fn fleet(sample: &Sample) -> Fleet {
    Fleet {
        nodes: sample.nodes.iter().map(node).collect(),
        workers: sample.nodes.iter().flat_map(|node| node.report.slots.iter().map(|slot| worker(node, slot))).collect(),
        // One for all: nodes of a cluster have the same lease, or are just being given another.
        lost_after_ms: sample.nodes.iter().map(|node| node.report.lease_ms as i64).max().unwrap_or(0),
    }
}

fn node(node: &store::Node) -> Node {
    let report = &node.report;
    Node {
        name: report.name.0.clone(),
        version: report.version.clone(),
        started: report.started.millis(),
        heartbeat: node.seen.millis(),
        threads: report.threads,
        draining: !report.slots.is_empty() && report.slots.iter().all(|slot| node.draining.contains(&slot.worker)),
    }
}

fn worker(node: &store::Node, slot: &store::SlotReport) -> Worker {
    Worker {
        name: slot.worker.0.clone(),
        short: rows::short(&slot.worker.0),
        node: node.report.name.0.clone(),
        heartbeat: node.seen.millis(),
        doing: slot.task.as_ref().map(|task| Doing {
            id: rows::shown(task.id),
            use_case: task.use_case.clone(),
            progress: Some(task.progress),
            started: slot.since.millis(),
        }),
        device: slot.device.clone(),
        draining: node.draining.contains(&slot.worker),
        done: slot.done,
        failed: slot.failed,
        mean_s: (slot.done > 0).then(|| slot.computed.as_secs_f64() / slot.done as f64),
    }
}

/// Server keys of all nodes together; `None`: there is no node.
pub(in crate::console) fn keys(sample: &Sample) -> Option<KeyCache> {
    let mut keys: Option<KeyCache> = None;
    for node in &sample.nodes {
        let (sum, of) = (keys.get_or_insert_default(), &node.report.keys);
        sum.entries += of.entries;
        sum.bytes += of.bytes;
        sum.capacity += of.capacity;
        sum.hits += of.hits;
        sum.misses += of.misses;
    }
    keys
}

pub(in crate::console) fn bootstraps(sample: &Sample) -> Option<Bootstraps> {
    let per_second = *sample.bootstraps.last()?;
    let history =
        Series { values: sample.bootstraps.clone(), interval_ms: INTERVAL.as_millis() as i64, end: sample.at.millis() };
    Some(Bootstraps { per_second, history })
}

/// Tasks that this process runs on GPUs. What other processes run is on GPUs of theirs.
pub(in crate::console) fn on_gpus(sample: &Sample) -> Vec<TaskId> {
    let ours = process_name();
    let nodes = sample.nodes.iter().filter(|node| node.report.name.0.starts_with(&ours));
    let slots = nodes.flat_map(|node| &node.report.slots);
    let on_gpu = slots.filter(|slot| slot.device.starts_with("cuda"));
    on_gpu.filter_map(|slot| slot.task.as_ref()).map(|task| rows::shown(task.id)).collect()
}
