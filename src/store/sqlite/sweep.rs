//! Removes what is due: expired tasks, uids, the oldest of the run history.

use std::{str::FromStr as _, time::Duration};

use rusqlite::{Connection, params};

use super::{
    keys,
    row::damaged,
    tx::{Tx, is_referenced},
};
use crate::{
    store::{Result, Swept},
    task::Uid,
};

/// Tasks, and uids, removed by one sweep at most: everybody else's writes wait meanwhile.
const AT_ONCE: usize = 10_000;

pub(super) fn sweep(tx: &mut Tx<'_>, limit: usize) -> Result<Swept> {
    let mut swept = Swept::default();
    let limit = limit.clamp(1, AT_ONCE);
    expired_tasks(tx, limit, &mut swept)?;
    deleted_uids(tx, limit, &mut swept)?;
    for keyed in [true, false] {
        unused_uids(tx, keyed, limit, &mut swept)?;
    }
    super::history::trim(tx)?;
    swept.garbage.sort_by(|a, b| a.name.cmp(&b.name));
    swept.garbage.dedup();
    Ok(swept)
}

fn expired_tasks(tx: &mut Tx<'_>, limit: usize, swept: &mut Swept) -> Result<()> {
    let due = tx.ids(
        &format!(
            "SELECT id FROM task INDEXED BY task_expires WHERE expires IS NOT NULL AND expires <= ?
             ORDER BY expires LIMIT {limit}"
        ),
        tx.now.millis(),
    )?;
    swept.more |= due.len() == limit;
    for id in due {
        if let Some(row) = tx.load(id)? {
            swept.garbage.extend(tx.remove(&row)?);
            swept.tasks += 1;
        }
    }
    Ok(())
}

/// Completes the deletions whose last running task has stopped.
fn deleted_uids(tx: &mut Tx<'_>, limit: usize, swept: &mut Swept) -> Result<()> {
    let sql = format!(
        "SELECT uid FROM uid INDEXED BY uid_deleting WHERE deleting = 1 AND NOT EXISTS
           (SELECT 1 FROM task INDEXED BY task_uid WHERE task.uid = uid.uid AND task.status = 'started')
         LIMIT {limit}"
    );
    let uids = uids(tx.conn, &sql, &[])?;
    swept.more |= uids.len() == limit;
    for uid in uids {
        for id in keys::tasks_of(tx, uid)? {
            if let Some(row) = tx.load(id)? {
                swept.garbage.extend(tx.remove(&row)?);
            }
        }
        swept.garbage.extend(keys::forget(tx, uid)?);
        swept.uids += 1;
    }
    Ok(())
}

fn unused_uids(tx: &mut Tx<'_>, keyed: bool, limit: usize, swept: &mut Swept) -> Result<()> {
    let (ttl, key) = if keyed { (tx.options.key_ttl, "NOT NULL") } else { (tx.options.keyless_ttl, "NULL") };
    let index = if keyed { "uid_used" } else { "uid_key" };
    let sql = format!(
        "SELECT uid FROM uid INDEXED BY {index} WHERE key_name IS {key} AND last_used <= ?1 AND deleting = 0
           AND NOT EXISTS (SELECT 1 FROM task INDEXED BY task_uid WHERE task.uid = uid.uid)
         ORDER BY last_used LIMIT {limit}"
    );
    let uids = uids(tx.conn, &sql, params![before(tx, ttl)])?;
    swept.more |= uids.len() == limit;
    for uid in uids {
        swept.garbage.extend(keys::forget(tx, uid)?);
        swept.uids += 1;
    }
    Ok(())
}

fn before(tx: &Tx<'_>, ttl: Duration) -> i64 {
    tx.now.millis().saturating_sub(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX))
}

fn uids(conn: &Connection, sql: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<Vec<Uid>> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut uids = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        uids.push(Uid::from_str(&text).map_err(|_| damaged("a uid"))?);
    }
    Ok(uids)
}

/// Which of these names the store refers to.
pub(super) fn referenced(conn: &Connection, names: Vec<String>) -> Result<Vec<String>> {
    let mut kept = Vec::new();
    for name in names {
        if is_referenced(conn, &name)? {
            kept.push(name);
        }
    }
    Ok(kept)
}
