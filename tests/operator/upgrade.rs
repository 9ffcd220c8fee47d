//! A store that an earlier program wrote opens with everything in it.

use cipherdeck::{
    config::{self, Overrides},
    store::{AuditEntry, AuditFilter, AuditStore as _, Signature, StoreOptions, TaskStore as _, sqlite::SqliteStore},
    task::Status,
};

/// Written by the program of format 1: two uids, a waiting task and a revoked one.
const VERSION_1: &str = include_str!("version_1.sql");

#[tokio::test]
async fn a_store_of_format_1_keeps_its_tasks_and_gets_an_audit_log() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("store.sqlite");
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.execute_batch(VERSION_1).unwrap();
    let version =
        |conn: &rusqlite::Connection| conn.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(version(&conn), 1);
    drop(conn);
    let data_dir = Some(dir.path().to_owned());
    let settings = config::load(Overrides { data_dir, ..Overrides::default() }).unwrap();
    let by = Signature { door: "http".to_owned(), name: "anna".to_owned(), role: "operator".to_owned() };
    let (action, object) = ("pause".to_owned(), "ad_targeting".to_owned());
    let entry = AuditEntry { by, action, object, result: "done".to_owned() };
    for open in 1..=2 {
        let store = SqliteStore::open(dir.path(), StoreOptions::from_settings(&settings)).unwrap();
        let counts = store.counts().await.unwrap();
        assert_eq!((counts.queued, counts.revoked, counts.total()), (1, 1, 2));
        let task = store.task("45579a14-d914-4e74-87d9-a709d11146f4".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((task.status, task.uid.tag().as_str(), task.input.len), (Status::Queued, "1e518f1e", 8252));
        assert_eq!(store.position(task.id).await.unwrap().unwrap().place, 1);
        store.audit(vec![entry.clone()]).await.unwrap();
        let page = store.audited(AuditFilter::default(), None, 10).await.unwrap();
        assert_eq!((page.rows.len(), &page.rows[0].entry), (open, &entry));
        store.close().await;
    }
    let conn = rusqlite::Connection::open(&file).unwrap();
    assert_eq!(version(&conn), 3);
    let changed = conn.execute("UPDATE audit SET actor = 'nobody'", []).unwrap_err().to_string();
    assert!(changed.contains("append-only"), "{changed}");
}
