//! What a running server says of itself: metrics, log lines with their request and task, the level of the log, traces.

mod exposition;
mod levels;
mod lines;
mod listed;
mod scrapes;
mod secrets;
mod session;
mod traces;
