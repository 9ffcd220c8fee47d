//! Long polls. One reader of the store's events wakes exactly those requests whose task changed, so that a thousand
//! waiting clients cost nothing while other tasks move, and nobody polls the store.

use std::{
    collections::HashMap,
    sync::{Arc, Once},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    sync::{broadcast::error::RecvError, watch},
    time::Instant,
};

use super::{error::ApiResult, state::App};
use crate::{
    store::{EventKind, Events, Store, or_lagged},
    task::{Task, TaskId},
};

type Tasks = Arc<Mutex<HashMap<TaskId, watch::Sender<()>>>>;

/// Who waits for which task.
pub(super) struct Watchers {
    tasks: Tasks,
    store: Arc<dyn Store>,
    reader: Once,
}

/// One request that waits for one task.
pub(super) struct Subscription {
    id: TaskId,
    tasks: Tasks,
    changes: watch::Receiver<()>,
}

impl Watchers {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { tasks: Tasks::default(), store, reader: Once::new() }
    }

    /// From now on no change of the task's status is missed.
    pub(super) fn subscribe(&self, id: TaskId) -> Subscription {
        // The reader starts with the first wait, because only then there surely is a runtime.
        self.reader.call_once(|| {
            tokio::spawn(read(self.store.events(), Arc::clone(&self.tasks)));
        });
        let changes = self.tasks.lock().entry(id).or_insert_with(|| watch::Sender::new(())).subscribe();
        Subscription { id, tasks: Arc::clone(&self.tasks), changes }
    }

    /// Requests that wait now.
    pub(super) fn waiting(&self) -> u64 {
        self.tasks.lock().values().map(|waiting| waiting.receiver_count() as u64).sum()
    }
}

async fn read(mut events: Events, tasks: Tasks) {
    loop {
        match or_lagged(events.recv().await) {
            Ok(event) => {
                if let EventKind::Task { id, .. } = event.kind
                    && let Some(waiting) = tasks.lock().get(&id)
                {
                    waiting.send_replace(());
                }
            }
            // Anything may have changed.
            Err(RecvError::Lagged(_)) => tasks.lock().values().for_each(|waiting| {
                waiting.send_replace(());
            }),
            Err(RecvError::Closed) => return,
        }
    }
}

impl Subscription {
    /// Ends when the task's status may have changed.
    async fn changed(&mut self) {
        if self.changes.changed().await.is_err() {
            // The sender lives in the map as long as a subscription does; should it be gone, the deadline ends the wait.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut tasks = self.tasks.lock();
        // This subscription's own receiver still counts.
        if tasks.get(&self.id).is_some_and(|waiting| waiting.receiver_count() <= 1) {
            tasks.remove(&self.id);
        }
    }
}

/// Waits at most `wait` until `done` holds for the task as stored, and answers the record as it is then; `None` when it
/// is gone. The store is read when the wait begins, after each change of the task, and at the end. A drain ends the wait.
pub(super) async fn until(
    app: &App,
    id: TaskId,
    wait: Duration,
    done: impl Fn(&Task) -> bool + Send,
) -> ApiResult<Option<Task>> {
    let end = Instant::now() + wait;
    let mut subscription = app.watchers.subscribe(id);
    let mut last = app.draining.is_cancelled();
    loop {
        let task = app.store.task(id).await?;
        if last || task.as_ref().is_none_or(&done) {
            return Ok(task);
        }
        tokio::select! {
            () = subscription.changed() => {}
            () = tokio::time::sleep_until(end) => last = true,
            () = app.draining.cancelled() => last = true,
        }
    }
}
