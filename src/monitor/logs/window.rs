//! A window of the lines that match.

use std::sync::Arc;

use tracing::Level;

use super::{LogLine, LogRing};

/// Where a window lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// At the end.
    Newest,
    /// At the beginning.
    Oldest,
    /// Ends before the line of this number.
    Before(u64),
    /// Begins behind the line of this number; where fewer than a window follow, it ends with the newest.
    After(u64),
    /// Ends with the line of this number.
    Until(u64),
}

/// Which lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// At least so serious.
    pub level: Level,
    /// Target or text contains this; of ASCII letters the case does not count. Empty: all lines.
    pub text: String,
    /// Where.
    pub from: From,
    /// At most so many.
    pub limit: usize,
}

/// The lines found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Window {
    /// Oldest first.
    pub lines: Vec<Arc<LogLine>>,
    /// Matching lines before them.
    pub older: u64,
    /// Matching lines behind them.
    pub newer: u64,
}

impl LogRing {
    /// The lines that match, as far as the window goes. Looks at every line: a few milliseconds for 10,000. Writers of
    /// lines are not held up meanwhile.
    pub fn window(&self, query: &Query) -> Window {
        let lines: Vec<Arc<LogLine>> = self.shared.lines.lock().ring.iter().cloned().collect();
        let mut matching: Vec<Arc<LogLine>> = lines.into_iter().filter(|line| query.admits(line)).collect();
        let (all, limit) = (matching.len(), query.limit);
        let up_to = |seq: u64| matching.partition_point(|line| line.seq <= seq);
        let end = match query.from {
            From::Newest => all,
            From::Oldest => limit.min(all),
            From::Before(seq) => up_to(seq.saturating_sub(1)),
            From::Until(seq) => up_to(seq),
            From::After(seq) => (up_to(seq) + limit).min(all),
        };
        // At the beginning the window is filled with what follows.
        let end = end.max(limit.min(all));
        let start = end.saturating_sub(limit);
        matching.truncate(end);
        Window { lines: matching.split_off(start), older: start as u64, newer: (all - end) as u64 }
    }
}

impl Query {
    fn admits(&self, line: &LogLine) -> bool {
        // Of two levels the more serious one is the lesser.
        line.level <= self.level && (contains(&line.text, &self.text) || contains(&line.target, &self.text))
    }
}

/// Is `part` in `whole`, whatever the case of ASCII letters?
fn contains(whole: &str, part: &str) -> bool {
    let (whole, part) = (whole.as_bytes(), part.as_bytes());
    part.is_empty() || whole.windows(part.len()).any(|bytes| bytes.eq_ignore_ascii_case(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::Timestamp;

    /// Lines 1..=10, of which 3, 6 and 9 are warnings.
    fn ring() -> LogRing {
        let ring = LogRing::new(100);
        for n in 1..=10 {
            let level = if n % 3 == 0 { Level::WARN } else { Level::INFO };
            let text = format!("line {n} task=Ab{}", n % 2);
            ring.push(LogLine { seq: 0, at: Timestamp::from_millis(n), level, target: "module".to_owned(), text });
        }
        ring
    }

    fn window(from: From, limit: usize) -> (Vec<u64>, u64, u64) {
        found(&ring(), Level::INFO, "", from, limit)
    }

    fn found(ring: &LogRing, level: Level, text: &str, from: From, limit: usize) -> (Vec<u64>, u64, u64) {
        let window = ring.window(&Query { level, text: text.to_owned(), from, limit });
        (window.lines.iter().map(|line| line.seq).collect(), window.older, window.newer)
    }

    #[test]
    fn a_window_lies_where_it_was_asked_for() {
        assert_eq!(window(From::Newest, 3), (vec![8, 9, 10], 7, 0));
        assert_eq!(window(From::Oldest, 3), (vec![1, 2, 3], 0, 7));
        assert_eq!(window(From::Before(8), 3), (vec![5, 6, 7], 4, 3));
        assert_eq!(window(From::Until(8), 3), (vec![6, 7, 8], 5, 2));
        assert_eq!(window(From::After(3), 3), (vec![4, 5, 6], 3, 4));
    }

    #[test]
    fn a_window_is_full_where_there_are_lines_enough() {
        assert_eq!(window(From::After(9), 3), (vec![8, 9, 10], 7, 0));
        assert_eq!(window(From::Before(2), 3), (vec![1, 2, 3], 0, 7));
        assert_eq!(window(From::Until(0), 3), (vec![1, 2, 3], 0, 7));
        assert_eq!(window(From::Newest, 20).0.len(), 10);
        assert_eq!(window(From::After(99), 20), ((1..=10).collect(), 0, 0));
    }

    #[test]
    fn level_and_text_choose_the_lines() {
        let ring = ring();
        assert_eq!(found(&ring, Level::WARN, "", From::Newest, 2), (vec![6, 9], 1, 0));
        assert_eq!(found(&ring, Level::INFO, "TASK=aB1", From::Until(7), 2), (vec![5, 7], 2, 1));
        assert_eq!(found(&ring, Level::INFO, "MODule", From::Oldest, 1), (vec![1], 0, 9));
        assert_eq!(found(&ring, Level::INFO, "nothing", From::Newest, 5), (vec![], 0, 0));
    }
}
