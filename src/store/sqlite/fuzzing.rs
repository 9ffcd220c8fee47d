//! Rows of a file that somebody else has written to.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a fuzz target fails by panicking")]

use rusqlite::{Connection, types::Value};

use super::{
    audit, history, lanes,
    row::{COLUMNS, Columns, Row},
};
use crate::{
    fuzzing::Script,
    store::{ListOrder, StoreError, lanes::Lane},
    task::{BlobRef, ClientId, Digest, Status, Task, TaskFailure, TaskId, Timestamp, Token, Uid, WorkerName},
};

thread_local! {
    static CONNECTION: Connection = Connection::open_in_memory().unwrap();
}

/// Any value in place of a column's: its type, then the value.
fn value(script: &mut Script<'_>) -> Value {
    match script.u8() % 6 {
        0 => Value::Null,
        1 => Value::Integer(script.i64()),
        2 => Value::Integer(i64::from(script.u8())),
        3 => Value::Real(f64::from_bits(script.i64() as u64)),
        4 => Value::Text(script.text()),
        _ => Value::Blob(script.text().into_bytes()),
    }
}

/// Whatever `read` makes of a row of these values.
fn read<T>(values: &[Value], read: impl FnOnce(&rusqlite::Row<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
    CONNECTION.with(|connection| {
        let marks = vec!["?"; values.len()].join(", ");
        let mut statement = connection.prepare_cached(&format!("SELECT {marks}")).unwrap();
        let mut rows = statement.query(rusqlite::params_from_iter(values)).unwrap();
        read(rows.next().unwrap().expect("one row"))
    })
}

/// A whole row, with every column filled.
fn row() -> Row {
    let at = Timestamp::from_millis(1_700_000_000_000);
    let blob = |name: &str| BlobRef { name: name.to_owned(), len: 3, digest: Digest::of(b"abc") };
    let id = "936da01f-9abd-4d9d-80c7-02af85c822a8";
    let task = Task {
        id: id.parse::<TaskId>().unwrap(),
        uid: id.parse::<Uid>().unwrap(),
        client: ClientId("client".to_owned()),
        use_case: "weight_stats".to_owned(),
        capability: "weight_stats".to_owned(),
        status: Status::Failure,
        priority: 3,
        attempt: 1,
        cancelling: false,
        input: blob("inputs/a"),
        result: Some(blob("results/a")),
        failure: Some(TaskFailure { label: crate::task::FailureLabel::TimeLimit, detail: "late".to_owned() }),
        worker: Some(WorkerName("node/0".to_owned())),
        device: Some("cpu".to_owned()),
        progress: None,
        received: at,
        created: at,
        started: Some(at),
        finished: Some(at),
        fetched: Some(at),
        expires: Some(at),
    };
    Row {
        n: 7,
        task,
        vt: 1,
        seq: 1,
        queued: at,
        token: Some(id.parse::<Token>().unwrap()),
        ended_as: Some(Status::Failure),
        run: Some(1),
        idempotency_key: Some("order-1".to_owned()),
        last_finished: Some(at),
    }
}

fn columns(row: &Row) -> Vec<Value> {
    let values = row.values().unwrap().map(|(_, value)| value);
    std::iter::once(Value::Integer(row.n)).chain(values).collect()
}

/// A task's row with some columns changed. What is read is the same when it is written again.
pub(crate) fn task(mut script: Script<'_>) {
    let mut values = columns(&row());
    assert_eq!(values.len(), COLUMNS.split(',').count());
    while !script.is_over() {
        let column = usize::from(script.u8()) % values.len();
        values[column] = value(&mut script);
    }
    if let Ok(mut row) = read(&values, Row::read) {
        let again = read(&columns(&row), Row::read).expect("what was written is read");
        row.task.progress = again.task.progress;
        assert_eq!(again, row);
    }
}

/// Rows of the run history and of the audit log, of any values.
pub(crate) fn run_or_audit(mut script: Script<'_>) {
    let values: Vec<Value> = (0..10).map(|_| value(&mut script)).collect();
    let _ = read(&values, |row| history::read(&mut Columns { row, at: 0 }));
    let _ = read(&values, |row| audit::read(&mut Columns { row, at: 0 }));
}

pub(crate) fn cursor(text: &str, order: ListOrder, all: &[Lane]) {
    if let Ok((number, key)) = lanes::decode(text, order, all) {
        let written = lanes::encode(order, all[number], key);
        assert_eq!(lanes::decode(&written, order, all).expect("a cursor of ours"), (number, key));
    }
}
