//! Whole-program tests, in one binary because every binary links tfhe again. One module per subject.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on says so by panicking"
)]

mod circuits;
mod use_cases;
