//! Connections that only read, used on blocking threads.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::schema;
use crate::store::{Result, StoreError};

/// Reads at the same time.
const READERS: usize = 4;

/// The pool. WAL lets all of them read while the writer writes.
#[derive(Debug)]
pub(super) struct Readers {
    dir: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    closed: AtomicBool,
}

impl Readers {
    pub(super) fn new(dir: PathBuf) -> Self {
        let permits = Arc::new(Semaphore::new(READERS));
        Self { dir, idle: Mutex::new(Vec::new()), permits, closed: AtomicBool::new(false) }
    }

    /// Runs `query` on a connection; it sees everything that was committed before.
    pub(super) async fn read<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        let closed = || StoreError::Unavailable("the store is closed".to_owned());
        // Moved into the blocking call: a caller who gives up early does not free a place that is still in use.
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| closed())?;
        let idle = self.idle.lock().pop();
        let dir = self.dir.clone();
        let work = move || {
            let _permit = permit;
            let conn = idle.map_or_else(|| schema::open_reader(&dir), Ok)?;
            let answer = query(&conn);
            Ok::<_, StoreError>((conn, answer))
        };
        let (conn, answer) = tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| StoreError::Unavailable(format!("a read did not end: {error}")))??;
        // A connection that failed is not used again; a caller's mistake is no failure.
        let healthy = matches!(answer, Ok(_) | Err(StoreError::BadCursor | StoreError::Damaged(_)));
        if healthy && !self.closed.load(Ordering::Acquire) {
            self.idle.lock().push(conn);
        }
        answer
    }

    /// No more reads; idle connections are closed.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.permits.close();
        self.idle.lock().clear();
    }
}
