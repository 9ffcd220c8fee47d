//! Weight statistics, encrypted.

use std::{
    thread,
    time::{Duration, Instant},
};

use cipherdeck::{
    fhe::Interrupted,
    use_cases::{
        KernelError, Output, UseCase,
        weight_stats::{Statistics, WeightStats, decrypt, encrypt, rules::statistics},
    },
};

use super::{CLIENT, SERVER, context};

fn compute(weights: &[u16]) -> Statistics {
    let input = encrypt(&CLIENT, weights).unwrap();
    WeightStats.check(&input).unwrap();
    let context = context();
    let Output::Named(documents) = WeightStats.run(Some(&SERVER), &input, &context).unwrap() else {
        panic!("three documents expected");
    };
    let names: Vec<&str> = documents.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["avg", "min", "max"]);
    assert!(weights.len() == 1 || context.progress() > 0.99, "the plan was carried out: {}", context.progress());
    let [avg, min, max] = [0, 1, 2].map(|at| decrypt(&CLIENT, &documents[at].1).unwrap());
    Statistics { min, max, avg }
}

fn expect(weights: &[u16]) {
    assert_eq!(compute(weights), statistics(weights).unwrap(), "{weights:?}");
}

#[test]
fn one_weight_is_its_own_statistics() {
    expect(&[12_345]);
}

#[test]
fn the_lightest_and_the_heaviest_possible() {
    expect(&[0, 16_383]);
}

#[test]
fn the_weights_of_the_readme_give_their_exact_average() {
    expect(&[680, 650, 690, 700, 705]);
}

#[test]
fn five_of_the_heaviest_pass_sixteen_bits_without_overflow() {
    expect(&[16_383; 5]);
}

#[test]
fn nine_weights_with_duplicates_and_a_sum_beyond_sixteen_bits() {
    expect(&[16_383, 812, 812, 16_000, 7, 7, 16_383, 15_999, 14_000]);
}

#[test]
fn a_cancelled_kernel_stops_within_one_step() {
    let input = encrypt(&CLIENT, &[700; 200]).unwrap();
    let _ready = SERVER.memory_bytes();
    let context = context();
    let running = context.clone();
    let kernel = thread::spawn(move || WeightStats.run(Some(&SERVER), &input, &running));
    let deadline = Instant::now() + Duration::from_mins(2);
    while context.progress() == 0.0 {
        assert!(Instant::now() < deadline, "the kernel never began");
        thread::yield_now();
    }
    context.stop();
    let stopped = Instant::now();
    assert_eq!(kernel.join().unwrap(), Err(KernelError::Interrupted(Interrupted)));
    // The whole takes minutes; one step takes below a second on idle cores.
    assert!(stopped.elapsed() < Duration::from_secs(15), "{:?}", stopped.elapsed());
    assert!(context.progress() < 0.5);
}
