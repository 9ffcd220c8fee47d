//! Log lines.

use cipherdeck_ui::{
    LogFrom, LogQuery,
    snapshot::{Level, LogLine, Logs},
};

use crate::monitor::logs::{self, From, Query, Window};

/// A query of the screen, for the ring.
pub(in crate::console) fn query(query: &LogQuery) -> Query {
    let from = match query.from {
        LogFrom::Newest => From::Newest,
        LogFrom::Oldest => From::Oldest,
        LogFrom::Before(seq) => From::Before(seq),
        LogFrom::After(seq) => From::After(seq),
        LogFrom::Until(seq) => From::Until(seq),
    };
    Query { level: level_of(query.level), text: query.text.clone(), from, limit: query.limit.clamp(1, 1_000) }
}

pub(in crate::console) fn window(window: &Window) -> Logs {
    Logs { lines: lines(window), older: window.older, newer: window.newer }
}

pub(in crate::console) fn lines(window: &Window) -> Vec<LogLine> {
    window.lines.iter().map(|line| shown(line)).collect()
}

fn shown(line: &logs::LogLine) -> LogLine {
    LogLine {
        seq: line.seq,
        at: line.at.millis(),
        level: level(line.level),
        target: line.target.clone(),
        text: line.text.clone(),
    }
}

const fn level_of(level: Level) -> tracing::Level {
    match level {
        Level::Trace => tracing::Level::TRACE,
        Level::Debug => tracing::Level::DEBUG,
        Level::Info => tracing::Level::INFO,
        Level::Warn => tracing::Level::WARN,
        Level::Error => tracing::Level::ERROR,
    }
}

fn level(level: tracing::Level) -> Level {
    match level {
        tracing::Level::TRACE => Level::Trace,
        tracing::Level::DEBUG => Level::Debug,
        tracing::Level::INFO => Level::Info,
        tracing::Level::WARN => Level::Warn,
        tracing::Level::ERROR => Level::Error,
    }
}
