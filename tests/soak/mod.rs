//! Churn on the real program, for as long as one likes: clients with real keys come, ask all use cases, check every
//! answer, cancel, delete their key or leave it to its time; operators open and close the console; others break off in
//! the middle. Meanwhile the process is watched from outside, and in the end its memory, descriptors, threads and disk
//! must be where they were.
//!
//! | variable | default | |
//! |---|---|---|
//! | `CIPHERDECK_SOAK_SECONDS` | 80 | so long there is churn; `make soak` sets an hour |
//! | `CIPHERDECK_SOAK_LOAD` | 0.5 | cores that the server may use on average |
//! | `CIPHERDECK_SOAK_CSV` | none | a file for the samples |
//! | `CIPHERDECK_SOAK_PROGRAM` | this build's | another build of the program |
//!
//! What is asserted is in [`verdict`]. A short run finds what leaks with every key, task or session; a long one what leaks
//! a few kilobytes with each.

mod clients;
mod operators;
mod pace;
mod plan;
mod question;
mod rude;
mod site;
mod tally;
mod verdict;
mod vitals;
mod warden;

use std::{sync::Arc, time::Duration};

use futures::future::{LocalBoxFuture, join_all};
use tokio::time::{Instant, timeout};

use self::{plan::Plan, site::House, vitals::Watch};

/// The last things to expire do so within this time and a result's; on a busy machine later.
const COOL: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn churn_leaves_memory_descriptors_threads_and_disk_as_they_were() {
    let plan = Plan::from_environment();
    let (house, site) = House::open(&plan).await;
    // What is opened or started once, at the first use, is there from now on.
    site.everything_once().await;
    let at_rest = house.at_rest(&site).await;
    eprintln!("{} s of churn at {} cores; at rest: {}", plan.churn.as_secs(), plan.load, at_rest.line());

    site.begin(&plan);
    let mut watch = Watch::start(house.id(), house.data(), &plan, Arc::clone(&site));
    let actors: Vec<LocalBoxFuture<'_, ()>> = vec![
        Box::pin(site.repeat(|round| clients::stay(&site, 2 * round))),
        Box::pin(site.repeat(|round| clients::stay(&site, 2 * round + 1))),
        Box::pin(site.repeat(|round| clients::glance(&site, round))),
        Box::pin(site.repeat(|round| clients::change_of_mind(&site, round))),
        Box::pin(site.repeat(|round| rude::visit(&site, round))),
        Box::pin(site.repeat(|round| operators::console(&site, round))),
        Box::pin(site.repeat(|round| operators::pages(&site, round))),
        Box::pin(warden::watch(&site)),
    ];
    join_all(actors).await;
    let churned = watch.samples().len();
    timeout(COOL, async {
        warden::last(&site).await;
        watch.until(|sample| sample.blobs == 0).await;
    })
    .await
    .unwrap_or_else(|_| panic!("something did not expire:\n{}", site.tally.lines()));
    let end = house.at_rest(&site).await;
    let samples = watch.stop(plan.csv.as_deref());
    let left = site.tasks().await;
    let log = house.close();

    let table = verdict::Table::of(&samples[..churned], &at_rest, &end);
    eprintln!("{}\n{table}", site.tally.lines());
    assert_eq!(site.tally.problems(), [""; 0], "what nobody expected");
    assert_eq!(left, 0, "tasks are left");
    let complaints: Vec<&str> =
        log.lines().filter(|line| line.contains(" ERROR ") || line.contains("panicked")).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    site.tally.assert_everything_happened();
    table.assert_flat();
}

/// A moment later.
fn after(time: Duration) -> Instant {
    Instant::now() + time
}
