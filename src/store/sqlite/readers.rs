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
use tokio::{runtime::Handle, sync::Semaphore};

use super::schema;
use crate::store::{Result, StoreError};

/// Reads at the same time.
const READERS: usize = 4;

/// The pool. WAL lets all of them read while the writer writes.
#[derive(Debug)]
pub(super) struct Readers {
    pool: Arc<Pool>,
    permits: Arc<Semaphore>,
    /// Of whoever opened the store; none outside of one. A read that waits for a thread keeps others from reading, so it must
    /// not depend on how many threads the runtime of the caller has.
    runtime: Option<Handle>,
}

#[derive(Debug)]
struct Pool {
    dir: PathBuf,
    idle: Mutex<Vec<Connection>>,
    closed: AtomicBool,
}

impl Pool {
    fn take(&self) -> Result<Connection> {
        let idle = self.idle.lock().pop();
        idle.map_or_else(|| schema::open_reader(&self.dir), Ok)
    }

    fn keep(&self, conn: Connection) {
        let mut idle = self.idle.lock();
        if !self.closed.load(Ordering::Acquire) {
            idle.push(conn);
        }
    }
}

impl Readers {
    pub(super) fn new(dir: PathBuf) -> Self {
        let pool = Pool { dir, idle: Mutex::new(Vec::new()), closed: AtomicBool::new(false) };
        let (permits, runtime) = (Arc::new(Semaphore::new(READERS)), Handle::try_current().ok());
        Self { pool: Arc::new(pool), permits, runtime }
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
        let pool = Arc::clone(&self.pool);
        let work = move || {
            // Given back after the connection: whoever has the place next must find that one, and not open another.
            let _permit = permit;
            let conn = pool.take()?;
            let answer = query(&conn);
            // A connection that failed is not used again; a caller's mistake is no failure.
            if matches!(answer, Ok(_) | Err(StoreError::BadCursor | StoreError::Damaged(_))) {
                pool.keep(conn);
            }
            answer
        };
        let runtime = self.runtime.clone().unwrap_or_else(Handle::current);
        let read = runtime.spawn_blocking(work).await;
        read.map_err(|error| StoreError::Unavailable(format!("a read did not end: {error}")))?
    }

    /// No more reads; idle connections are closed.
    pub(super) fn close(&self) {
        self.pool.closed.store(true, Ordering::Release);
        self.permits.close();
        self.pool.idle.lock().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_more_connections_are_opened_than_read_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let _writer = schema::open_writer(dir.path()).unwrap();
        let readers = Arc::new(Readers::new(dir.path().to_owned()));
        let reads = (0..500).map(|_| {
            let readers = Arc::clone(&readers);
            tokio::spawn(async move {
                readers.read(|conn| Ok(conn.query_row("SELECT 1", [], |row| row.get::<_, i64>(0))?)).await
            })
        });
        for read in reads.collect::<Vec<_>>() {
            assert_eq!(read.await.unwrap().unwrap(), 1);
        }
        let open = readers.pool.idle.lock().len();
        assert!((1..=READERS).contains(&open), "{open} connections");
        readers.close();
        assert!(readers.read(|_| Ok(())).await.is_err() && readers.pool.idle.lock().is_empty());
    }
}
