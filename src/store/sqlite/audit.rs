//! Operators' actions with their rows of the audit log, and pages of it.

use async_trait::async_trait;
use rusqlite::{Connection, params};

use super::{SqliteStore, operator, row::Columns, tx::Tx};
use crate::{
    store::{
        AuditEntry, AuditFilter, AuditPage, AuditRow, AuditStore, CancelOutcome, Deed, DeleteOutcome, Effect, Operated,
        RequeueOutcome, Result, Signature, StoreError,
    },
    task::{BlobRef, Status, TaskId},
};

/// Rows on one page.
const PAGE: usize = 1_000;

#[async_trait]
impl AuditStore for SqliteStore {
    async fn operate(&self, by: Signature, deed: Deed, tasks: Vec<TaskId>) -> Result<Vec<Operated>> {
        self.write(move |tx| operate(tx, &by, deed, &tasks)).await
    }

    async fn audit(&self, entries: Vec<AuditEntry>) -> Result<()> {
        self.write(move |tx| {
            for entry in &entries {
                append(tx, &entry.by, &entry.action, &entry.object, &entry.result)?;
            }
            trim(tx)
        })
        .await
    }

    async fn audited(&self, filter: AuditFilter, cursor: Option<String>, limit: usize) -> Result<AuditPage> {
        let behind = cursor.map_or(Ok(i64::MAX), |text| text.parse().map_err(|_| StoreError::BadCursor))?;
        self.readers.read(move |conn| page(conn, &filter, behind, limit)).await
    }
}

fn operate(tx: &mut Tx<'_>, by: &Signature, deed: Deed, tasks: &[TaskId]) -> Result<Vec<Operated>> {
    let mut done = Vec::with_capacity(tasks.len());
    for &id in tasks {
        let (operated, detail) = one(tx, deed, id)?;
        let object = id.to_string();
        let object = if operated.effect == Effect::Gone { shortened(&object) } else { object };
        let word = operated.effect.word();
        let result = if detail.is_empty() { word.to_owned() } else { format!("{word}: {detail}") };
        append(tx, by, deed.word(), &object, &result)?;
        done.push(operated);
    }
    trim(tx)?;
    Ok(done)
}

/// Does it, and says in what state the task was or which priority it has now.
fn one(tx: &mut Tx<'_>, deed: Deed, id: TaskId) -> Result<(Operated, String)> {
    let plain = |effect| Operated { effect, garbage: Vec::new() };
    let done = |garbage: Vec<BlobRef>| (Operated { effect: Effect::Done, garbage }, String::new());
    let refused = |status: Status| (plain(Effect::Refused(status)), status.to_string());
    let gone = || (plain(Effect::Gone), String::new());
    Ok(match deed {
        Deed::Cancel => match operator::cancel(tx, id, None)? {
            CancelOutcome::Revoked => done(Vec::new()),
            CancelOutcome::Requested => (plain(Effect::Stopping), String::new()),
            CancelOutcome::Ended(status) => refused(status),
            CancelOutcome::Unknown => gone(),
        },
        Deed::Requeue => match operator::requeue(tx, id)? {
            RequeueOutcome::Requeued { garbage } => done(garbage),
            RequeueOutcome::Refused(status) => refused(status),
            RequeueOutcome::Unknown => gone(),
        },
        Deed::Delete => match operator::delete(tx, id)? {
            DeleteOutcome::Deleted { garbage } => done(garbage),
            DeleteOutcome::Refused(status) => refused(status),
            DeleteOutcome::Unknown => gone(),
        },
        Deed::Priority(_) | Deed::Raise(_) => {
            let Some(row) = tx.load(id)? else { return Ok(gone()) };
            let wanted = match deed {
                Deed::Raise(by) => row.task.priority.saturating_add(by),
                Deed::Priority(to) => to,
                _ => row.task.priority,
            };
            let wanted = wanted.clamp(-10, 10);
            if !operator::set_priority(tx, id, wanted)? {
                return Ok(refused(row.task.status));
            }
            (plain(Effect::Done), format!("priority {wanted}"))
        }
    })
}

/// The first 8 digits of an id.
fn shortened(id: &str) -> String {
    id.chars().take(8).chain(['…']).collect()
}

fn append(tx: &Tx<'_>, by: &Signature, action: &str, object: &str, result: &str) -> Result<()> {
    tx.conn
        .prepare_cached(
            "INSERT INTO audit (at, door, actor, role, action, object, result) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![tx.now.millis(), by.door, by.name, by.role, action, object, result])?;
    Ok(())
}

/// Keeps the newest rows, as many as the settings say.
fn trim(tx: &Tx<'_>) -> Result<()> {
    let keep = i64::try_from(tx.options.audit).unwrap_or(i64::MAX);
    tx.conn.prepare_cached("DELETE FROM audit WHERE n <= (SELECT max(n) FROM audit) - ?1")?.execute([keep])?;
    Ok(())
}

/// Newest first. The table is short enough to be walked for a filter that few rows meet.
fn page(conn: &Connection, filter: &AuditFilter, behind: i64, limit: usize) -> Result<AuditPage> {
    let limit = limit.clamp(1, PAGE);
    let mut statement = conn.prepare_cached(
        "SELECT n, at, door, actor, role, action, object, result FROM audit
         WHERE n < ?1 AND (?2 IS NULL OR substr(actor, 1, length(?2)) = ?2) AND (?3 IS NULL OR action = ?3)
           AND (?4 IS NULL OR substr(object, 1, length(?4)) = ?4)
         ORDER BY n DESC",
    )?;
    let mut rows = statement.query(params![behind, filter.actor, filter.action, filter.object])?;
    let mut page = AuditPage::default();
    while let Some(row) = rows.next()? {
        if page.rows.len() == limit {
            page.cursor = page.rows.last().map(|row| row.number.to_string());
            break;
        }
        page.rows.push(read(&mut Columns { row, at: 0 })?);
    }
    Ok(page)
}

pub(super) fn read(c: &mut Columns<'_>) -> Result<AuditRow> {
    let (number, at) = (c.len()?, c.time()?);
    let by = Signature { door: c.take()?, name: c.take()?, role: c.take()? };
    Ok(AuditRow { number, at, entry: AuditEntry { by, action: c.take()?, object: c.take()?, result: c.take()? } })
}
