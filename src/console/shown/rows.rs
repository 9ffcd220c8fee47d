//! A task's record as the screen shows it.

use cipherdeck_ui::{Row, TaskId as ShownId, TaskState, snapshot};

use crate::{
    store::Counts,
    task::{Status, Task, TaskId, Timestamp},
};

/// Same facts, plain values; the uid stays here, only its tag is shown.
pub(in crate::console) fn row(task: &Task, position: Option<u64>) -> Row {
    Row {
        id: shown(task.id),
        uid_tag: task.uid.tag(),
        client: client(task),
        use_case: task.use_case.clone(),
        capability: task.capability.clone(),
        state: state(task.status),
        cancelling: task.cancelling,
        position,
        priority: task.priority,
        attempt: task.attempt,
        worker: task.worker.as_ref().map(|worker| worker.0.clone()),
        worker_short: task.worker.as_ref().map(|worker| short(&worker.0)),
        device: task.device.clone(),
        progress: task.progress,
        received: task.received.millis(),
        created: task.created.millis(),
        started: task.started.map(Timestamp::millis),
        finished: task.finished.map(Timestamp::millis),
        fetched: task.fetched.map(Timestamp::millis),
        expires: task.expires.map(Timestamp::millis),
        failure: task.failure.as_ref().map(|failure| failure.label.word().to_owned()),
        failure_detail: task.failure.as_ref().map(|failure| failure.detail.clone()),
        input_bytes: task.input.len,
        result_bytes: task.result.as_ref().map(|result| result.len),
    }
}

/// Where each client is one uid, its name is the uid's tag; a name that holds the uid itself must not be shown.
fn client(task: &Task) -> String {
    if task.client.0.contains(&task.uid.expose()) { task.uid.tag() } else { task.client.0.clone() }
}

/// `host:pid:uuid/index` as `host/index`.
pub(in crate::console) fn short(worker: &str) -> String {
    let host = worker.split(':').next().unwrap_or(worker);
    match worker.rsplit_once('/') {
        Some((_, index)) if host.len() < worker.len() => format!("{host}/{index}"),
        _ => worker.to_owned(),
    }
}

pub(in crate::console) fn shown(id: TaskId) -> ShownId {
    ShownId::new(&id.to_string())
}

pub(in crate::console) const fn state(status: Status) -> TaskState {
    match status {
        Status::Queued => TaskState::Queued,
        Status::Started => TaskState::Started,
        Status::Success => TaskState::Success,
        Status::Completed => TaskState::Completed,
        Status::Failure => TaskState::Failure,
        Status::Revoked => TaskState::Revoked,
    }
}

pub(in crate::console) const fn counts(counts: &Counts) -> snapshot::Counts {
    snapshot::Counts {
        queued: counts.queued,
        started: counts.started,
        success: counts.success,
        completed: counts.completed,
        failure: counts.failure,
        revoked: counts.revoked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_known_by_host_and_slot() {
        assert_eq!(short("kepler:4711:936da01f9abd4d9d80c702af85c822a8/3"), "kepler/3");
        assert_eq!(short("bench"), "bench");
        assert_eq!(short("odd/name"), "odd/name");
    }
}
