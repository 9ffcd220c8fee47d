//! What concerns this engine only; the contract itself is tested by the conformance suite.

use super::row::Row;
use crate::task::{BlobRef, ClientId, Digest, Status, Task, TaskId, Timestamp, Uid};

/// A queued row.
pub(super) fn row() -> Row {
    let at = Timestamp::from_millis(1_000);
    let task = Task {
        id: TaskId::random(),
        uid: Uid::random(),
        client: ClientId("client".to_owned()),
        use_case: "weight_stats".to_owned(),
        capability: "weight_stats".to_owned(),
        status: Status::Queued,
        priority: 3,
        attempt: 0,
        cancelling: false,
        input: BlobRef { name: "inputs/a".to_owned(), len: 3, digest: Digest::of(b"abc") },
        result: None,
        failure: None,
        worker: None,
        device: None,
        progress: None,
        received: at,
        created: at,
        started: None,
        finished: None,
        fetched: None,
        expires: None,
    };
    let (n, vt, seq, queued) = (0, 1, 1, at);
    Row { n, task, vt, seq, queued, token: None, ended_as: None, run: None, idempotency_key: None, last_finished: None }
}
