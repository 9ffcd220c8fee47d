//! The run history.

use rusqlite::{Connection, params, types::Value};

use super::{
    row::{Columns, damaged},
    tx::Tx,
};
use crate::{
    store::{Result, RunFilter},
    task::{Run, RunOrigin},
};

const fn word(origin: RunOrigin) -> &'static str {
    match origin {
        RunOrigin::Task => "task",
        RunOrigin::Bench => "bench",
    }
}

/// Adds a row; answers its number.
pub(super) fn append(tx: &Tx<'_>, run: &Run) -> Result<i64> {
    tx.conn
        .prepare_cached(
            "INSERT INTO run (task, origin, use_case, device, finished, upload_s, queue_s, server_s, end_to_end_s,
             bootstraps) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            run.task.to_string(),
            word(run.origin),
            run.use_case,
            run.device,
            run.finished.millis(),
            run.upload_s,
            run.queue_s,
            run.server_s,
            run.end_to_end_s,
            i64::try_from(run.bootstraps).unwrap_or(i64::MAX),
        ])?;
    Ok(tx.conn.last_insert_rowid())
}

/// Keeps the newest rows, as many as the settings say.
pub(super) fn trim(tx: &Tx<'_>) -> Result<()> {
    let keep = i64::try_from(tx.options.runs).unwrap_or(i64::MAX);
    tx.conn.prepare_cached("DELETE FROM run WHERE n <= (SELECT max(n) FROM run) - ?1")?.execute([keep])?;
    Ok(())
}

/// Rows, newest first.
pub(super) fn runs(conn: &Connection, filter: &RunFilter) -> Result<Vec<Run>> {
    let (mut conditions, mut values) = (vec!["1"], Vec::new());
    if let Some(use_case) = &filter.use_case {
        conditions.push("use_case = ?");
        values.push(Value::Text(use_case.clone()));
    }
    if let Some(origin) = filter.origin {
        conditions.push("origin = ?");
        values.push(Value::Text(word(origin).to_owned()));
    }
    if let Some(since) = filter.since {
        conditions.push("finished >= ?");
        values.push(Value::Integer(since.millis()));
    }
    values.push(Value::Integer(i64::try_from(filter.limit).unwrap_or(i64::MAX)));
    let sql = format!(
        "SELECT task, origin, use_case, device, finished, upload_s, queue_s, server_s, end_to_end_s, bootstraps
         FROM run WHERE {} ORDER BY n DESC LIMIT ?",
        conditions.join(" AND ")
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        runs.push(read(&mut Columns { row, at: 0 })?);
    }
    Ok(runs)
}

pub(super) fn read(c: &mut Columns<'_>) -> Result<Run> {
    Ok(Run {
        task: c.parse()?,
        origin: match c.take::<String>()?.as_str() {
            "task" => RunOrigin::Task,
            "bench" => RunOrigin::Bench,
            _ => return Err(damaged("a run's origin")),
        },
        use_case: c.take()?,
        device: c.take()?,
        finished: c.time()?,
        upload_s: c.take()?,
        queue_s: c.take()?,
        server_s: c.take()?,
        end_to_end_s: c.take()?,
        bootstraps: c.len()?,
    })
}
