//! Whether the workers of this process live, known without asking anybody.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio_util::task::TaskTracker;

/// The slots that run their claim loop, and when the heart last beat. Clones are the same.
#[derive(Clone, Debug)]
pub struct Pulse {
    slots: TaskTracker,
    began: Instant,
    /// Milliseconds from `began` to the last beat.
    last: Arc<AtomicU64>,
}

impl Pulse {
    pub(super) fn new(slots: TaskTracker) -> Self {
        Self { slots, began: Instant::now(), last: Arc::default() }
    }

    pub(super) fn beat(&self) {
        self.last.store(self.began.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// Slots that live: none, when the heart has not beaten for `silence`.
    pub fn alive(&self, silence: Duration) -> usize {
        let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
        if self.began.elapsed().saturating_sub(last) < silence { self.slots.len() } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn slots_live_while_their_loops_run_and_the_heart_beats() {
        let slots = TaskTracker::new();
        let pulse = Pulse::new(slots.clone());
        assert_eq!(pulse.alive(Duration::from_hours(1)), 0);
        let first = slots.spawn(std::future::pending::<()>());
        slots.spawn(std::future::pending::<()>());
        assert_eq!(pulse.alive(Duration::from_hours(1)), 2);
        first.abort();
        assert!(first.await.is_err());
        assert_eq!(pulse.alive(Duration::from_hours(1)), 1);
        assert_eq!(pulse.alive(Duration::ZERO), 0, "silent for too long");
    }
}
