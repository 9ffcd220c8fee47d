//! Whole-program tests, in one binary because every binary links tfhe again. One module per subject.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on says so by panicking"
)]

mod ads;
mod attach;
mod bench;
mod circuits;
mod client;
mod conformance;
mod console;
mod crash;
mod description;
mod faults;
mod http;
mod limits;
mod operator;
mod readme;
mod redis;
mod siege;
mod soak;
mod ssh;
mod storage;
mod support;
mod tls;
mod use_cases;
mod vectors;
mod watch;
mod worker;
