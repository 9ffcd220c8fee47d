//! One command's view of the database inside the writer's transaction.
//!
//! A transition loads a row, changes it and stores what differs; memory hears of it through the recorded changes after
//! the commit.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension as _, types::Value};

use super::{
    live::Change,
    row::{COLUMNS, Row},
};
use crate::{
    store::{EventKind, Result, StoreOptions},
    task::{BlobRef, ClientId, Status, TaskId, Timestamp, Uid},
};

/// What the writer remembers between commands, including those of the transaction that is open.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) waiting: u64,
    pub(super) waiting_of: HashMap<ClientId, u64>,
    /// (use case, capability) of every task that was ever seen waiting.
    pub(super) groups: BTreeSet<(String, String)>,
    pub(super) next_seq: i64,
}

impl Tally {
    /// Counts a change; `undo` takes it back.
    pub(super) fn count(&mut self, change: &Change, undo: bool) {
        let queued = |place: Option<super::live::Place>| place.is_some_and(|place| place.status == Status::Queued);
        let (before, after) = (queued(change.before), queued(change.after));
        if before == after {
            return;
        }
        let of = self.waiting_of.entry(change.client.clone()).or_default();
        if after == undo {
            *of = of.saturating_sub(1);
            self.waiting = self.waiting.saturating_sub(1);
        } else {
            *of += 1;
            self.waiting += 1;
        }
        if *of == 0 {
            self.waiting_of.remove(&change.client);
        }
    }
}

/// One command.
pub(super) struct Tx<'a> {
    pub(super) conn: &'a Connection,
    pub(super) options: &'a StoreOptions,
    pub(super) tally: &'a mut Tally,
    pub(super) now: Timestamp,
    pub(super) changes: Vec<Change>,
    pub(super) events: Vec<EventKind>,
}

impl Tx<'_> {
    /// The row of a task.
    pub(super) fn load(&self, id: TaskId) -> Result<Option<Row>> {
        self.load_where("id = ?1", &id.to_string())
    }

    /// The row that meets a condition on an indexed column, `?1` in the text.
    pub(super) fn load_where(&self, condition: &str, value: &str) -> Result<Option<Row>> {
        let mut statement = self.conn.prepare_cached(&format!("SELECT {COLUMNS} FROM task WHERE {condition}"))?;
        let mut rows = statement.query([value])?;
        rows.next()?.map(Row::read).transpose()
    }

    /// The ids for which a query with one parameter answers one column.
    pub(super) fn ids(&self, sql: &str, parameter: impl rusqlite::ToSql) -> Result<Vec<TaskId>> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([parameter])?;
        let mut ids = Vec::new();
        while let Some(row) = rows.next()? {
            ids.push(super::row::Columns { row, at: 0 }.parse()?);
        }
        Ok(ids)
    }

    /// Adds a row.
    pub(super) fn insert(&mut self, row: &Row) -> Result<()> {
        let values = row.values()?;
        let (names, marks): (Vec<_>, Vec<_>) = values.iter().map(|(name, _)| (*name, "?")).unzip();
        let sql = format!("INSERT INTO task ({}) VALUES ({})", names.join(", "), marks.join(", "));
        let mut statement = self.conn.prepare_cached(&sql)?;
        statement.execute(rusqlite::params_from_iter(values.iter().map(|(_, value)| value)))?;
        self.changed(None, Some(row));
        Ok(())
    }

    /// Stores what differs, and tells of the new status.
    pub(super) fn update(&mut self, before: &Row, after: &Row) -> Result<()> {
        self.update_quietly(before, after)?;
        self.events.push(EventKind::Task { id: after.task.id, status: Some(after.task.status) });
        Ok(())
    }

    /// Stores what differs, without an event.
    pub(super) fn update_quietly(&mut self, before: &Row, after: &Row) -> Result<()> {
        let (old, new) = (before.values()?, after.values()?);
        let (mut set, mut values) = (Vec::new(), Vec::new());
        for ((name, value), _) in new.into_iter().zip(old).filter(|(new, old)| new.1 != old.1) {
            set.push(format!("{name} = ?"));
            values.push(value);
        }
        if !set.is_empty() {
            values.push(Value::Integer(before.n));
            let sql = format!("UPDATE task SET {} WHERE n = ?", set.join(", "));
            self.conn.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(values))?;
        }
        self.changed(Some(before), Some(after));
        Ok(())
    }

    /// Removes a row; answers the blobs that nothing refers to any more.
    pub(super) fn remove(&mut self, row: &Row) -> Result<Vec<BlobRef>> {
        self.conn.prepare_cached("DELETE FROM task WHERE n = ?")?.execute([row.n])?;
        self.changed(Some(row), None);
        self.events.push(EventKind::Task { id: row.task.id, status: None });
        let mut garbage = Vec::new();
        for blob in std::iter::once(&row.task.input).chain(&row.task.result) {
            if !is_referenced(self.conn, &blob.name)? {
                garbage.push(blob.clone());
            }
        }
        Ok(garbage)
    }

    fn changed(&mut self, before: Option<&Row>, after: Option<&Row>) {
        if let Some(row) = after.or(before) {
            let (task, client) = (row.task.id, row.task.client.clone());
            let use_case = row.task.use_case.clone();
            let (before, after) = (before.map(Into::into), after.map(Into::into));
            self.changes.push(Change { task, client, use_case, before, after });
        }
    }

    /// A fresh place at the end of the client's share: virtual time and order of queueing.
    ///
    /// The virtual clock of a priority is the greatest virtual time claimed there. A client that has nothing queued or
    /// running joins at the clock, behind at most one task of each other client.
    pub(super) fn new_place(&mut self, client: &ClientId, priority: i8) -> Result<(i64, i64)> {
        let band = -i64::from(priority);
        let clock = self.conn.prepare_cached("SELECT vt FROM vclock WHERE band = ?")?;
        let clock: i64 = { clock }.query_row([band], |row| row.get(0)).optional()?.unwrap_or(0);
        let mut own = self.conn.prepare_cached(
            "SELECT max(vt) FROM task INDEXED BY task_share
             WHERE client = ?1 AND band = ?2 AND status IN ('queued', 'started')",
        )?;
        let own: Option<i64> = own.query_row(rusqlite::params![client.0, band], |row| row.get(0))?;
        let seq = self.tally.next_seq;
        self.tally.next_seq += 1;
        Ok((clock.max(own.map_or(0, |vt| vt.saturating_add(1))), seq))
    }

    /// Marks a uid as used now.
    pub(super) fn touch(&self, uid: Uid) -> Result<()> {
        let mut statement = self.conn.prepare_cached("UPDATE uid SET last_used = max(last_used, ?2) WHERE uid = ?1")?;
        statement.execute(rusqlite::params![uid.expose(), self.now.millis()])?;
        Ok(())
    }

    /// Does the uid exist without being deleted?
    pub(super) fn uid_is_known(&self, uid: Uid) -> Result<bool> {
        let mut statement = self.conn.prepare_cached("SELECT 1 FROM uid WHERE uid = ? AND deleting = 0")?;
        Ok(statement.exists([uid.expose()])?)
    }
}

/// Does any record name this blob?
pub(super) fn is_referenced(conn: &Connection, name: &str) -> Result<bool> {
    const PLACES: [&str; 3] = [
        "SELECT 1 FROM task WHERE input_name = ?",
        "SELECT 1 FROM task WHERE result_name = ?",
        "SELECT 1 FROM uid WHERE key_name = ?",
    ];
    for sql in PLACES {
        if conn.prepare_cached(sql)?.exists([name])? {
            return Ok(true);
        }
    }
    Ok(false)
}
