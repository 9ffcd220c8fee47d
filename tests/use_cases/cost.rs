//! What the kernels cost, counted.

use cipherdeck::use_cases::{UseCase, weight_stats};

use super::{CLIENT, SERVER, context};

#[test]
fn bootstraps_are_counted_for_a_kernel_that_runs_alone_and_never_guessed() {
    // Other tests run kernels at the same time: then none are reported.
    let input = weight_stats::encrypt(&CLIENT, &[680, 650]).unwrap();
    let context = context();
    weight_stats::WeightStats.run(Some(&SERVER), &input, &context).unwrap();
    let bootstraps = context.bootstraps();
    assert!(bootstraps == 0 || (60..400).contains(&bootstraps), "{bootstraps} bootstraps");
}
