//! Waiting for a task to get somewhere, woken by the store's events.

use std::{sync::Arc, time::Duration};

use cipherdeck::{
    store::Store,
    task::{Status, Task, TaskId},
};

/// Nothing that a test waits for takes longer on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// The task once `reached` holds.
pub async fn task_when(store: &Arc<dyn Store>, id: TaskId, reached: impl Fn(&Task) -> bool) -> Task {
    let mut events = store.events();
    let wait = async {
        loop {
            if let Some(task) = store.task(id).await.expect("the store answers")
                && reached(&task)
            {
                return task;
            }
            let _ = events.recv().await;
        }
    };
    tokio::time::timeout(DEADLINE, wait).await.expect("the task gets there in time")
}

/// The task once it has this status.
pub async fn task_with(store: &Arc<dyn Store>, id: TaskId, status: Status) -> Task {
    task_when(store, id, |task| task.status == status).await
}

/// The task once it has ended.
pub async fn ended(store: &Arc<dyn Store>, id: TaskId) -> Task {
    task_when(store, id, |task| task.status.is_terminal()).await
}
