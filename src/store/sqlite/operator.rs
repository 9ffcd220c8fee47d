//! Cancel, requeue, delete, priority, pause.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::{row::Row, tx::Tx};
use crate::{
    store::{CancelOutcome, DeleteOutcome, EventKind, RequeueOutcome, Result},
    task::{Status, TaskId, Uid},
};

pub(super) fn cancel(tx: &mut Tx<'_>, id: TaskId, owner: Option<Uid>) -> Result<CancelOutcome> {
    let owned = |row: &Row| owner.is_none_or(|owner| owner == row.task.uid);
    let Some(before) = tx.load(id)?.filter(owned) else { return Ok(CancelOutcome::Unknown) };
    match before.task.status {
        Status::Queued => {
            let mut after = before.clone();
            after.end(tx, Status::Revoked);
            tx.update(&before, &after)?;
            Ok(CancelOutcome::Revoked)
        }
        Status::Started => {
            flag(tx, &before)?;
            Ok(CancelOutcome::Requested)
        }
        ended => Ok(CancelOutcome::Ended(ended)),
    }
}

/// Marks a running task as being cancelled, once.
pub(super) fn flag(tx: &mut Tx<'_>, before: &Row) -> Result<()> {
    if !before.task.cancelling {
        let mut after = before.clone();
        after.task.cancelling = true;
        tx.update_quietly(before, &after)?;
        tx.events.push(EventKind::CancelRequested { id: before.task.id });
    }
    Ok(())
}

pub(super) fn requeue(tx: &mut Tx<'_>, id: TaskId) -> Result<RequeueOutcome> {
    let Some(before) = tx.load(id)? else { return Ok(RequeueOutcome::Unknown) };
    if !before.task.status.is_terminal() {
        return Ok(RequeueOutcome::Refused(before.task.status));
    }
    if !tx.uid_is_known(before.task.uid)? {
        // Its uid is being deleted, and it with it.
        return Ok(RequeueOutcome::Unknown);
    }
    let mut after = before.clone();
    (after.vt, after.seq) = tx.new_place(&before.task.client, before.task.priority)?;
    after.queued = tx.now;
    (after.token, after.ended_as, after.run) = (None, None, None);
    after.last_finished = before.task.finished.max(before.last_finished);
    let task = &mut after.task;
    task.status = Status::Queued;
    (task.attempt, task.cancelling) = (0, false);
    (task.result, task.failure, task.worker, task.device, task.progress) = (None, None, None, None, None);
    (task.started, task.finished, task.fetched, task.expires) = (None, None, None, None);
    tx.tally.groups.insert((task.use_case.clone(), task.capability.clone()));
    tx.update(&before, &after)?;
    tx.touch(before.task.uid)?;
    let mut garbage = Vec::new();
    if let Some(result) = before.task.result
        && !super::tx::is_referenced(tx.conn, &result.name)?
    {
        garbage.push(result);
    }
    Ok(RequeueOutcome::Requeued { garbage })
}

pub(super) fn delete(tx: &mut Tx<'_>, id: TaskId) -> Result<DeleteOutcome> {
    let Some(row) = tx.load(id)? else { return Ok(DeleteOutcome::Unknown) };
    if !row.task.status.is_terminal() {
        return Ok(DeleteOutcome::Refused(row.task.status));
    }
    Ok(DeleteOutcome::Deleted { garbage: tx.remove(&row)? })
}

pub(super) fn set_priority(tx: &mut Tx<'_>, id: TaskId, priority: i8) -> Result<bool> {
    let queued = |row: &Row| row.task.status == Status::Queued;
    let Some(before) = tx.load(id)?.filter(queued) else { return Ok(false) };
    let priority = priority.clamp(-10, 10);
    if priority == before.task.priority {
        return Ok(true);
    }
    let mut after = before.clone();
    after.task.priority = priority;
    // Virtual times are counted per priority: it joins there as a new task would.
    (after.vt, after.seq) = tx.new_place(&before.task.client, priority)?;
    tx.update_quietly(&before, &after)?;
    tx.events.push(EventKind::Priority { id });
    Ok(true)
}

pub(super) fn set_paused(tx: &mut Tx<'_>, use_case: String, paused: bool) -> Result<()> {
    let sql = if paused {
        "INSERT INTO paused (use_case) VALUES (?) ON CONFLICT DO NOTHING"
    } else {
        "DELETE FROM paused WHERE use_case = ?"
    };
    if tx.conn.prepare_cached(sql)?.execute([&use_case])? > 0 {
        tx.events.push(EventKind::Paused { use_case, paused });
    }
    Ok(())
}

/// The use cases paused now.
pub(super) fn paused(conn: &Connection) -> Result<BTreeSet<String>> {
    let mut statement = conn.prepare_cached("SELECT use_case FROM paused")?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}
