//! What the screen needs from the host, and when it changes by itself.

use super::{Popup, State};
use crate::{
    clock::{Millis, age_changes_in},
    snapshot::{Row, ScreenKind, Snapshot},
};

/// A heartbeat younger than this is "now": a healthy fleet does not change the screen every second.
pub(crate) const FRESH_MS: i64 = 5_000;

impl State {
    /// Are samples of the machine on the screen? On the list of tasks they pause while nothing waits or runs, so that
    /// an idle dashboard draws nothing.
    pub fn wants_samples(&self, snapshot: &Snapshot) -> bool {
        let Some(layout) = self.layout().filter(|_| self.frozen.is_none()) else { return false };
        match self.screen {
            ScreenKind::Tasks => snapshot.is_busy() && layout.machine.is_some(),
            ScreenKind::Workers => true,
            _ => false,
        }
    }

    /// Are the queues of the use cases on the screen?
    pub const fn wants_queues(&self) -> bool {
        matches!(self.popup, Some(Popup::Queues(_)))
    }

    /// Are GPUs on the screen? Nobody asks them anything otherwise: asking wakes them up.
    pub fn wants_gpus(&self) -> bool {
        self.frozen.is_none() && self.screen == ScreenKind::Workers && self.layout().is_some()
    }

    /// Milliseconds until the screen changes by itself, because an age on it does or a message ends. `None`: it stays
    /// as it is until something happens.
    pub fn next_change(&self, snapshot: &Snapshot) -> Option<i64> {
        let toast = self.toast.as_ref().and_then(|toast| toast.until).map(|until| (until - self.now).max(1));
        if self.frozen.is_some() {
            return toast;
        }
        let since = |at: Millis| age_changes_in(at, snapshot.now);
        let oldest = snapshot.oldest.map(|oldest| since(oldest.since));
        let shown = match self.screen {
            ScreenKind::Tasks => {
                let rows = snapshot.rows().iter().chain(&snapshot.watched);
                rows.filter_map(Row::counting_since).map(since).min()
            }
            ScreenKind::Workers => Self::fleet_changes_in(snapshot),
            _ => None,
        };
        oldest.into_iter().chain(shown).chain(toast).min().map(|millis| millis.max(1))
    }

    fn fleet_changes_in(snapshot: &Snapshot) -> Option<i64> {
        let fleet = snapshot.fleet.as_ref()?;
        let heartbeats = fleet.nodes.iter().map(|node| node.heartbeat);
        let heartbeats = heartbeats.chain(fleet.workers.iter().map(|worker| worker.heartbeat));
        let stale = heartbeats.map(|at| heartbeat_changes_in(at, snapshot.now, fleet.lost_after_ms));
        let ages = fleet.workers.iter().filter_map(|worker| worker.doing.as_ref()).map(|doing| doing.started);
        let ages = ages.chain(fleet.nodes.iter().map(|node| node.started));
        stale.chain(ages.map(|at| age_changes_in(at, snapshot.now))).min()
    }
}

/// Until the age of a heartbeat is shown differently.
fn heartbeat_changes_in(at: Millis, now: Millis, lost_after_ms: i64) -> i64 {
    let age = now - at;
    if age < FRESH_MS {
        return FRESH_MS - age;
    }
    let lost = (lost_after_ms - age).max(0) + 1;
    age_changes_in(at, now).min(if age <= lost_after_ms { lost } else { i64::MAX })
}
