//! The last quarter of an hour of a value, evenly spaced.

use std::{collections::VecDeque, time::Duration};

/// How far back it goes.
pub const SPAN: Duration = Duration::from_mins(15);

/// Values over time.
#[derive(Debug, Clone)]
pub struct Past {
    values: VecDeque<f32>,
    kept: usize,
}

impl Past {
    /// Of a value that is taken every `interval`.
    pub fn every(interval: Duration) -> Self {
        let kept = (SPAN.as_millis() / interval.as_millis().max(1)).max(1);
        Self { values: VecDeque::new(), kept: usize::try_from(kept).unwrap_or(usize::MAX) }
    }

    /// Adds a value.
    pub fn push(&mut self, value: f32) {
        if self.values.len() == self.kept {
            self.values.pop_front();
        }
        self.values.push_back(value);
    }

    /// Adds a value that held for so many places, as a mean over a time without samples does.
    pub fn fill(&mut self, value: f32, places: usize) {
        for _ in 0..places.min(self.kept) {
            self.push(value);
        }
    }

    /// Oldest first.
    pub fn values(&self) -> Vec<f32> {
        self.values.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_a_quarter_of_an_hour() {
        let mut past = Past::every(Duration::from_mins(5));
        for value in [1.0, 2.0, 3.0, 4.0] {
            past.push(value);
        }
        assert_eq!(past.values(), [2.0, 3.0, 4.0]);
        past.fill(7.0, 2);
        assert_eq!(past.values(), [4.0, 7.0, 7.0]);
        past.fill(8.0, usize::MAX);
        assert_eq!(past.values(), [8.0, 8.0, 8.0]);
    }
}
