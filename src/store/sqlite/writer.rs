//! The one thread that writes. It takes every command that waits, runs each in a savepoint of one transaction, commits
//! once and only then answers: many clients share one disk flush, and a command that fails takes nothing with it.

use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{
    fault::Fault,
    files::DirLock,
    live::{Change, Live},
    tx::{Tally, Tx},
};
use crate::store::{EventKind, Result, StoreError, StoreOptions};

/// Commands that may wait for the writer before callers do.
pub(super) const QUEUE: usize = 1024;
/// Commands in one transaction.
const BATCH: usize = 256;

/// A command and its answer.
pub(super) trait Job: Send {
    /// Runs it once.
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict;
    /// Answers, after the commit or with its failure.
    fn answer(self: Box<Self>, fault: Option<&Fault>);
}

/// What is to become of a command's changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Commit them.
    Keep,
    /// It was refused, or failed.
    Drop,
    /// It failed because the disk is full.
    Full,
}

/// What the writer is told.
pub(super) enum Message {
    Job(Box<dyn Job>),
    /// Checkpoint, let go of the directory, answer.
    Close(oneshot::Sender<()>),
}

/// A [`Job`] made of a function.
pub(super) struct Command<F, T> {
    operation: Option<F>,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Command<F, T> {
    pub(super) const fn new(operation: F, reply: oneshot::Sender<Result<T>>) -> Self {
        Self { operation: Some(operation), result: None, reply }
    }
}

impl<F, T> Job for Command<F, T>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T> + Send,
    T: Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict {
        self.result = self.operation.take().map(|operation| operation(tx));
        match self.result {
            Some(Ok(_)) => Verdict::Keep,
            Some(Err(StoreError::StorageFull)) => Verdict::Full,
            _ => Verdict::Drop,
        }
    }

    fn answer(self: Box<Self>, fault: Option<&Fault>) {
        let result = match (self.result, fault) {
            (Some(Ok(_)) | None, Some(fault)) => Err(fault.into()),
            (Some(result), _) => result,
            (None, None) => Err(StoreError::Unavailable("the command was not run".to_owned())),
        };
        // Who has gone away needs no answer.
        let _ = self.reply.send(result);
    }
}

/// State of the writer thread.
pub(super) struct Writer {
    pub(super) conn: Connection,
    pub(super) options: StoreOptions,
    pub(super) tally: Tally,
    pub(super) live: Arc<Live>,
    pub(super) lock: DirLock,
}

impl Writer {
    /// Works until it is told to close or nobody can send any more.
    pub(super) fn run(mut self, mut inbox: mpsc::Receiver<Message>) {
        let mut closing = None;
        while closing.is_none() {
            let Some(first) = inbox.blocking_recv() else { return };
            let mut jobs = Vec::new();
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Job(job) => jobs.push(job),
                    Message::Close(done) => {
                        closing = Some(done);
                        break;
                    }
                }
                next = if jobs.len() < BATCH { inbox.try_recv().ok() } else { None };
            }
            self.batch(jobs);
        }
        drop(inbox);
        if let Err(error) = self.conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
            tracing::warn!(%error, "the store could not be checkpointed; the next start reads its log");
        }
        drop(self.conn);
        drop(self.lock);
        if let Some(done) = closing {
            let _ = done.send(());
        }
    }

    fn batch(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        let (mut changes, mut events) = (Vec::new(), Vec::new());
        let fault = self.transaction(&mut jobs, &mut changes, &mut events).err();
        if let Some(fault) = &fault {
            tracing::error!(?fault, commands = jobs.len(), "a commit of the store failed; nothing was changed");
            for change in changes.iter().rev() {
                self.tally.count(change, true);
            }
            if !self.conn.is_autocommit() && self.conn.execute_batch("ROLLBACK").is_err() {
                tracing::error!("the failed commit could not be rolled back");
            }
        } else {
            self.live.publish(&changes, events);
        }
        for job in jobs {
            job.answer(fault.as_ref());
        }
    }

    fn transaction(
        &mut self,
        jobs: &mut [Box<dyn Job>],
        changes: &mut Vec<Change>,
        events: &mut Vec<EventKind>,
    ) -> std::result::Result<(), Fault> {
        let Self { conn, options, tally, .. } = self;
        let sql = |text: &str| conn.prepare_cached(text).and_then(|mut statement| statement.execute([]));
        sql("BEGIN IMMEDIATE")?;
        for job in jobs {
            sql("SAVEPOINT command")?;
            let now = options.clock.now();
            let mut tx = Tx { conn, options, tally, now, changes: Vec::new(), events: Vec::new() };
            let verdict = job.run(&mut tx);
            let (new_changes, new_events) = (tx.changes, tx.events);
            if verdict == Verdict::Keep {
                for change in &new_changes {
                    tally.count(change, false);
                }
                changes.extend(new_changes);
                events.extend(new_events);
            } else if conn.is_autocommit() {
                // SQLite gave the whole transaction up, as it may on a full disk.
                let other = || Fault::Unavailable("another command of the same transaction failed".to_owned());
                return Err(if verdict == Verdict::Full { Fault::Full } else { other() });
            } else {
                sql("ROLLBACK TO command")?;
            }
            sql("RELEASE command")?;
        }
        sql("COMMIT")?;
        Ok(())
    }
}
