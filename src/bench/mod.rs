//! Benchmarks of a whole server, from its clients' side.
//!
//! - [`questions`]: what is asked, and what the plain calculation answers.
//! - [`host`]: a server of its own, in this process and in a temporary directory.
//! - [`run`]: each use case n times, one after the other: server seconds and end-to-end seconds.
//! - [`load`]: many clients at once: throughput, latencies, and whether each task had its one right answer.
//! - [`book`]: where the runs go: the CSV file, and a server's run history.
//! - [`report`]: table and chart of such runs.
//!
//! Nothing here prints: [`run::Watch`] and [`load::Gauges`] tell `cli::bench` what there is to show.

pub mod book;
mod error;
pub mod host;
pub mod load;
pub mod questions;
pub mod report;
pub mod run;

pub use error::BenchError;
