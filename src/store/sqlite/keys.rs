//! Uids and their evaluation keys.

use rusqlite::{Connection, params};

use super::{
    operator,
    row::{Columns, Row, stored_len},
    tx::{Tx, is_referenced},
};
use crate::{
    store::{AttachKey, DeleteUid, KeyRecord, Result, StoreError, StoreOptions},
    task::{BlobRef, ClientId, Status, TaskId, Uid},
};

pub(super) fn add_uid(tx: &mut Tx<'_>, uid: Uid, client: &ClientId, key: Option<BlobRef>) -> Result<Option<BlobRef>> {
    let mut known = tx.conn.prepare_cached("SELECT key_name, key_len, key_digest, deleting FROM uid WHERE uid = ?")?;
    if let Some(row) = known.query([uid.expose()])?.next()? {
        let c = &mut Columns { row, at: 0 };
        let key = c.blob()?;
        return if c.take()? { Err(StoreError::UnknownUid) } else { Ok(key) };
    }
    drop(known);
    admit(tx, client, key.is_none())?;
    let key = key.map(|key| shared(tx.conn, key)).transpose()?;
    tx.conn
        .prepare_cached(
            "INSERT INTO uid (uid, tag, client, key_name, key_len, key_digest, created, last_used)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
        )?
        .execute(params![
            uid.expose(),
            uid.tag(),
            client.0,
            key.as_ref().map(|blob| &blob.name),
            key.as_ref().map(|blob| stored_len(blob.len)).transpose()?,
            key.as_ref().map(|blob| blob.digest.to_string()),
            tx.now.millis(),
        ])?;
    Ok(key)
}

/// Refuses a uid beyond the limits.
fn admit(tx: &Tx<'_>, client: &ClientId, keyless: bool) -> Result<()> {
    let limit = tx.options.uids_per_client;
    let of_client = "SELECT count(*) FROM uid INDEXED BY uid_client WHERE client = ?";
    if limit > 0 && count(tx.conn, of_client, params![client.0])? >= limit {
        return Err(StoreError::TooManyUidsOfClient { limit });
    }
    let limit = tx.options.keyless_uids;
    let without_key = "SELECT count(*) FROM uid INDEXED BY uid_key WHERE key_name IS NULL";
    if keyless && count(tx.conn, without_key, params![])? >= limit {
        return Err(StoreError::TooManyUids { limit });
    }
    Ok(())
}

fn count(conn: &Connection, sql: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<u64> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    rows.next()?.map_or(Ok(0), |row| Columns { row, at: 0 }.len())
}

pub(super) fn attach_key(tx: &mut Tx<'_>, uid: Uid, key: BlobRef) -> Result<AttachKey> {
    if !tx.uid_is_known(uid)? {
        return Ok(AttachKey::Unknown);
    }
    let key = shared(tx.conn, key)?;
    let attached = tx
        .conn
        .prepare_cached(
            "UPDATE uid SET key_name = ?2, key_len = ?3, key_digest = ?4, last_used = max(last_used, ?5)
             WHERE uid = ?1 AND key_name IS NULL",
        )?
        .execute(params![uid.expose(), key.name, stored_len(key.len)?, key.digest.to_string(), tx.now.millis()])?;
    Ok(if attached == 1 { AttachKey::Attached(key) } else { AttachKey::HasKey })
}

/// The blob of an equal key, where a uid has one; else `key` itself.
fn shared(conn: &Connection, key: BlobRef) -> Result<BlobRef> {
    let mut equal = conn.prepare_cached(
        "SELECT key_name FROM uid INDEXED BY uid_digest WHERE key_digest = ?1 AND key_len = ?2 LIMIT 1",
    )?;
    let name: Option<String> =
        equal.query_map(params![key.digest.to_string(), stored_len(key.len)?], |row| row.get(0))?.next().transpose()?;
    Ok(match name {
        Some(name) => BlobRef { name, ..key },
        None => key,
    })
}

pub(super) fn key(conn: &Connection, uid: Uid, options: &StoreOptions) -> Result<Option<KeyRecord>> {
    let mut statement = conn.prepare_cached(
        "SELECT key_name, key_len, key_digest, client, created, last_used FROM uid WHERE uid = ? AND deleting = 0",
    )?;
    let mut rows = statement.query([uid.expose()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let c = &mut Columns { row, at: 0 };
    let key = c.blob()?;
    let client = ClientId(c.take()?);
    let (created, last_used) = (c.time()?, c.time()?);
    let ttl = if key.is_some() { options.key_ttl } else { options.keyless_ttl };
    Ok(Some(KeyRecord { uid, client, key, created, last_used, expires: last_used.plus(ttl) }))
}

/// Number of tasks of a uid.
pub(super) fn task_count(conn: &Connection, uid: Uid) -> Result<u64> {
    let sql = "SELECT count(*) FROM task INDEXED BY task_uid WHERE uid = ?1
                 AND EXISTS (SELECT 1 FROM uid WHERE uid.uid = ?1 AND deleting = 0)";
    count(conn, sql, params![uid.expose()])
}

pub(super) fn delete_uid(tx: &mut Tx<'_>, uid: Uid) -> Result<DeleteUid> {
    if !tx.uid_is_known(uid)? {
        return Ok(DeleteUid::Unknown);
    }
    tx.conn.prepare_cached("UPDATE uid SET deleting = 1 WHERE uid = ?")?.execute([uid.expose()])?;
    let mut garbage = Vec::new();
    let mut running = 0;
    for id in tasks_of(tx, uid)? {
        match tx.load(id)? {
            Some(row) if row.task.status == Status::Started => {
                operator::flag(tx, &row)?;
                running += 1;
            }
            Some(row) => garbage.extend(remove(tx, &row)?),
            None => {}
        }
    }
    if running == 0 {
        garbage.extend(forget(tx, uid)?);
    }
    Ok(DeleteUid::Deleted { garbage, running })
}

/// Every task of a uid.
pub(super) fn tasks_of(tx: &Tx<'_>, uid: Uid) -> Result<Vec<TaskId>> {
    tx.ids("SELECT id FROM task INDEXED BY task_uid WHERE uid = ?", uid.expose())
}

/// Removes a task, revoking it first where it waits: who listens hears that it was not run.
fn remove(tx: &mut Tx<'_>, row: &Row) -> Result<Vec<BlobRef>> {
    if row.task.status == Status::Queued {
        let mut revoked = row.clone();
        revoked.end(tx, Status::Revoked);
        tx.update(row, &revoked)?;
        return tx.remove(&revoked);
    }
    tx.remove(row)
}

/// Removes the row of a uid that has no task; answers its key if no other uid shares it.
pub(super) fn forget(tx: &Tx<'_>, uid: Uid) -> Result<Option<BlobRef>> {
    let mut statement =
        tx.conn.prepare_cached("DELETE FROM uid WHERE uid = ? RETURNING key_name, key_len, key_digest")?;
    let mut rows = statement.query([uid.expose()])?;
    let key = match rows.next()? {
        Some(row) => Columns { row, at: 0 }.blob()?,
        None => None,
    };
    // Stepped to its end, so that the row is gone before its key is looked up.
    while rows.next()?.is_some() {}
    drop(rows);
    match key {
        Some(key) if !is_referenced(tx.conn, &key.name)? => Ok(Some(key)),
        _ => Ok(None),
    }
}
