//! Tables and indexes, and how a connection to them is set up.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::files;
use crate::store::Result;

/// Marks the file as ours: "CDK1".
const APPLICATION: i64 = 0x4344_4b31;
/// `band` is minus the priority and (`band`, `vt`, `seq`) the place in the queue, lowest first; `n` counts arrivals.
/// Times are milliseconds since 1970; a blob is a name, a length and a digest. `token` is alive while `status` is
/// started, afterwards it and `ended_as` let a repeated finish give the same answer.
const TABLES: &str = "
CREATE TABLE uid (
  uid TEXT PRIMARY KEY, tag TEXT NOT NULL, client TEXT NOT NULL,
  key_name TEXT, key_len INTEGER, key_digest TEXT,
  created INTEGER NOT NULL, last_used INTEGER NOT NULL, deleting INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX uid_tag ON uid (tag);
CREATE INDEX uid_key ON uid (key_name, last_used);
CREATE INDEX uid_used ON uid (last_used) WHERE key_name IS NOT NULL;
CREATE INDEX uid_deleting ON uid (deleting) WHERE deleting = 1;

CREATE TABLE task (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL, uid TEXT NOT NULL, uid_tag TEXT NOT NULL, client TEXT NOT NULL,
  use_case TEXT NOT NULL, capability TEXT NOT NULL, status TEXT NOT NULL,
  band INTEGER NOT NULL, vt INTEGER NOT NULL, seq INTEGER NOT NULL,
  attempt INTEGER NOT NULL, cancelling INTEGER NOT NULL,
  input_name TEXT NOT NULL, input_len INTEGER NOT NULL, input_digest TEXT NOT NULL,
  result_name TEXT, result_len INTEGER, result_digest TEXT,
  failure TEXT, failure_detail TEXT, worker TEXT, device TEXT,
  received INTEGER NOT NULL, created INTEGER NOT NULL, queued INTEGER NOT NULL,
  started INTEGER, finished INTEGER, fetched INTEGER, expires INTEGER,
  token TEXT, ended_as TEXT, run INTEGER, idempotency_key TEXT, last_finished INTEGER
) STRICT;
CREATE UNIQUE INDEX task_id ON task (id);
CREATE UNIQUE INDEX task_idempotency ON task (uid, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX task_token ON task (token) WHERE token IS NOT NULL;
CREATE INDEX task_uid ON task (uid, status);
CREATE INDEX task_queue ON task (band, vt, seq) WHERE status = 'queued';
CREATE INDEX task_claim ON task (use_case, capability, band, vt, seq) WHERE status = 'queued';
CREATE INDEX task_share ON task (client, band, vt) WHERE status IN ('queued', 'started');
CREATE INDEX task_running ON task (started, n) WHERE status = 'started';
CREATE INDEX task_started ON task (started, n) WHERE started IS NOT NULL;
CREATE INDEX task_finished ON task (finished, n) WHERE finished IS NOT NULL;
CREATE INDEX task_ended ON task (status, finished, n) WHERE finished IS NOT NULL;
CREATE INDEX task_expires ON task (expires) WHERE expires IS NOT NULL;
CREATE INDEX task_input ON task (input_name);
CREATE INDEX task_result ON task (result_name) WHERE result_name IS NOT NULL;

CREATE TABLE vclock (band INTEGER PRIMARY KEY, vt INTEGER NOT NULL) STRICT;
CREATE TABLE paused (use_case TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta (name, value) VALUES ('epoch', 0), ('ping', 0);

CREATE TABLE run (
  n INTEGER PRIMARY KEY, task TEXT NOT NULL, origin TEXT NOT NULL, use_case TEXT NOT NULL, device TEXT NOT NULL,
  finished INTEGER NOT NULL, upload_s REAL NOT NULL, queue_s REAL NOT NULL, server_s REAL NOT NULL,
  end_to_end_s REAL, bootstraps INTEGER NOT NULL
) STRICT;
CREATE INDEX run_use_case ON run (use_case, n);
CREATE INDEX run_origin ON run (origin, n);
";

/// The audit log: rows are added and, when there are too many, the oldest dropped; none is ever changed.
const AUDIT: &str = "
CREATE TABLE audit (
  n INTEGER PRIMARY KEY, at INTEGER NOT NULL, door TEXT NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL,
  action TEXT NOT NULL, object TEXT NOT NULL, result TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
";

/// Equal keys are found by their digest. The store has a name of its own, by which blobs know whose they are.
const IDENTITY: &str = "
CREATE INDEX uid_digest ON uid (key_digest) WHERE key_digest IS NOT NULL;
CREATE TABLE identity (id TEXT NOT NULL) STRICT;
INSERT INTO identity (id) VALUES (lower(hex(randomblob(16))));
";

/// Indexes that an older program does without and keeps up all the same: they need no version of their own.
const INDEXES: &str = "CREATE INDEX IF NOT EXISTS uid_client ON uid (client)";

/// What each version added to the one before it. A released entry is never changed: files of its version exist.
const VERSIONS: [&str; 3] = [TABLES, AUDIT, IDENTITY];
/// The version that this program writes.
const VERSION: i64 = VERSIONS.len() as i64;

/// The one connection that writes. Makes the file (0600) and its tables if there are none.
pub(super) fn open_writer(dir: &Path) -> Result<Connection> {
    let path = files::database(dir);
    files::private(&path).map_err(|error| files::cannot(dir, &error))?;
    let conn = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    check_version(&conn, dir)?;
    // A crash must look like a crash also where a test only drops the store: `close` checkpoints by itself.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(files::cannot(dir, &format!("its file system offers journal mode {mode} only, not wal")));
    }
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16000;
         PRAGMA temp_store = MEMORY;",
    )?;
    conn.execute_batch(INDEXES)?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(conn)
}

/// A connection that only reads.
pub(super) fn open_reader(dir: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(files::database(dir), flags)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

fn check_version(conn: &Connection, dir: &Path) -> Result<()> {
    let pragma = |name: &str| conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    let tables = || conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
    let read = || Ok::<_, rusqlite::Error>((pragma("application_id")?, pragma("user_version")?, tables()?));
    match read().map_err(|error| files::cannot(dir, &error))? {
        (APPLICATION, VERSION, _) => Ok(()),
        (APPLICATION, older @ 1..VERSION, _) => {
            tracing::info!(from = older, to = VERSION, "the store's format is brought up to date");
            upgrade(conn, older).map_err(Into::into)
        }
        (APPLICATION, newer, _) if newer > VERSION => Err(files::cannot(
            dir,
            &format!("it has format {newer}, this program reads up to {VERSION}; use a newer program"),
        )),
        (0, 0, 0) => upgrade(conn, 0).map_err(Into::into),
        _ => Err(files::cannot(dir, &"store.sqlite is not a cipherdeck store")),
    }
}

/// Adds what the versions after `from` have: all of it or nothing.
fn upgrade(conn: &Connection, from: i64) -> rusqlite::Result<()> {
    let missing = VERSIONS.iter().skip(usize::try_from(from).unwrap_or(0));
    let tables: String = missing.copied().collect();
    conn.execute_batch(&format!(
        "BEGIN IMMEDIATE; {tables} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[test]
    fn a_newer_format_and_a_foreign_file_are_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let conn = open_writer(dir.path()).unwrap();
        conn.execute_batch("PRAGMA user_version = 7").unwrap();
        drop(conn);
        let Err(StoreError::CannotOpen(text)) = open_writer(dir.path()) else { panic!("opened a newer format") };
        assert!(text.contains("format 7") && text.contains(&dir.path().display().to_string()), "{text}");

        let other = tempfile::tempdir().unwrap();
        let conn = Connection::open(files::database(other.path())).unwrap();
        conn.execute_batch("CREATE TABLE theirs (x)").unwrap();
        drop(conn);
        assert!(matches!(open_writer(other.path()), Err(StoreError::CannotOpen(_))));

        let text = tempfile::tempdir().unwrap();
        std::fs::write(files::database(text.path()), b"this is not a database, only some text of ours").unwrap();
        assert!(matches!(open_writer(text.path()), Err(StoreError::CannotOpen(_))));
    }

    #[test]
    fn a_store_of_an_older_program_gets_the_indexes_that_it_lacks() {
        let dir = tempfile::tempdir().unwrap();
        open_writer(dir.path()).unwrap().execute_batch("DROP INDEX uid_client").unwrap();
        let conn = open_writer(dir.path()).unwrap();
        conn.execute_batch("SELECT 1 FROM uid INDEXED BY uid_client WHERE client = 'a'").unwrap();
    }

    #[test]
    fn a_commit_waits_for_the_disk() {
        let dir = tempfile::tempdir().unwrap();
        let conn = open_writer(dir.path()).unwrap();
        let synchronous: i64 = conn.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap();
        assert_eq!(synchronous, 2);
    }
}
