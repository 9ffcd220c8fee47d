//! What a round has cost, read from the store and the blobs when nothing runs any more.

use std::{collections::HashMap, sync::Arc, time::Duration};

use cipherdeck::{
    store::{RunFilter, Store},
    task::{Task, TaskId, Timestamp},
    vault::KeyVault,
    worker::janitor::Janitor,
};

use super::{
    clients::{Clients, End},
    cluster::Cluster,
};

/// The figures of a round.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) accepted: usize,
    pub(super) lost: usize,
    pub(super) recovered: usize,
    pub(super) unexpected: usize,
    pub(super) duplicated: usize,
    /// Claims that a failure ended.
    pub(super) interrupted: usize,
    /// Blobs that dead processes had left, which the sweep removed.
    pub(super) swept: u64,
    pub(super) tasks: Vec<Task>,
}

impl Figures {
    /// What these clients' tasks have become. Every process has stopped.
    pub(super) async fn of(cluster: &Cluster, clients: &Clients) -> Self {
        Self::with_successes(cluster, clients, |_| 1).await
    }

    /// The same where some tasks were to succeed more than once.
    pub(super) async fn with_successes(
        cluster: &Cluster,
        clients: &Clients,
        successes: impl Fn(TaskId) -> usize,
    ) -> Self {
        let store = cluster.store().await;
        let mut figures = Self { swept: sweep(cluster, &store).await, ..Self::default() };
        let mut rows: HashMap<TaskId, usize> = HashMap::new();
        for run in store.runs(RunFilter { limit: 100_000, ..RunFilter::default() }).await.unwrap() {
            *rows.entry(run.task).or_default() += 1;
        }
        for entry in clients.tasks() {
            figures.accepted += 1;
            if entry.end != Some(End::Right) {
                let unexpected = entry.end == Some(End::Unexpected);
                figures.unexpected += usize::from(unexpected);
                figures.lost += usize::from(!unexpected);
                continue;
            }
            let Some(task) = store.task(entry.id).await.unwrap() else {
                figures.lost += 1;
                continue;
            };
            figures.recovered += usize::from(task.attempt > 1);
            figures.interrupted += task.attempt.saturating_sub(1) as usize;
            let (rows, results) = (rows.get(&task.id).copied().unwrap_or(0), cluster.results_of(task.id));
            let readable = match &task.result {
                Some(result) => cluster.blobs().get(result).await.is_ok(),
                None => false,
            };
            // A success without its row or its result would be as wrong as one with two.
            figures.unexpected += usize::from(!readable || rows < successes(task.id));
            figures.duplicated += rows.saturating_sub(successes(task.id)) + results.saturating_sub(1);
            figures.tasks.push(task);
        }
        store.close().await;
        figures
    }

    /// Reports the figures, and that nothing is lost, wrong or double.
    pub(super) fn settle(&self, round: &str, besides: &str) {
        let Self { accepted, lost, recovered, unexpected, duplicated, interrupted, swept, .. } = self;
        eprintln!(
            "{round}: accepted {accepted}, lost {lost}, recovered {recovered}, unexpected {unexpected}, \
             duplicated {duplicated}; claims interrupted {interrupted}, blobs swept {swept}; {besides}"
        );
        assert_eq!((*lost, *unexpected, *duplicated), (0, 0, 0), "{round}: lost, unexpected, duplicated");
    }
}

/// Removes what dead processes have left, as the servers' own sweep does a day later.
pub(super) async fn sweep(cluster: &Cluster, store: &Arc<dyn Store>) -> u64 {
    let (blobs, now) = (cluster.blobs(), Timestamp::now());
    let vault = KeyVault::new(Arc::clone(store), blobs.clone());
    let janitor = Janitor::new(Arc::clone(store), blobs, vault, now, Duration::ZERO);
    janitor.sweep_orphans(now.plus(Duration::from_secs(1))).await.unwrap()
}
