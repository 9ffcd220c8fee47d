//! The register of nodes: a report of each as JSON, when it came, and the slots that are to claim nothing more.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{RedisStore, fault::damaged, link::args, scripts};
use crate::{
    store::{FORGOTTEN_AFTER, Node, NodeName, NodeReport, NodeStore, Result},
    task::{Timestamp, WorkerName},
};

#[async_trait]
impl NodeStore for RedisStore {
    async fn announce(&self, report: NodeReport) -> Result<BTreeSet<WorkerName>> {
        let text = serde_json::to_string(&report).map_err(|error| damaged(&error.to_string()))?;
        let mut args = args![report.name, text, FORGOTTEN_AFTER.as_millis()];
        args.extend(report.slots.iter().filter(|slot| slot.draining).map(|slot| slot.worker.0.clone()));
        let (draining,): (Vec<String>,) = self.link.repeat(&scripts::ANNOUNCE, args).await?;
        Ok(draining.into_iter().map(WorkerName).collect())
    }

    async fn leave(&self, node: NodeName) -> Result<()> {
        self.link.repeat(&scripts::LEAVE, args![node]).await
    }

    async fn nodes(&self) -> Result<Vec<Node>> {
        let (now, found): (i64, Vec<(String, i64, Vec<String>)>) =
            self.link.repeat(&scripts::NODES, Vec::new()).await?;
        let now = Timestamp::from_millis(now);
        let mut nodes = Vec::new();
        for (report, seen, draining) in found {
            let report: NodeReport = match serde_json::from_str(&report) {
                Ok(report) => report,
                Err(error) => {
                    tracing::warn!(%error, "a node's report cannot be read; a newer program may have written it");
                    continue;
                }
            };
            let seen = Timestamp::from_millis(seen);
            let (age, draining) = (now.since(seen), draining.into_iter().map(WorkerName).collect());
            nodes.push(Node { report, draining, seen, age });
        }
        nodes.retain(|node| node.age < FORGOTTEN_AFTER);
        nodes.sort_by(|a, b| a.report.name.cmp(&b.report.name));
        Ok(nodes)
    }

    async fn set_draining(&self, name: &str, draining: bool) -> Result<Vec<WorkerName>> {
        let (found,): (Vec<String>,) = self.link.repeat(&scripts::DRAIN, args![name, u8::from(draining)]).await?;
        Ok(found.into_iter().map(WorkerName).collect())
    }
}
