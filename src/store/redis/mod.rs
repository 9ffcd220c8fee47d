//! The engine of a cluster: any number of processes on one Redis (6.2 or newer, append-only file, no eviction).
//!
//! - Each transition is one Lua script (`lua/`, `scripts`): atomic, and harmless when repeated. What a task is lies in
//!   one hash; everything else is an index of it (`lua/record.lua`).
//! - All times are Redis' own; a process's clock is never asked.
//! - A claim is a lease, renewed by heartbeats, whose answer is also the guaranteed way of a cancel. Every process looks
//!   for leases that have passed (`reaper`).
//! - Changes are numbered in a stream, which one connection per process reads (`feed`); a gap is told to its readers.
//! - Records carry the version of their form; one that a newer program wrote is left alone. `layout` says what lies
//!   where.

mod address;
mod audit;
mod fault;
mod feed;
#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing;
mod health;
mod history;
mod lanes;
mod layout;
mod link;
mod nodes;
mod operator;
mod pages;
mod queue;
mod reaper;
mod record;
mod scripts;
mod sweep;
mod tuning;
mod uids;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

pub use self::{address::Address, tuning::Tuning};
use self::{
    feed::{Feed, Reader},
    link::{Link, args},
};
use super::{
    Beat, BeatAnswer, CancelOutcome, Claim, ClaimRequest, Counts, DeleteOutcome, Enqueued, Events, FinishOutcome,
    ListFilter, ListOrder, NewTask, Outcome, Page, Position, RequeueOutcome, Result, RunFilter, StoreOptions, Swept,
    TaskStore,
};
use crate::task::{Run, Task, TaskId, Timestamp, Token, Uid};

/// A store in a Redis, which other processes share. Dropping it loses nothing that was acknowledged.
#[derive(Debug)]
pub struct RedisStore {
    link: Arc<Link>,
    background: Mutex<Vec<AbortOnDropHandle<()>>>,
}

impl RedisStore {
    /// Connects.
    ///
    /// # Errors
    /// [`super::StoreError::CannotOpen`] when the address is none, nobody answers there, or whoever does is not trusted.
    pub async fn open<'a>(address: impl Into<Address<'a>>, options: StoreOptions, tuning: Tuning) -> Result<Arc<Self>> {
        let address = address.into();
        let client = address.client()?;
        let feed = Feed::new(options.event_backlog);
        let mut reader = Reader::new(client.clone(), &tuning, feed.clone());
        let conn = begin(&mut reader, &tuning).await.map_err(|error| address.refused(error))?;
        look(conn.clone()).await;
        let link = Arc::new(Link::new(client, options, tuning, feed)?);
        // The reader first: every answer waits until it has told of the change.
        let reader = AbortOnDropHandle::new(tokio::spawn(reader.run(conn)));
        reaper::reap(&link).await?;
        let background = vec![reader, AbortOnDropHandle::new(tokio::spawn(reaper::run(Arc::clone(&link))))];
        Ok(Arc::new(Self { link, background: Mutex::new(background) }))
    }
}

/// The first connection. A Redis that starts together with this process, or is slow for a moment, is waited for; one that
/// says no is not.
async fn begin(reader: &mut Reader, tuning: &Tuning) -> redis::RedisResult<redis::aio::MultiplexedConnection> {
    const PAUSE: Duration = Duration::from_millis(200);
    let (began, mut said) = (Instant::now(), false);
    loop {
        let error = match reader.connect().await {
            Ok(conn) => return Ok(conn),
            Err(error) => error,
        };
        let busy = error.is_timeout()
            || error.is_connection_refusal()
            || error.kind() == redis::ErrorKind::Server(redis::ServerErrorKind::BusyLoading);
        if !busy || began.elapsed() + PAUSE >= tuning.start {
            return Err(error);
        }
        if !std::mem::replace(&mut said, true) {
            let seconds = tuning.start.as_secs();
            tracing::warn!("redis does not answer yet; it is tried for {seconds} s");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Says loudly what is wrong with this Redis.
async fn look(mut conn: redis::aio::MultiplexedConnection) {
    let info: redis::RedisResult<String> = redis::cmd("INFO").query_async(&mut conn).await;
    match info {
        Ok(info) => {
            for complaint in health::complaints(&info) {
                tracing::warn!("this redis is not fit to keep tasks: {complaint}");
            }
        }
        Err(error) => tracing::warn!(%error, "redis does not show its settings; see that it keeps what it is given"),
    }
}

#[async_trait]
impl TaskStore for RedisStore {
    async fn enqueue(&self, task: NewTask) -> Result<Enqueued> {
        queue::enqueue(&self.link, task).await
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Option<Claim>> {
        queue::claim(&self.link, request).await
    }

    async fn heartbeat(&self, beats: Vec<Beat>) -> Result<Vec<BeatAnswer>> {
        queue::heartbeat(&self.link, &beats).await
    }

    async fn finish(&self, task: TaskId, token: Token, outcome: Outcome) -> Result<FinishOutcome> {
        queue::finish(&self.link, task, token, outcome).await
    }

    async fn release(&self, task: TaskId, token: Token) -> Result<bool> {
        queue::release(&self.link, task, token).await
    }

    async fn cancel(&self, task: TaskId, owner: Option<Uid>) -> Result<CancelOutcome> {
        operator::cancel(&self.link, task, owner).await
    }

    async fn requeue(&self, task: TaskId) -> Result<RequeueOutcome> {
        operator::requeue(&self.link, task).await
    }

    async fn fetched(&self, task: TaskId, finished: Timestamp, last_byte: Timestamp) -> Result<()> {
        queue::fetched(&self.link, task, finished, last_byte).await
    }

    async fn delete(&self, task: TaskId) -> Result<DeleteOutcome> {
        operator::delete(&self.link, task).await
    }

    async fn set_priority(&self, task: TaskId, priority: i8) -> Result<bool> {
        operator::set_priority(&self.link, task, priority).await
    }

    async fn set_paused(&self, use_case: &str, paused: bool) -> Result<()> {
        operator::set_paused(&self.link, use_case, paused).await
    }

    async fn paused(&self) -> Result<Vec<String>> {
        operator::paused(&self.link).await
    }

    async fn task(&self, task: TaskId) -> Result<Option<Task>> {
        queue::task(&self.link, task).await
    }

    async fn position(&self, task: TaskId) -> Result<Option<Position>> {
        queue::position(&self.link, task).await
    }

    async fn counts(&self) -> Result<Counts> {
        Ok(queue::counts(&self.link).await?.0)
    }

    async fn waiting(&self) -> Result<BTreeMap<String, u64>> {
        Ok(queue::counts(&self.link).await?.1)
    }

    async fn list(&self, order: ListOrder, filter: ListFilter, cursor: Option<String>, limit: usize) -> Result<Page> {
        pages::page(&self.link, order, filter, cursor, limit).await
    }

    async fn runs(&self, filter: RunFilter) -> Result<Vec<Run>> {
        history::runs(&self.link, &filter).await
    }

    async fn record_run(&self, run: Run) -> Result<()> {
        history::record(&self.link, run).await
    }

    async fn sweep(&self, limit: usize) -> Result<Swept> {
        sweep::sweep(&self.link, limit).await
    }

    async fn referenced(&self, names: Vec<String>) -> Result<Vec<String>> {
        sweep::referenced(&self.link, names).await
    }

    fn events(&self) -> Events {
        self.link.feed.events()
    }

    async fn ping(&self) -> Result<()> {
        self.link.repeat(&scripts::PING, args![]).await
    }

    async fn identity(&self) -> Result<Uuid> {
        let (id,): (String,) = self.link.repeat(&scripts::IDENTITY, args![Uuid::new_v4()]).await?;
        Uuid::try_parse(&id).map_err(|_| fault::damaged("the store's own name"))
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn engine(&self) -> &'static str {
        "redis"
    }

    async fn close(&self) {
        self.link.close();
        self.background.lock().clear();
    }
}
