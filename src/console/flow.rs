//! How many tasks ended in the last minutes, in buckets of a second.

use cipherdeck_ui::snapshot::Flow as Shown;

use crate::task::Timestamp;

/// Minutes looked back.
const MINUTES: u32 = 5;
const SECONDS: usize = MINUTES as usize * 60;

/// Ended tasks of the last [`MINUTES`].
#[derive(Debug)]
pub(super) struct Flow {
    /// Per second: the second, ended, failed. The place is the second modulo [`SECONDS`].
    buckets: Vec<(i64, u64, u64)>,
}

impl Default for Flow {
    fn default() -> Self {
        Self { buckets: vec![(i64::MIN, 0, 0); SECONDS] }
    }
}

impl Flow {
    /// A task ended.
    pub(super) fn record(&mut self, at: Timestamp, failed: bool) {
        let second = at.millis().div_euclid(1_000);
        let place = second.rem_euclid(SECONDS as i64) as usize;
        if let Some(bucket) = self.buckets.get_mut(place) {
            if bucket.0 != second {
                *bucket = (second, 0, 0);
            }
            bucket.1 += 1;
            bucket.2 += u64::from(failed);
        }
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

    #[test]
    fn what_is_too_long_ago_no_longer_counts() {
        let at = |seconds: i64| Timestamp::from_millis(1_795_358_684_000 + seconds * 1_000);
        let mut flow = Flow::default();
        flow.record(at(0), false);
        flow.record(at(0), true);
        flow.record(at(200), false);
        assert_eq!(flow.shown(at(200)), Shown { minutes: 5, ended: 3, failed: 1 });
        assert_eq!(flow.changes_in(at(200)), Some(100_000));
        assert_eq!(flow.shown(at(299)).ended, 3);
        assert_eq!(flow.shown(at(300)).ended, 1);
        flow.record(at(500), false);
        assert_eq!(flow.shown(at(500)).ended, 1);
        assert_eq!(flow.shown(at(900)), Shown { minutes: 5, ended: 0, failed: 0 });
        assert_eq!(flow.changes_in(at(900)), None);
    }
}
