//! The error of phases, measured with real keys against the model that [`bits`](super::bits) and
//! [`kernel`](super::kernel) rest on. What a client and a server see of each other is tested in `tests/ads`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{path::Path, sync::Arc};

use super::{
    AdTargeting, Catalogue, FEATURES, PublicCatalogue, client, kernel,
    layout::{POLYNOMIAL, position},
    payload::Request,
    rules,
};
use crate::{
    fhe::{ClientKeys, Context},
    use_cases::{Output, UseCase},
};

const KEYS: usize = 3;

fn catalogue() -> (Arc<Catalogue>, PublicCatalogue) {
    let catalogue = Catalogue::load(Path::new("")).unwrap();
    let public = serde_json::from_slice(catalogue.public_json()).unwrap();
    (Arc::new(catalogue), public)
}

/// Every third feature, beginning with feature `first`.
fn profile(first: usize) -> [bool; FEATURES] {
    std::array::from_fn(|j| j % 3 == first % 3)
}

/// Mean square of the errors.
fn variance(errors: &[f64]) -> f64 {
    errors.iter().map(|error| error * error).sum::<f64>() / errors.len() as f64
}

/// log2 of a bound on the probability that a Gaussian is more than `x` standard deviations away from 0.
fn log2_tail(x: f64) -> f64 {
    // 2 Q(x) < 2 exp(-x^2 / 2) / (x sqrt(2 pi)).
    (2.0 / (x * (2.0 * std::f64::consts::PI).sqrt())).log2() - x * x / 2.0 * std::f64::consts::LOG2_E
}

#[test]
fn the_error_of_phases_is_that_of_rounding_the_mask_and_leaves_nineteen_deviations_to_the_half_box() {
    let (catalogue, public) = catalogue();
    let bits = catalogue.facts().bits;
    let use_case = AdTargeting::new(Arc::clone(&catalogue));
    let context = Context::new(Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap()));
    let box_size = f64::from(32 - bits.plaintext).exp2();
    for _ in 0..KEYS {
        let keys = ClientKeys::generate();
        let mut errors = Vec::new();
        for first in 0..2 {
            let profile = profile(first);
            let input = client::encrypt(&keys, &profile, &public).unwrap();
            let Output::One(result) = use_case.run(None, &input, &context).unwrap() else { panic!("one document") };
            let phases = client::phases(&keys, &result, &public).unwrap();
            let scores = rules::scores(&catalogue, &profile);
            errors.extend(phases.iter().zip(scores).map(|(phase, score)| {
                let exact = u32::from(score) << (32 - bits.plaintext);
                f64::from(phase.wrapping_sub(exact).cast_signed())
            }));
        }
        // Roundings to q bits, uniform in one unit: (s - 1/2)^2 = 1/4 for each of the mask, one for the body.
        let unit = f64::from(32 - bits.result).exp2();
        let model = (POLYNOMIAL as f64 / 4.0 + 1.0) / 12.0 * unit * unit;
        let ratio = variance(&errors) / model;
        assert!((0.93..1.07).contains(&ratio), "{} errors are {ratio} times the model", errors.len());
        let margin = box_size / 2.0 / variance(&errors).sqrt();
        let tail = log2_tail(margin);
        assert!(margin > 19.0 && tail < -250.0, "half a box is {margin} standard deviations, p_fail 2^{tail}");
        let worst = errors.iter().fold(0.0_f64, |worst, error| worst.max(error.abs()));
        assert!(worst < box_size / 4.0, "an error of {worst} in half a box of {}", box_size / 2.0);
    }
}

#[test]
fn working_on_32_bits_adds_an_error_that_does_not_count() {
    let (catalogue, public) = catalogue();
    let facts = catalogue.facts();
    let mut normal = Vec::new();
    // All errors of one request come from the same 2,048 roundings, so several requests are needed for an average.
    for request in 0..16 {
        let keys = ClientKeys::generate();
        let profile = profile(request);
        let input = client::encrypt(&keys, &profile, &public).unwrap();
        let (mask, body) = kernel::factors(&Request::read(&input, facts).unwrap());
        let mut scores = rules::scores(&catalogue, &profile).into_iter();
        for group in catalogue.groups() {
            // Each coefficient of the clear polynomial carries 1/4 rounding for each coefficient of the mask, and two of
            // the body (its own and that of its correction); the noise of encryption (2^16 of 2^64) is far below.
            let norm: u32 = group.terms.iter().map(|terms| terms.weight.pow(2) * terms.exponents.len() as u32).sum();
            let model = f64::from(norm) * (POLYNOMIAL as f64 / 4.0 + 2.0) / 12.0;
            let product = mask.times(group);
            for at in (0..group.rows).map(position) {
                let exact = u32::from(scores.next().unwrap()) << (32 - facts.bits.plaintext);
                let phase = body.coefficient(group, at).wrapping_sub(times_key(&keys, &product, at));
                let error = f64::from(phase.wrapping_sub(exact).cast_signed());
                assert!(error.abs() < 14_f64.exp2(), "an error of {error} in half a box of 2^23");
                normal.push(error / model.sqrt());
            }
        }
    }
    // Weights are positive, so a few low frequencies carry a good part of the error: the average converges slowly.
    // Without the correction of the body the ratio is some 30.
    let ratio = variance(&normal);
    assert!((0.6..1.5).contains(&ratio), "{} errors are {ratio} times the model", normal.len());
}

/// Coefficient `at` of the negacyclic product of `mask` and the secret key.
fn times_key(keys: &ClientKeys, mask: &[u32; POLYNOMIAL], at: usize) -> u32 {
    let secret = keys.large_secret_key().iter().enumerate().filter(|(_, bit)| **bit == 1);
    secret.fold(0, |sum: u32, (k, _)| {
        let coefficient = mask[(POLYNOMIAL + at - k) % POLYNOMIAL];
        if k <= at { sum.wrapping_add(coefficient) } else { sum.wrapping_sub(coefficient) }
    })
}
