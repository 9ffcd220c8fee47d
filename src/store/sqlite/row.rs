//! One row of table `task`: the record and what the engine keeps beside it.

use std::str::FromStr;

use rusqlite::types::{FromSql, Value};

use super::order::QueueKey;
use crate::{
    store::StoreError,
    task::{BlobRef, ClientId, Digest, Status, Task, TaskFailure, TaskId, Timestamp, Token, WorkerName},
};

/// Every column, in the order of [`Row::values`] and [`Row::read`].
pub(super) const COLUMNS: &str = "n, id, uid, uid_tag, client, use_case, capability, status, band, vt, seq, attempt, \
     cancelling, input_name, input_len, input_digest, result_name, result_len, result_digest, failure, \
     failure_detail, worker, device, received, created, queued, started, finished, fetched, expires, token, ended_as, \
     run, idempotency_key, last_finished";

/// A task as stored.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Arrival number; 0 before it is inserted.
    pub(super) n: i64,
    /// The record. `progress` is not stored.
    pub(super) task: Task,
    /// Virtual time: its place among tasks of equal priority.
    pub(super) vt: i64,
    /// Order of queueing, for equal virtual times.
    pub(super) seq: i64,
    /// When it was last queued by its client or an operator.
    pub(super) queued: Timestamp,
    /// The claim; alive while started.
    pub(super) token: Option<Token>,
    /// What the finish with `token` answered.
    pub(super) ended_as: Option<Status>,
    /// Its row in the run history.
    pub(super) run: Option<i64>,
    /// The client's key.
    pub(super) idempotency_key: Option<String>,
    /// The end before the last requeue: a new end must differ from it.
    pub(super) last_finished: Option<Timestamp>,
}

impl Row {
    /// Its place in the queue.
    pub(super) const fn key(&self) -> QueueKey {
        QueueKey { band: -self.task.priority, vt: self.vt, seq: self.seq }
    }

    /// Name and value of every column but `n`.
    pub(super) fn values(&self) -> Result<[(&'static str, Value); 34], StoreError> {
        let Task { input, result, failure, .. } = &self.task;
        let task = &self.task;
        Ok([
            ("id", text(&task.id)),
            ("uid", Value::Text(task.uid.expose())),
            ("uid_tag", Value::Text(task.uid.tag())),
            ("client", text(&task.client.0)),
            ("use_case", text(&task.use_case)),
            ("capability", text(&task.capability)),
            ("status", text(&task.status)),
            ("band", Value::Integer(-i64::from(task.priority))),
            ("vt", Value::Integer(self.vt)),
            ("seq", Value::Integer(self.seq)),
            ("attempt", Value::Integer(task.attempt.into())),
            ("cancelling", Value::Integer(task.cancelling.into())),
            ("input_name", text(&input.name)),
            ("input_len", Value::Integer(stored_len(input.len)?)),
            ("input_digest", text(&input.digest)),
            ("result_name", optional(result.as_ref().map(|blob| &blob.name))),
            ("result_len", result.as_ref().map(|blob| stored_len(blob.len)).transpose()?.into()),
            ("result_digest", optional(result.as_ref().map(|blob| blob.digest))),
            ("failure", optional(failure.as_ref().map(|failure| failure.label))),
            ("failure_detail", optional(failure.as_ref().map(|failure| &failure.detail))),
            ("worker", optional(task.worker.as_ref())),
            ("device", optional(task.device.as_ref())),
            ("received", Value::Integer(task.received.millis())),
            ("created", Value::Integer(task.created.millis())),
            ("queued", Value::Integer(self.queued.millis())),
            ("started", task.started.map(Timestamp::millis).into()),
            ("finished", task.finished.map(Timestamp::millis).into()),
            ("fetched", task.fetched.map(Timestamp::millis).into()),
            ("expires", task.expires.map(Timestamp::millis).into()),
            ("token", optional(self.token)),
            ("ended_as", optional(self.ended_as)),
            ("run", self.run.into()),
            ("idempotency_key", optional(self.idempotency_key.as_ref())),
            ("last_finished", self.last_finished.map(Timestamp::millis).into()),
        ])
    }

    /// Reads a row whose columns are [`COLUMNS`].
    pub(super) fn read(row: &rusqlite::Row<'_>) -> Result<Self, StoreError> {
        let c = &mut Columns { row, at: 0 };
        let n = c.take()?;
        let id = c.parse::<TaskId>()?;
        let uid = c.parse()?;
        let _tag: String = c.take()?;
        let client = ClientId(c.take()?);
        let use_case = c.take()?;
        let capability = c.take()?;
        let status = c.parse::<Status>()?;
        let (band, vt, seq): (i8, i64, i64) = (c.take()?, c.take()?, c.take()?);
        let attempt = c.take()?;
        let cancelling = c.take()?;
        let input = BlobRef { name: c.take()?, len: c.len()?, digest: c.parse()? };
        let result = c.blob()?;
        let failure = match (c.parse_optional()?, c.take::<Option<String>>()?) {
            (Some(label), detail) => Some(TaskFailure { label, detail: detail.unwrap_or_default() }),
            (None, _) => None,
        };
        let worker = c.take::<Option<String>>()?.map(WorkerName);
        let device = c.take()?;
        let (received, created, queued) = (c.time()?, c.time()?, c.time()?);
        let (started, finished) = (c.optional_time()?, c.optional_time()?);
        let (fetched, expires) = (c.optional_time()?, c.optional_time()?);
        let token = c.parse_optional()?;
        let ended_as = c.parse_optional()?;
        let run = c.take()?;
        let idempotency_key = c.take()?;
        let last_finished = c.optional_time()?;
        let task = Task {
            id,
            uid,
            client,
            use_case,
            capability,
            status,
            priority: band.checked_neg().ok_or_else(|| damaged("band"))?,
            attempt,
            cancelling,
            input,
            result,
            failure,
            worker,
            device,
            progress: (status == Status::Started).then_some(0.0),
            received,
            created,
            started,
            finished,
            fetched,
            expires,
        };
        Ok(Self { n, task, vt, seq, queued, token, ended_as, run, idempotency_key, last_finished })
    }
}

/// Reads columns from left to right.
pub(super) struct Columns<'a> {
    pub(super) row: &'a rusqlite::Row<'a>,
    pub(super) at: usize,
}

impl Columns<'_> {
    pub(super) fn take<T: FromSql>(&mut self) -> Result<T, StoreError> {
        let value = self.row.get(self.at)?;
        self.at += 1;
        Ok(value)
    }

    pub(super) fn parse<T: FromStr>(&mut self) -> Result<T, StoreError> {
        self.parse_optional()?.ok_or_else(|| damaged("an empty column"))
    }

    pub(super) fn parse_optional<T: FromStr>(&mut self) -> Result<Option<T>, StoreError> {
        let at = self.at;
        let stored: Option<String> = self.take()?;
        let parse = |text: String| text.parse().map_err(|_| damaged(&format!("column {at}")));
        stored.map(parse).transpose()
    }

    pub(super) fn len(&mut self) -> Result<u64, StoreError> {
        u64::try_from(self.take::<i64>()?).map_err(|_| damaged("a negative length"))
    }

    pub(super) fn time(&mut self) -> Result<Timestamp, StoreError> {
        self.take().map(Timestamp::from_millis)
    }

    pub(super) fn optional_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.take::<Option<i64>>()?.map(Timestamp::from_millis))
    }

    /// A blob's name, length and digest: all of them or none.
    pub(super) fn blob(&mut self) -> Result<Option<BlobRef>, StoreError> {
        let (name, len) = (self.take::<Option<String>>()?, self.take::<Option<i64>>()?);
        match (name, len, self.parse_optional::<Digest>()?) {
            (Some(name), Some(len), Some(digest)) => {
                let len = u64::try_from(len).map_err(|_| damaged("a negative length"))?;
                Ok(Some(BlobRef { name, len, digest }))
            }
            (None, None, None) => Ok(None),
            _ => Err(damaged("half a blob reference")),
        }
    }
}

fn text(value: &impl ToString) -> Value {
    Value::Text(value.to_string())
}

fn optional(value: Option<impl ToString>) -> Value {
    value.map_or(Value::Null, |value| Value::Text(value.to_string()))
}

/// A length as SQLite keeps it.
pub(super) fn stored_len(len: u64) -> Result<i64, StoreError> {
    i64::try_from(len).map_err(|_| damaged("a blob longer than 2^63 bytes"))
}

pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_list_and_the_values_agree() {
        let names: Vec<&str> = COLUMNS.split(", ").map(str::trim).collect();
        let row = super::super::tests::row();
        let values = row.values().unwrap();
        assert_eq!(names[0], "n");
        assert_eq!(names[1..], values.each_ref().map(|(name, _)| *name)[..]);
    }
}
