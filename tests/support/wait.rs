//! Waiting for a task to get somewhere, woken by the store's events.

use std::{sync::Arc, time::Duration};

use cipherdeck::{
    monitor::logs::LogRing,
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

/// Waits for a line of the log with all these texts; for the `again`th one.
#[allow(dead_code, reason = "the benchmark does not use it")]
pub async fn until_logged(logs: &LogRing, texts: &[&str], again: usize) -> String {
    let mut written = logs.written();
    let wait = async {
        loop {
            let lines = logs.tail(1_000);
            let mut found = lines.iter().filter(|line| texts.iter().all(|text| line.text.contains(text)));
            if let Some(line) = found.nth(again - 1) {
                return line.text.clone();
            }
            written.changed().await.expect("the ring is there");
        }
    };
    tokio::time::timeout(DEADLINE, wait).await.unwrap_or_else(|_| panic!("no line {texts:?}: {:#?}", logs.tail(1_000)))
}

/// The task once it has this status.
pub async fn task_with(store: &Arc<dyn Store>, id: TaskId, status: Status) -> Task {
    task_when(store, id, |task| task.status == status).await
}

/// The task once it has ended.
pub async fn ended(store: &Arc<dyn Store>, id: TaskId) -> Task {
    task_when(store, id, |task| task.status.is_terminal()).await
}
