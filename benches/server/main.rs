//! The figures of a whole server, measured from outside on the real program: `cargo bench --bench server`.
//!
//! Not criterion: most figures are about a process (start-up, memory, one client's first answer), and a distribution
//! over requests says more than a mean. Every line shows its aim beside what was measured.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark prints, and one that cannot go on says so by panicking"
)]

#[path = "../../tests/support/mod.rs"]
mod support;

mod cluster;
mod flow;
mod hand;
mod memory;
mod queue;
mod report;
mod ssh;

use report::Report;

fn main() {
    let only = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut report = Report::default();
    let wanted = |name: &str| only.as_deref().is_none_or(|only| name.contains(only));
    if runtime.block_on(hand::obey()) {
        return;
    }
    runtime.block_on(async {
        if wanted("cluster") {
            cluster::measure(&mut report).await;
        }
        if wanted("queue") {
            queue::measure(&mut report).await;
        }
        if wanted("flow") {
            flow::measure(&mut report).await;
        }
        if wanted("memory") {
            memory::measure(&mut report).await;
        }
        if wanted("ssh") {
            ssh::measure(&mut report).await;
        }
    });
    report.close();
}
