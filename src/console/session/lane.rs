//! Reads of one kind: one under way at a time, and not too often.

use std::time::Duration;

use tokio::{task::JoinHandle, time::Instant};

/// Between two reads after a failed one.
const RETRY: Duration = Duration::from_secs(2);

/// Reads of one kind.
#[derive(Debug)]
pub(super) struct Lane<T> {
    running: Option<JoinHandle<T>>,
    wanted: bool,
    /// The operator asked for the next read: it happens also while the screen is frozen.
    asked: bool,
    not_before: Instant,
    /// At the latest then there is something new, also when nobody says so.
    stale_at: Option<Instant>,
    began: Option<Instant>,
    /// Reads follow each other at least this far apart, however fast things change.
    pub(super) spacing: Duration,
}

impl<T> Lane<T> {
    pub(super) fn new(spacing: Duration) -> Self {
        let (now, wanted) = (Instant::now(), false);
        Self { running: None, wanted, asked: false, not_before: now, stale_at: None, began: None, spacing }
    }

    /// Something has changed.
    pub(super) fn want(&mut self) {
        if !self.wanted {
            let earliest = self.began.map_or_else(Instant::now, |at| at + self.spacing);
            self.not_before = self.not_before.max(earliest);
        }
        self.wanted = true;
    }

    /// Something will have changed by then.
    pub(super) fn want_in(&mut self, delay: Duration) {
        self.stale_at = Some(Instant::now() + delay);
    }

    /// The operator wants to see something else: what is under way is not needed any more.
    pub(super) fn ask(&mut self) {
        self.stop();
        (self.wanted, self.asked) = (true, true);
        self.not_before = Instant::now();
    }

    /// Nobody needs it any more.
    pub(super) fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
        }
        (self.wanted, self.asked, self.stale_at) = (false, false, None);
    }

    /// The last read failed.
    pub(super) fn retry(&mut self) {
        self.wanted = true;
        self.not_before = Instant::now() + RETRY;
    }

    /// Is a read to be started now?
    pub(super) fn is_due(&mut self, frozen: bool) -> bool {
        if self.stale_at.is_some_and(|at| at <= Instant::now()) {
            self.stale_at = None;
            self.want();
        }
        self.may_start(frozen) && self.not_before <= Instant::now()
    }

    /// A read was started.
    pub(super) fn started(&mut self, read: JoinHandle<T>) {
        (self.wanted, self.asked) = (false, false);
        self.began = Some(Instant::now());
        self.running = Some(read);
    }

    /// While the screen is frozen only what the operator asked for is read.
    fn may_start(&self, frozen: bool) -> bool {
        self.wanted && self.running.is_none() && (self.asked || !frozen)
    }

    /// When to look again.
    pub(super) fn wake(&self, frozen: bool) -> Option<Instant> {
        let start = self.may_start(frozen).then_some(self.not_before);
        let stale = self.stale_at.filter(|_| !frozen);
        start.into_iter().chain(stale).min()
    }

    /// What the read under way brings; for ever, if there is none. `None`: it broke off.
    pub(super) async fn finished(&mut self) -> Option<T> {
        let Some(running) = &mut self.running else { return std::future::pending().await };
        let read = running.await.ok();
        self.running = None;
        read
    }
}

impl<T> Drop for Lane<T> {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACING: Duration = Duration::from_millis(50);

    #[tokio::test(start_paused = true)]
    async fn changes_are_read_together_and_what_the_operator_asks_for_at_once() {
        let mut lane = Lane::new(SPACING);
        assert!(!lane.is_due(false) && lane.wake(false).is_none());
        lane.want();
        assert!(lane.is_due(false));
        lane.started(tokio::spawn(async { 1 }));
        lane.want();
        assert!(!lane.is_due(false), "one is under way");
        assert_eq!(lane.finished().await, Some(1));
        assert!(!lane.is_due(false) && lane.wake(false).is_some_and(|at| at > Instant::now()), "too soon");
        tokio::time::advance(SPACING).await;
        assert!(lane.is_due(false) && !lane.is_due(true), "not while the screen is frozen");
        lane.started(tokio::spawn(std::future::pending()));
        lane.ask();
        assert!(lane.is_due(true));
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_tells_of_is_read_again_after_its_time() {
        let mut lane = Lane::<()>::new(SPACING);
        lane.want_in(Duration::from_secs(2));
        assert!(!lane.is_due(false));
        assert_eq!(lane.wake(false), Some(Instant::now() + Duration::from_secs(2)));
        assert_eq!(lane.wake(true), None);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(lane.is_due(false));
        lane.stop();
        assert!(!lane.is_due(false));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_failure_it_waits_also_when_something_changes() {
        let mut lane = Lane::<()>::new(SPACING);
        lane.retry();
        lane.want();
        assert!(!lane.is_due(false));
        tokio::time::advance(RETRY).await;
        assert!(lane.is_due(false));
    }
}
