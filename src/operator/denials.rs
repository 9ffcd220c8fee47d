//! Refused attempts go to the audit log too, but so few that nobody without the right to change anything can flush the
//! log with them.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Refusals kept in the log within one [`SPAN`].
const MOST: u32 = 60;
const SPAN: Duration = Duration::from_mins(1);

/// Counts refusals.
#[derive(Debug)]
pub(super) struct Denials(Mutex<(Instant, u32)>);

impl Default for Denials {
    fn default() -> Self {
        Self(Mutex::new((Instant::now(), 0)))
    }
}

impl Denials {
    /// May this refusal have a row of its own?
    pub(super) fn admit(&self, now: Instant) -> bool {
        let mut window = self.0.lock();
        if now.saturating_duration_since(window.0) >= SPAN {
            *window = (now, 0);
        }
        window.1 = window.1.saturating_add(1);
        window.1 <= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_refusals_has_few_rows_and_the_next_minute_has_its_own() {
        let denials = Denials::default();
        let now = Instant::now();
        assert_eq!((0..1_000).filter(|_| denials.admit(now)).count(), MOST as usize);
        assert!(denials.admit(now + SPAN));
    }
}
