//! The last log lines, kept in memory for the console and `GET /logs`. Lines are sanitised when they enter. A line about
//! a task has the field `task`, so that the task's id finds it.

mod level;
mod spans;
mod window;

use std::{collections::VecDeque, fmt::Write as _, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::watch;
use tracing::{Event, Level, Subscriber, field::Visit, span};
use tracing_subscriber::{
    layer::{Context, Layer},
    registry::LookupSpan,
};

use crate::{task::Timestamp, text::sanitise};

pub use level::{FilterError, LogLevel, filter};
use spans::Fields;
pub use window::{From, Query, Window};

/// No line is longer, in characters.
const LINE_CHARS: usize = 2_000;

/// One log line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Counts the lines up by one, from 1; never reused.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// How serious.
    pub level: Level,
    /// The module that wrote it.
    pub target: String,
    /// The message, then `name=value` of every field, then those of the spans around it (the request, the task).
    pub text: String,
}

impl std::fmt::Display for LogLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:5} {}: {}", self.at, self.level, self.target, self.text)
    }
}

/// A bounded ring of log lines. Clones share it.
#[derive(Clone)]
pub struct LogRing {
    shared: Arc<Shared>,
}

struct Shared {
    lines: Mutex<Lines>,
    capacity: usize,
    written: watch::Sender<u64>,
    level: LogLevel,
}

#[derive(Default)]
struct Lines {
    ring: VecDeque<Arc<LogLine>>,
    written: u64,
}

impl LogRing {
    /// An empty ring that keeps the last `capacity` lines.
    pub fn new(capacity: usize) -> Self {
        let (lines, written) = (Mutex::default(), watch::Sender::new(0));
        Self { shared: Arc::new(Shared { lines, capacity: capacity.max(1), written, level: LogLevel::default() }) }
    }

    /// The last `count` lines, oldest first.
    pub fn tail(&self, count: usize) -> Vec<Arc<LogLine>> {
        let lines = self.shared.lines.lock();
        lines.ring.iter().skip(lines.ring.len().saturating_sub(count)).cloned().collect()
    }

    /// Which lines are written, here and elsewhere.
    pub fn level(&self) -> &LogLevel {
        &self.shared.level
    }

    /// Counts the lines ever written; changes with each.
    pub fn written(&self) -> watch::Receiver<u64> {
        self.shared.written.subscribe()
    }

    fn push(&self, mut line: LogLine) {
        let mut lines = self.shared.lines.lock();
        lines.written += 1;
        line.seq = lines.written;
        if lines.ring.len() == self.shared.capacity {
            lines.ring.pop_front();
        }
        lines.ring.push_back(Arc::new(line));
        drop(lines);
        self.shared.written.send_modify(|written| *written += 1);
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for LogRing {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            spans::begin(&span, attributes);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            spans::record(&span, values);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        let mut line = text.message + &text.fields.0;
        for span in context.event_scope(event).into_iter().flatten() {
            spans::say(&span, &mut line);
        }
        let metadata = event.metadata();
        self.push(LogLine {
            seq: 0,
            at: Timestamp::now(),
            level: *metadata.level(),
            target: metadata.target().to_owned(),
            text: sanitise(&line, LINE_CHARS),
        });
    }
}

#[derive(Default)]
struct Text {
    message: String,
    fields: Fields,
}

impl Visit for Text {
    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            // Writing to a String cannot fail.
            let _ = write!(self.message, "{value:?}");
        } else {
            self.fields.record_debug(field, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::prelude::*;

    use super::*;

    #[test]
    fn keeps_the_last_lines_and_one_line_stays_one_line() {
        let ring = LogRing::new(2);
        let subscriber = tracing_subscriber::registry().with(ring.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("first");
            tracing::info!(name = "a\nINFO forged line", "second");
            tracing::warn!("third");
        });
        let texts: Vec<_> = ring.tail(10).iter().map(|line| line.text.clone()).collect();
        assert_eq!(texts, ["second name=a INFO forged line", "third"]);
        assert_eq!(ring.tail(1).iter().map(|line| line.seq).collect::<Vec<_>>(), [3]);
        assert_eq!(*ring.written().borrow(), 3);
    }

    #[test]
    fn a_line_shows_the_spans_of_ours_around_it_and_no_others() {
        let ring = LogRing::new(10);
        let subscriber = tracing_subscriber::registry().with(ring.clone());
        tracing::subscriber::with_default(subscriber, || {
            let request = tracing::error_span!("request", path = "/x\nforged", request_id = "r1");
            let _request = request.enter();
            let _strange = tracing::error_span!(target: "russh", "strange", word = "foreign").entered();
            let task = tracing::error_span!("task", task = "t1", device = tracing::field::Empty);
            tracing::info!("before");
            let _task = task.enter();
            task.record("device", "cpu");
            tracing::warn!(n = 1, "within");
        });
        let texts: Vec<_> = ring.tail(10).iter().map(|line| line.text.clone()).collect();
        assert_eq!(
            texts,
            ["before path=/x forged request_id=r1", "within n=1 task=t1 device=cpu path=/x forged request_id=r1"]
        );
    }
}
