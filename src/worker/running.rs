//! What runs in this process now, and why something was told to stop.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::{
    fhe::Context,
    store::{Beat, BeatAnswer},
    task::{TaskId, Token},
};

/// Why a kernel was told to stop. Stronger reasons replace weaker ones, never the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum StopReason {
    /// It was not.
    None = 0,
    /// The process drains: the task goes back to the queue.
    Drain = 1,
    /// It ran too long.
    TimeLimit = 2,
    /// Its cancel was accepted.
    Cancel = 3,
    /// The claim is gone: nothing may be published.
    Lost = 4,
}

/// One running task.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) token: Token,
    pub(super) context: Context,
    reason: Arc<AtomicU8>,
    stopped: CancellationToken,
}

impl Entry {
    pub(super) fn new(token: Token, context: Context) -> Self {
        let reason = Arc::new(AtomicU8::new(StopReason::None as u8));
        Self { token, context, reason, stopped: CancellationToken::new() }
    }

    pub(super) fn stop(&self, reason: StopReason) {
        self.reason.fetch_max(reason as u8, Ordering::AcqRel);
        self.context.stop();
        self.stopped.cancel();
    }

    /// Ends when it is told to stop.
    pub(super) async fn stopped(&self) {
        self.stopped.cancelled().await;
    }

    pub(super) fn reason(&self) -> StopReason {
        match self.reason.load(Ordering::Acquire) {
            0 => StopReason::None,
            1 => StopReason::Drain,
            2 => StopReason::TimeLimit,
            3 => StopReason::Cancel,
            _ => StopReason::Lost,
        }
    }
}

/// All running tasks of the process. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Running(Arc<Mutex<Tasks>>);

#[derive(Default)]
struct Tasks {
    entries: HashMap<TaskId, Entry>,
    /// Bootstraps of the tasks that run no more.
    bootstraps: u64,
}

impl Running {
    /// Registers a task until the guard is dropped. A claim of the same task that still runs here has been lost.
    pub(super) fn enter(&self, task: TaskId, entry: Entry) -> Guard {
        let token = entry.token;
        let mut running = self.0.lock();
        if let Some(lost) = running.entries.insert(task, entry) {
            running.bootstraps += lost.context.bootstraps();
            lost.stop(StopReason::Lost);
        }
        drop(running);
        Guard { running: self.clone(), task, token }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().entries.is_empty()
    }

    pub(super) fn beats(&self) -> Vec<Beat> {
        let running = self.0.lock();
        running
            .entries
            .iter()
            .map(|(&task, entry)| Beat { task, token: entry.token, progress: entry.context.progress() })
            .collect()
    }

    pub(super) fn answer(&self, beats: &[Beat], answers: &[BeatAnswer]) {
        let running = self.0.lock();
        for (beat, answer) in beats.iter().zip(answers) {
            let Some(entry) = running.entries.get(&beat.task).filter(|entry| entry.token == beat.token) else {
                continue;
            };
            match answer {
                BeatAnswer::Ok => {}
                BeatAnswer::Cancel => entry.stop(StopReason::Cancel),
                BeatAnswer::Lost => entry.stop(StopReason::Lost),
            }
        }
    }

    pub(super) fn stop(&self, task: TaskId, reason: StopReason) {
        if let Some(entry) = self.0.lock().entries.get(&task) {
            entry.stop(reason);
        }
    }

    pub(super) fn stop_all(&self, reason: StopReason) {
        self.0.lock().entries.values().for_each(|entry| entry.stop(reason));
    }

    /// Share of a task's work that is done; 0 when it does not run here.
    pub(super) fn progress(&self, task: TaskId) -> f32 {
        self.0.lock().entries.get(&task).map_or(0.0, |entry| entry.context.progress())
    }

    /// Bootstraps executed so far, those of running tasks included.
    pub(super) fn bootstraps(&self) -> u64 {
        let running = self.0.lock();
        running.bootstraps + running.entries.values().map(|entry| entry.context.bootstraps()).sum::<u64>()
    }

    pub(super) fn claims(&self) -> Vec<(TaskId, Token)> {
        self.0.lock().entries.iter().map(|(&task, entry)| (task, entry.token)).collect()
    }
}

/// Takes the task out of [`Running`] when dropped.
pub(super) struct Guard {
    running: Running,
    task: TaskId,
    token: Token,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut running = self.running.0.lock();
        if running.entries.get(&self.task).is_some_and(|entry| entry.token == self.token)
            && let Some(entry) = running.entries.remove(&self.task)
        {
            running.bootstraps += entry.context.bootstraps();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_claim_outranks_a_cancel_and_a_stale_answer_changes_nothing() {
        let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap());
        let running = Running::default();
        let (task, token) = (TaskId::random(), Token::random());
        let entry = Entry::new(token, Context::new(pool));
        let guard = running.enter(task, entry.clone());
        let stale = Beat { task, token: Token::random(), progress: 0.0 };
        running.answer(&[stale], &[BeatAnswer::Lost]);
        assert_eq!((entry.reason(), entry.context.stopped()), (StopReason::None, false));
        let beats = running.beats();
        running.answer(&beats, &[BeatAnswer::Lost]);
        running.answer(&beats, &[BeatAnswer::Cancel]);
        assert_eq!((entry.reason(), entry.context.stopped()), (StopReason::Lost, true));
        drop(guard);
        assert!(running.beats().is_empty());
    }

    #[test]
    fn a_task_that_is_claimed_here_again_stops_the_lost_claim_and_not_the_new_one() {
        let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap());
        let (running, task) = (Running::default(), TaskId::random());
        let [lost, new] = [(); 2].map(|()| Entry::new(Token::random(), Context::new(Arc::clone(&pool))));
        let of_lost = running.enter(task, lost.clone());
        let _of_new = running.enter(task, new.clone());
        assert_eq!((lost.reason(), new.reason()), (StopReason::Lost, StopReason::None));
        drop(of_lost);
        assert_eq!(running.claims(), [(task, new.token)]);
    }

    #[test]
    fn bootstraps_are_counted_while_a_task_runs_and_afterwards() {
        let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap());
        let running = Running::default();
        let context = Context::new(pool);
        let guard = running.enter(TaskId::random(), Entry::new(Token::random(), context.clone()));
        context.count_bootstraps(5);
        assert_eq!(running.bootstraps(), 5);
        context.count_bootstraps(2);
        drop(guard);
        assert_eq!(running.bootstraps(), 7);
    }
}
