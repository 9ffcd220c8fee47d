//! The embedded engine: SQLite in one file, one writer thread, readers beside it, counts and queue order in memory.
//!
//! - A write goes to the writer thread, is committed with whatever else waits (one disk flush for all of them) and
//!   answered afterwards (`writer`).
//! - A read of a record runs on one of a few read connections (`readers`); counts, positions and progress come from
//!   memory (`live`), which the writer updates after each commit.
//! - A start is a new epoch: whatever was running has lost its worker (`boot`).
//! - One process at a time: a lock file says so (`files`).

mod audit;
mod boot;
mod fault;
mod files;
#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing;
mod history;
mod keys;
mod lanes;
mod live;
mod nodes;
mod operator;
mod order;
mod order_tree;
mod pages;
mod queue;
mod readers;
mod row;
mod schema;
mod sweep;
#[cfg(test)]
mod tests;
mod tx;
mod uids;
mod writer;

use std::{collections::BTreeMap, path::Path, sync::Arc, thread::JoinHandle};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use self::{
    live::Live,
    nodes::Nodes,
    readers::Readers,
    tx::Tx,
    writer::{Command, Message, Writer},
};
use super::{
    Beat, BeatAnswer, CancelOutcome, Claim, ClaimRequest, Counts, DeleteOutcome, Enqueued, Events, FinishOutcome,
    ListFilter, ListOrder, NewTask, Outcome, Page, Position, RequeueOutcome, Result, RunFilter, StoreError,
    StoreOptions, Swept, TaskStore,
};
use crate::task::{Run, Task, TaskId, Timestamp, Token, Uid};

/// A store in a directory of this machine. Dropping it stops it as a crash would: nothing acknowledged is lost.
#[derive(Debug)]
pub struct SqliteStore {
    options: StoreOptions,
    live: Arc<Live>,
    nodes: Nodes,
    readers: Readers,
    inbox: Mutex<Option<mpsc::Sender<Message>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl SqliteStore {
    /// Opens the store of a data directory, or makes one. Blocks while it reads the queue into memory.
    ///
    /// # Errors
    /// [`StoreError::CannotOpen`] when another process uses the directory, when its format is newer than this program
    /// or when the directory cannot be used; [`StoreError::Damaged`], [`StoreError::StorageFull`].
    pub fn open(data_dir: &Path, options: StoreOptions) -> Result<Arc<Self>> {
        let lock = files::lock(data_dir)?;
        let mut conn = schema::open_writer(data_dir)?;
        boot::recover(&mut conn, &options)?;
        let (tally, state) = boot::load(&conn)?;
        let live = Arc::new(Live::new(state, options.event_backlog));
        let (sender, inbox) = mpsc::channel(writer::QUEUE);
        let writer = Writer { conn, options: options.clone(), tally, live: Arc::clone(&live), lock };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run(inbox))
            .map_err(|error| files::cannot(data_dir, &error))?;
        let readers = Readers::new(data_dir.to_owned());
        let (inbox, writer) = (Mutex::new(Some(sender)), Mutex::new(Some(thread)));
        Ok(Arc::new(Self { options, live, nodes: Nodes::default(), readers, inbox, writer }))
    }

    /// Runs a command in the writer's next transaction; answers after the commit.
    async fn write<T, F>(&self, operation: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let gone = |what: &str| StoreError::Unavailable(what.to_owned());
        let sender = self.inbox.lock().clone().ok_or_else(|| gone("the store is closed"))?;
        let (reply, answer) = oneshot::channel();
        let job = Message::Job(Box::new(Command::new(operation, reply)));
        sender.send(job).await.map_err(|_| gone("the store's writer has stopped"))?;
        answer.await.map_err(|_| gone("the store's writer has stopped"))?
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        // The writer ends when nobody can send any more. Waiting for it (at most one commit) means that the directory
        // is free once the store is gone.
        self.inbox.lock().take();
        if let Some(thread) = self.writer.lock().take() {
            let _ = thread.join();
        }
    }
}

#[async_trait]
impl TaskStore for SqliteStore {
    async fn close(&self) {
        let sender = self.inbox.lock().take();
        self.readers.close();
        if let Some(sender) = sender {
            let (done, closed) = oneshot::channel();
            if sender.send(Message::Close(done)).await.is_ok() {
                // An error here means that the thread ended by itself: closed all the same.
                let _ = closed.await;
            }
        }
    }

    async fn enqueue(&self, task: NewTask) -> Result<Enqueued> {
        self.write(move |tx| queue::enqueue(tx, task)).await
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Option<Claim>> {
        self.write(move |tx| queue::claim(tx, request)).await
    }

    async fn heartbeat(&self, beats: Vec<Beat>) -> Result<Vec<BeatAnswer>> {
        Ok(self.live.beat(&beats))
    }

    async fn finish(&self, task: TaskId, token: Token, outcome: Outcome) -> Result<FinishOutcome> {
        self.write(move |tx| queue::finish(tx, task, token, outcome)).await
    }

    async fn release(&self, task: TaskId, token: Token) -> Result<bool> {
        self.write(move |tx| queue::release(tx, task, token)).await
    }

    async fn cancel(&self, task: TaskId, owner: Option<Uid>) -> Result<CancelOutcome> {
        self.write(move |tx| operator::cancel(tx, task, owner)).await
    }

    async fn requeue(&self, task: TaskId) -> Result<RequeueOutcome> {
        self.write(move |tx| operator::requeue(tx, task)).await
    }

    async fn fetched(&self, task: TaskId, finished: Timestamp, last_byte: Timestamp) -> Result<()> {
        self.write(move |tx| queue::fetched(tx, task, finished, last_byte)).await
    }

    async fn delete(&self, task: TaskId) -> Result<DeleteOutcome> {
        self.write(move |tx| operator::delete(tx, task)).await
    }

    async fn set_priority(&self, task: TaskId, priority: i8) -> Result<bool> {
        self.write(move |tx| operator::set_priority(tx, task, priority)).await
    }

    async fn set_paused(&self, use_case: &str, paused: bool) -> Result<()> {
        let use_case = use_case.to_owned();
        self.write(move |tx| operator::set_paused(tx, use_case, paused)).await
    }

    async fn paused(&self) -> Result<Vec<String>> {
        self.readers.read(|conn| Ok(operator::paused(conn)?.into_iter().collect())).await
    }

    async fn task(&self, task: TaskId) -> Result<Option<Task>> {
        let found = self.readers.read(move |conn| queue::task(conn, task)).await?;
        Ok(found.map(|row| self.live.with_progress(row.task)))
    }

    async fn position(&self, task: TaskId) -> Result<Option<Position>> {
        Ok(self.live.position(task))
    }

    async fn counts(&self) -> Result<Counts> {
        Ok(self.live.counts())
    }

    async fn waiting(&self) -> Result<BTreeMap<String, u64>> {
        Ok(self.live.waiting())
    }

    async fn list(&self, order: ListOrder, filter: ListFilter, cursor: Option<String>, limit: usize) -> Result<Page> {
        let query = pages::Query { order, filter, cursor, limit };
        let mut page = self.readers.read(move |conn| pages::page(conn, &query)).await?;
        page.tasks = page.tasks.into_iter().map(|task| self.live.with_progress(task)).collect();
        Ok(page)
    }

    async fn runs(&self, filter: RunFilter) -> Result<Vec<Run>> {
        self.readers.read(move |conn| history::runs(conn, &filter)).await
    }

    async fn record_run(&self, run: Run) -> Result<()> {
        self.write(move |tx| history::append(tx, &run).map(drop)).await
    }

    async fn sweep(&self, limit: usize) -> Result<Swept> {
        self.write(move |tx| sweep::sweep(tx, limit)).await
    }

    async fn referenced(&self, names: Vec<String>) -> Result<Vec<String>> {
        self.readers.read(move |conn| sweep::referenced(conn, names)).await
    }

    fn events(&self) -> Events {
        self.live.events()
    }

    async fn ping(&self) -> Result<()> {
        self.write(|tx| {
            tx.conn.prepare_cached("UPDATE meta SET value = value + 1 WHERE name = 'ping'")?.execute([])?;
            Ok(())
        })
        .await
    }

    async fn identity(&self) -> Result<Uuid> {
        let id =
            self.readers.read(|conn| Ok(conn.query_row("SELECT id FROM identity", [], |row| row.get::<_, String>(0))?));
        Uuid::try_parse(&id.await?).map_err(|_| row::damaged("the store's own name"))
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn engine(&self) -> &'static str {
        "sqlite"
    }
}
