//! Notices that a server does not react any more: its console answers every Ctrl-C with something on the screen.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

/// So many in vain are enough,
const ENOUGH: usize = 3;
/// unless they come so quickly that no server could have answered.
const WHILE: Duration = Duration::from_secs(1);

const CTRL_C: u8 = 3;

/// Ctrl-C without an answer.
#[derive(Debug, Default)]
pub(super) struct Patience(Cell<Option<(Instant, usize)>>);

impl Patience {
    /// The server has drawn something.
    pub(super) fn answered(&self) {
        self.0.set(None);
    }

    /// Keys were typed; `true` if that is enough.
    pub(super) fn is_over(&self, keys: &[u8], now: Instant) -> bool {
        let (since, before) = self.0.get().unwrap_or((now, 0));
        let count = keys.iter().fold(before, |count, key| count + usize::from(*key == CTRL_C));
        if count == before {
            return false;
        }
        self.0.set(Some((since, count)));
        count >= ENOUGH && now.saturating_duration_since(since) >= WHILE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_vain_are_enough_and_an_answer_begins_anew() {
        let (patience, start) = (Patience::default(), Instant::now());
        let after = |millis| start + Duration::from_millis(millis);
        assert!(!patience.is_over(&[CTRL_C; 10], start), "too quick for any server");
        assert!(!patience.is_over(b"q", after(5_000)), "not the key");
        assert!(patience.is_over(&[CTRL_C], after(1_000)));
        patience.answered();
        assert!(!patience.is_over(&[CTRL_C], after(2_000)) && !patience.is_over(&[CTRL_C], after(4_000)));
        assert!(patience.is_over(&[CTRL_C], after(4_001)));
    }
}
