#![allow(clippy::print_stderr, reason = "the table of the module's documentation")]

use std::collections::BTreeMap;

use parking_lot::Mutex;
use rayon::prelude::*;

use super::*;
use crate::{
    fhe::{
        DigitStream, EncryptedDigits,
        circuit::{Circuit, Cpu, Evaluator, MAX_VARIANCE, Plan, cpu::Block, digit::FRESH_VARIANCE, switch::switch},
        test_keys::{CLIENT, SERVER, context},
    },
    use_cases::{sleep_quality, weight_stats},
};

/// Error sums of a class: samples, sum of squares, sum of squares by the model, largest in steps.
#[derive(Debug, Clone, Copy, Default)]
struct Class {
    samples: u64,
    measured: f64,
    model: f64,
    largest: f64,
}

impl Class {
    fn add(&mut self, error: f64, model: f64) {
        self.samples += 1;
        self.measured += error * error;
        self.model += model;
        self.largest = self.largest.max(error.abs());
    }

    fn ratio(&self) -> f64 {
        self.measured / self.model
    }
}

fn class_of(v: f64) -> &'static str {
    match v {
        v if v < 1.5 => "v <= 1",
        v if v <= 6.0 => "v <= 6",
        v if v <= 17.5 => "v <= 17",
        _ => "v <= 25",
    }
}

/// Distance of a switched block's phase from the middle of the nearest cell, in steps of 2^-12.
fn error(block: &[u32]) -> f64 {
    let (body, mask) = block.split_last().unwrap();
    let product = mask.iter().zip(CLIENT.small_secret_key()).fold(0_u32, |sum, (a, s)| sum.wrapping_add(a * s));
    let phase = body.wrapping_sub(product) & 4_095;
    let cell = (phase + 64) >> 7;
    f64::from(phase as i32 - (cell << 7) as i32)
}

/// The same of a block under the large key, before keyswitch and switch.
fn error_before(block: &Block) -> f64 {
    let (body, mask) = block.as_ref().split_last().unwrap();
    let product = |sum: u64, (a, s): (&u64, &u64)| sum.wrapping_add(a.wrapping_mul(*s));
    let phase = body.wrapping_sub(mask.iter().zip(CLIENT.large_secret_key()).fold(0, product));
    let cell = phase.wrapping_add(1 << 58) >> 59;
    (phase.wrapping_sub(cell << 59) as i64) as f64 / 52.0_f64.exp2()
}

fn measure(name: &'static str, circuit: &Circuit, digits: &[u8], classes: &Mutex<BTreeMap<(String, String), Class>>) {
    let model = Model::new();
    Plan::of(circuit).check().unwrap();
    let encrypted = EncryptedDigits::encrypt(&CLIENT, digits);
    let inputs = DigitStream::new(encrypted.seed, &encrypted.bodies).take(digits.len());
    let add = |class: &str, v: f64, block: &Block| {
        let (before, after) = (error_before(block), error(&switch(&SERVER, block).unwrap()));
        let mut classes = classes.lock();
        let mut add = |class: &str, place: &str, error: f64, model: f64| {
            classes.entry((name.to_owned(), format!("{class}, {place}"))).or_default().add(error, model);
        };
        for class in [class, "all"] {
            add(class, "read", after, model.phase(v));
        }
        // Nothing is learned of bootstraps from what was not bootstrapped.
        if v > 0.5 {
            for class in [class, "all"] {
                add(class, "before", before, v * model.bootstrap);
            }
        }
    };
    let watch = |form: &crate::fhe::circuit::Form, block: &Block| {
        let v = form.variance();
        add(class_of(v), v, block);
    };
    let inputs = inputs.into_iter().map(|digit| digit.ct).collect();
    let context = context();
    let outputs = Cpu::new(&SERVER, &context, 1).watched(&watch).run(circuit, inputs).unwrap();
    for (form, block) in circuit.outputs().zip(&outputs) {
        add("switched result", form.variance(), block);
    }
}

/// Takes over 4,000 samples of each kernel and over 2,000 of switched results with `CIPHERDECK_THOROUGH=1 cargo test
/// --release --lib noise -- --nocapture` (about 2 minutes on 2 idle cores; prints the table), and a tenth of that in the
/// normal suite. Where a class has fewer than 2,000 samples, the margin is wider by three standard deviations of a
/// variance measured on so few.
#[test]
fn the_noise_at_the_inputs_of_bootstraps_is_that_of_the_model() {
    let thorough = std::env::var("CIPHERDECK_THOROUGH").is_ok();
    let classes = Mutex::default();
    let (lists, nights) = if thorough { (24, 14) } else { (2, 1) };
    let digits =
        |seed: usize, count: usize| -> Vec<u8> { (0..count).map(|i| (i * i + seed * 7 + i / 3) as u8 & 3).collect() };
    let weights = weight_stats::circuit::circuit(9);
    let sleep = sleep_quality::circuit::circuit(&[17]);
    for seed in 0..lists {
        measure("weight_stats", &weights, &digits(seed, weights.inputs()), &classes);
    }
    // Twelve results for 25 bootstraps.
    let two = weight_stats::circuit::circuit(2);
    for seed in 0..if thorough { 170 } else { 2 } {
        measure("weight_stats of two", &two, &digits(seed, two.inputs()), &classes);
    }
    for seed in 0..nights {
        measure("sleep_quality", &sleep, &digits(seed, sleep.inputs()), &classes);
    }
    for ((kernel, class), sums) in &*classes.lock() {
        eprintln!(
            "| {kernel} | {class} | {} | {:.3} | {:.3} | {:.2} | {:.1} |",
            sums.samples,
            sums.model / sums.samples as f64,
            sums.measured / sums.samples as f64,
            sums.ratio(),
            sums.largest
        );
        if sums.samples < 200 {
            // Whatever reads a bootstrap's output has its error again: 88 samples of one class have the spread of ten. They
            // count in "all".
            continue;
        }
        // Three standard deviations of the variance of a normal sample.
        let margin = 3.0 * (2.0 / sums.samples as f64).sqrt();
        let most = if sums.samples >= 2_000 { 1.15 } else { 1.15 + margin };
        let least = if sums.samples >= 2_000 { 0.5 } else { (0.5 - margin).max(0.05) };
        assert!((least..=most).contains(&sums.ratio()), "{kernel}, {class}: {sums:?}");
        assert!(sums.largest < 50.0, "{kernel}, {class}: {sums:?}");
    }
}

#[test]
fn the_model_is_not_zero_and_fails_less_than_once_in_2_to_the_128() {
    let model = Model::new();
    assert!(model.bootstrap > 0.001 && model.keyswitch > 1.0 && model.switch > 1.0, "{model:?}");
    // Tail of the normal distribution at half a cell: P(|x| >= t) <= 2 exp(-t^2 / 2) / (t sqrt(2 pi)).
    let t = 64.0 / model.phase(MAX_VARIANCE).sqrt();
    let log2 = (2.0 / (t * (2.0 * std::f64::consts::PI).sqrt())).log2() - t * t / 2.0 * std::f64::consts::LOG2_E;
    eprintln!("2^{log2:.1} at v = 25; {model:?}");
    assert!(log2 < -128.0, "2^{log2:.1}, {model:?}");
    assert!(model.fresh / model.bootstrap < FRESH_VARIANCE, "{model:?}");
}

#[test]
fn switched_blocks_are_the_ones_that_clients_decrypt() {
    let values: Vec<u8> = (0..16).collect();
    let encrypted = EncryptedDigits::encrypt(&CLIENT, &values);
    let blocks = DigitStream::new(encrypted.seed, &encrypted.bodies).take(16);
    let got: Vec<u8> = blocks
        .par_iter()
        .map(|block| crate::fhe::decrypt_switched(&CLIENT, &switch(&SERVER, &block.ct).unwrap()).unwrap())
        .collect();
    assert_eq!(got, values);
}
