//! How many bytes a session may send: a busy server changes its screen thirty times a second, and nobody reads so fast.
//! What an operator's own keys change is sent at once.

use std::time::Duration;

use tokio::time::Instant;

/// Bytes a second in the long run.
const RATE: f64 = 15_000.0;
/// After a quiet time so many go at once: a screen or two.
const BURST: f64 = 16_000.0;
/// A large frame holds up the next one no longer than this many bytes would take.
const DEBT: f64 = RATE / 4.0;

/// A budget that grows with time.
#[derive(Debug)]
pub(super) struct Pace {
    balance: f64,
    at: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { balance: BURST, at: now }
    }

    /// Bytes were sent; how long to wait before the next ones.
    pub(super) fn spend(&mut self, bytes: usize, now: Instant) -> Duration {
        let earned = now.duration_since(self.at).as_secs_f64() * RATE;
        self.balance = ((self.balance + earned).min(BURST) - bytes as f64).max(-DEBT);
        self.at = now;
        Duration::from_secs_f64((-self.balance).max(0.0) / RATE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_keys_never_wait_and_a_flood_keeps_to_the_rate() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        for _ in 0..1_000 {
            assert_eq!(pace.spend(200, now), Duration::ZERO);
            now += Duration::from_millis(33);
        }
        let (began, mut sent) = (now, 0);
        for _ in 0..1_000 {
            now += pace.spend(2_000, now);
            sent += 2_000;
        }
        let rate = f64::from(sent) / now.duration_since(began).as_secs_f64();
        assert!((RATE..RATE * 1.05).contains(&rate), "{rate}");
    }

    #[test]
    fn one_huge_frame_holds_up_the_next_for_a_quarter_of_a_second_at_most() {
        let now = Instant::now();
        assert_eq!(Pace::new(now).spend(10_000_000, now), Duration::from_millis(250));
    }
}
