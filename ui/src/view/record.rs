//! What is known of the past of the task in the details pane: its tries, its log lines.

use ratatui::text::Line;

use super::Screen;
use crate::{
    clock::{duration, time},
    snapshot::{Attempt, Level},
    text::{fit, wrap},
    theme::Ink,
};

/// No log line takes more lines than this.
const LINES: usize = 3;

impl Screen<'_> {
    /// Each try: who, from when, how long, how it ended.
    pub(super) fn tries(&self, room: usize) -> Vec<Line<'static>> {
        let attempts = &self.snapshot.detail.attempts;
        if attempts.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![Line::default(), Line::from(self.span(Ink::Dim, "attempts so far"))];
        lines.extend(attempts.iter().map(|attempt| self.attempt(attempt, room)));
        lines
    }

    fn attempt(&self, attempt: &Attempt, room: usize) -> Line<'static> {
        let at = time(attempt.started, self.snapshot.utc_offset_s);
        let took = attempt.ended.map_or_else(|| "runs".to_owned(), |ended| duration(ended - attempt.started));
        let head = format!("{:>2}  {at}  {took:<12}", attempt.number);
        let rest = room.saturating_sub(head.len() + 1);
        let who = fit(&format!("{}  {}", attempt.outcome, attempt.worker), rest);
        Line::from(vec![self.span(Ink::Dim, head + " "), self.span(Ink::Text, who)])
    }

    /// Its newest log lines, newest last.
    pub(super) fn task_log(&self, room: usize) -> Vec<Line<'static>> {
        let log = &self.snapshot.detail.log;
        if log.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![Line::default(), Line::from(self.span(Ink::Dim, "log lines (o: all of them)"))];
        for line in log {
            let at = time(line.at, self.snapshot.utc_offset_s);
            let text = wrap(&line.text, room.saturating_sub(16));
            for (index, text) in text.into_iter().take(LINES).enumerate() {
                let head = if index == 0 { format!("{at} {:<5} ", line.level.word()) } else { " ".repeat(15) };
                lines.push(Line::from(vec![self.span(Self::level_ink(line.level), head), self.span(Ink::Text, text)]));
            }
        }
        lines
    }

    /// The colour of a level.
    pub(super) const fn level_ink(level: Level) -> Ink {
        match level {
            Level::Error => Ink::Bad,
            Level::Warn => Ink::Warn,
            Level::Info => Ink::Text,
            Level::Debug | Level::Trace => Ink::Dim,
        }
    }
}
