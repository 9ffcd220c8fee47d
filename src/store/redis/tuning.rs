//! What tests, and nobody else, set otherwise.

use std::time::Duration;

use super::layout;

/// Places, lengths and patience of the engine.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// Every key begins with `{name}:1:`, see `layout`.
    pub name: String,
    /// A claim that was not renewed for so long has lost its worker. By Redis' own clock.
    pub lease: Duration,
    /// Between two looks for lost workers, in every process.
    pub reap_every: Duration,
    /// Until a connection must stand.
    pub connect: Duration,
    /// A Redis that does not answer at the start is tried again for so long.
    pub start: Duration,
    /// Until an operation is answered, one way or the other.
    pub patience: Duration,
    /// An answer waits at most so long for the event of its own change to reach this process's readers.
    pub echo: Duration,
    /// Events kept for readers that were away.
    pub events: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            name: "cipherdeck".to_owned(),
            lease: Duration::from_secs(15),
            reap_every: Duration::from_secs(2),
            connect: Duration::from_secs(1),
            start: Duration::from_secs(5),
            patience: Duration::from_secs(3),
            echo: Duration::from_millis(250),
            events: 10_000,
        }
    }
}

impl Tuning {
    /// What every key begins with.
    pub(super) fn prefix(&self) -> String {
        layout::prefix(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_lasts_as_long_as_the_settings_say_by_default() {
        let settings = crate::config::load(crate::config::Overrides::default()).unwrap();
        assert_eq!(Tuning::default().lease, settings.worker.lease());
    }
}
