//! How many tasks ended in the last minutes, in buckets of a second. An end that is both read from the store and heard of
//! counts once.

use std::collections::HashMap;

use cipherdeck_ui::snapshot::Flow as Shown;

use crate::task::{TaskId, Timestamp};

/// Minutes looked back.
const MINUTES: u32 = 5;
const SECONDS: usize = MINUTES as usize * 60;
/// So many counted ends are kept without looking which of them are too long ago.
const KEPT: usize = 4_096;

/// Ended tasks of the last [`MINUTES`].
#[derive(Debug)]
pub(super) struct Flow {
    /// Per second: the second, ended, failed. The place is the second modulo [`SECONDS`].
    buckets: Vec<(i64, u64, u64)>,
    /// Whose end was counted, and its second.
    counted: HashMap<TaskId, i64>,
    /// When to look which of them are too long ago.
    full: usize,
    /// Ends heard of while a read is under way.
    heard: Option<Vec<(TaskId, Timestamp, bool)>>,
}

impl Default for Flow {
    fn default() -> Self {
        let buckets = vec![(i64::MIN, 0, 0); SECONDS];
        Self { buckets, counted: HashMap::new(), full: KEPT, heard: None }
    }
}

impl Flow {
    /// A task ended, as the store says.
    pub(super) fn read(&mut self, task: TaskId, at: Timestamp, failed: bool) {
        let second = at.millis().div_euclid(1_000);
        if self.counted.insert(task, second).is_some() {
            return;
        }
        if self.counted.len() > self.full {
            self.counted.retain(|_, at| *at > second - SECONDS as i64);
            self.full = KEPT.max(self.counted.len() * 2);
        }
        let place = second.rem_euclid(SECONDS as i64) as usize;
        if let Some(bucket) = self.buckets.get_mut(place) {
            if bucket.0 != second {
                *bucket = (second, 0, 0);
            }
            bucket.1 += 1;
            bucket.2 += u64::from(failed);
        }
    }

    /// A task ended, as an event says.
    pub(super) fn heard(&mut self, task: TaskId, at: Timestamp, failed: bool) {
        if let Some(heard) = &mut self.heard {
            heard.push((task, at, failed));
        }
        self.read(task, at, failed);
    }

    /// A task waits again: its next end is another one.
    pub(super) fn queued(&mut self, task: TaskId) {
        self.counted.remove(&task);
    }

    /// A read of what ended begins: what is heard from here on may be missing in it.
    pub(super) fn begin(&mut self) {
        self.heard = Some(Vec::new());
    }

    /// What was read, and what was heard meanwhile, replace everything known.
    pub(super) fn replace(&mut self, mut read: Self) {
        for (task, at, failed) in self.heard.take().into_iter().flatten() {
            read.read(task, at, failed);
        }
        *self = read;
    }

    /// The figures at `now`.
    pub(super) fn shown(&self, now: Timestamp) -> Shown {
        let mut shown = Shown { minutes: MINUTES, ended: 0, failed: 0 };
        for (_, ended, failed) in self.recent(now) {
            shown.ended += ended;
            shown.failed += failed;
        }
        shown
    }

    /// Milliseconds until the figures change because something is too long ago.
    pub(super) fn changes_in(&self, now: Timestamp) -> Option<i64> {
        let oldest = self.recent(now).map(|(second, ..)| second).min()?;
        Some((oldest + SECONDS as i64) * 1_000 - now.millis())
    }

    /// Earliest moment that counts at `now`.
    pub(super) fn horizon(now: Timestamp) -> Timestamp {
        Timestamp::from_millis((now.millis().div_euclid(1_000) - SECONDS as i64 + 1) * 1_000)
    }

    fn recent(&self, now: Timestamp) -> impl Iterator<Item = (i64, u64, u64)> {
        let second = now.millis().div_euclid(1_000);
        let fresh = move |at: i64| at > second - SECONDS as i64 && at <= second;
        self.buckets.iter().copied().filter(move |(at, ..)| fresh(*at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_795_358_684_000 + seconds * 1_000)
    }

    fn ended(flow: &Flow, now: i64) -> u64 {
        flow.shown(at(now)).ended
    }

    #[test]
    fn what_is_too_long_ago_no_longer_counts() {
        let mut flow = Flow::default();
        let end = |flow: &mut Flow, at, failed| flow.heard(TaskId::random(), at, failed);
        end(&mut flow, at(0), false);
        end(&mut flow, at(0), true);
        end(&mut flow, at(200), false);
        assert_eq!(flow.shown(at(200)), Shown { minutes: 5, ended: 3, failed: 1 });
        assert_eq!(flow.changes_in(at(200)), Some(100_000));
        assert_eq!(ended(&flow, 299), 3);
        assert_eq!(ended(&flow, 300), 1);
        end(&mut flow, at(500), false);
        assert_eq!(ended(&flow, 500), 1);
        assert_eq!(flow.shown(at(900)), Shown { minutes: 5, ended: 0, failed: 0 });
        assert_eq!(flow.changes_in(at(900)), None);
    }

    #[test]
    fn an_end_that_is_read_and_heard_counts_once_and_the_next_end_of_a_requeued_task_counts_again() {
        let (mut flow, task) = (Flow::default(), TaskId::random());
        flow.read(task, at(0), false);
        flow.heard(task, at(1), false);
        assert_eq!(ended(&flow, 1), 1);
        flow.queued(task);
        flow.heard(task, at(2), true);
        assert_eq!(flow.shown(at(2)), Shown { minutes: 5, ended: 2, failed: 1 });
    }

    #[test]
    fn what_is_heard_while_a_read_is_under_way_is_kept() {
        let mut flow = Flow::default();
        let [before, both, missed] = [(); 3].map(|()| TaskId::random());
        flow.heard(before, at(0), false);
        flow.begin();
        flow.heard(both, at(1), false);
        flow.heard(missed, at(1), false);
        let mut read = Flow::default();
        read.read(before, at(0), false);
        read.read(both, at(1), false);
        flow.replace(read);
        assert_eq!(ended(&flow, 1), 3);
    }

    #[test]
    fn counted_ends_are_forgotten_when_they_are_too_long_ago() {
        let mut flow = Flow::default();
        for second in 0..20_000 {
            flow.read(TaskId::random(), at(second), false);
        }
        assert!(flow.counted.len() <= KEPT + 1, "{}", flow.counted.len());
    }
}
