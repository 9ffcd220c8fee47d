//! What happens before the first command: claims of the process before are over, and memory is filled from the disk.

use rusqlite::{Connection, OptionalExtension as _};

use super::{
    live::State,
    order::QueueKey,
    row::{Columns, Row, damaged},
    tx::{Tally, Tx},
};
use crate::{
    store::{Result, StoreOptions},
    task::{ClientId, FailureLabel, Status, TaskFailure, TaskId},
};

/// So many are told of one by one.
const TOLD: usize = 100;

/// Ends the epoch before this one: every started task has lost its worker.
pub(super) fn recover(conn: &mut Connection, options: &StoreOptions) -> Result<()> {
    let transaction = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    transaction.execute("UPDATE meta SET value = value + 1 WHERE name = 'epoch'", [])?;
    let mut tally = Tally::default();
    let now = options.clock.now();
    let mut tx = Tx { conn: &transaction, options, tally: &mut tally, now, changes: Vec::new(), events: Vec::new() };
    let mut ids =
        tx.ids("SELECT id FROM task INDEXED BY task_running WHERE status = ?1 AND status = 'started'", "started")?;
    if fewer_attempts_than_before(&transaction, options.attempts)? {
        // Then a waiting task, too, may have used up its attempts.
        let waiting = "SELECT id FROM task INDEXED BY task_queue WHERE status = 'queued' AND attempt >= ?";
        ids.extend(tx.ids(waiting, options.attempts.max(1))?);
    }
    for &id in &ids {
        if let Some(before) = tx.load(id)? {
            let after = lost(&tx, &before);
            tx.update(&before, &after)?;
        }
    }
    transaction.commit()?;
    for id in ids.iter().take(TOLD) {
        tracing::info!(task = %id, "its worker was lost with the process before this one");
    }
    if ids.len() > TOLD {
        tracing::info!(tasks = ids.len(), "so many had no worker left");
    }
    Ok(())
}

/// Remembers the number of attempts allowed; says whether it was higher until now.
fn fewer_attempts_than_before(conn: &Connection, attempts: u32) -> Result<bool> {
    let known = conn.query_row("SELECT value FROM meta WHERE name = 'attempts'", [], |row| row.get::<_, u32>(0));
    let known = known.optional()?;
    conn.execute(
        "INSERT INTO meta (name, value) VALUES ('attempts', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        [attempts],
    )?;
    Ok(known.is_some_and(|known| known > attempts))
}

/// A task whose worker is gone: back to its place, unless it was cancelled or has no attempt left.
fn lost(tx: &Tx<'_>, before: &Row) -> Row {
    let mut after = before.clone();
    after.token = None;
    if before.task.cancelling {
        after.end(tx, Status::Revoked);
    } else if before.task.attempt >= tx.options.attempts.max(1) {
        after.end(tx, Status::Failure);
        let detail = format!("its worker was lost {} times", before.task.attempt);
        after.task.failure = Some(TaskFailure { label: FailureLabel::AttemptsExhausted, detail });
    } else {
        after.task.status = Status::Queued;
        after.task.started = None;
    }
    after
}

/// Fills memory: counts, the queue, each client's share.
pub(super) fn load(conn: &Connection) -> Result<(Tally, State)> {
    let (mut tally, mut state) = (Tally { next_seq: 1, ..Tally::default() }, State::default());
    let mut statement = conn.prepare(
        "SELECT status, count(*) FROM task INDEXED BY task_ended
         WHERE finished IS NOT NULL GROUP BY status",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut columns = Columns { row, at: 0 };
        state.set_count(columns.parse()?, columns.len()?);
    }
    let mut statement = conn.prepare(
        "SELECT id, use_case, capability, client, band, vt, seq FROM task INDEXED BY task_queue
         WHERE status = 'queued' ORDER BY band, vt, seq",
    )?;
    let mut rows = statement.query([])?;
    let mut waiting = 0;
    while let Some(row) = rows.next()? {
        let c = &mut Columns { row, at: 0 };
        let id: TaskId = c.parse()?;
        let group: (String, String) = (c.take()?, c.take()?);
        let use_case = group.0.clone();
        let client = ClientId(c.take()?);
        let key = QueueKey { band: c.take()?, vt: c.take()?, seq: c.take()? };
        waiting += 1;
        tally.next_seq = tally.next_seq.max(key.seq.checked_add(1).ok_or_else(|| damaged("seq"))?);
        if !tally.groups.contains(&group) {
            tally.groups.insert(group);
        }
        *tally.waiting_of.entry(client).or_default() += 1;
        state.add_waiting(id, &use_case, key);
    }
    tally.waiting = waiting;
    state.set_count(Status::Queued, waiting);
    Ok((tally, state))
}
