//! Documents of weights that anybody may have written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a fuzz target fails by panicking")]

use super::{
    circuit::circuit,
    payload::{self, DIGITS},
    rules::{MAX_WEIGHT, MAX_WEIGHTS, statistics},
    *,
};
use crate::{
    fhe::{
        DigitStream,
        circuit::{Clear, Evaluator, Plan},
    },
    use_cases::fuzzing::{keys, refused, refused_result, repeated},
};

/// Circuits of more weights take too long to be built again and again; `tests/circuits` has them all.
const COMPUTED: usize = 24;

/// What follows the header: as many digits as the count says.
pub(crate) fn complete(rest: &[u8]) -> Vec<u8> {
    let (count, digits) = rest.split_at(rest.len().min(1));
    let count = 1 + usize::from(count.first().copied().unwrap_or(0)) % COMPUTED;
    let mut document = (count as u32).to_le_bytes().to_vec();
    document.extend(repeated(digits, 16 + 8 * DIGITS * count));
    document
}

/// Check and kernel agree on what an input is, and the kernel's circuit computes the rules whatever the digits.
pub(crate) fn input(document: &[u8]) {
    let input = match (WeightStats.check(document), payload::read(document)) {
        (Ok(facts), Ok(input)) => {
            assert_eq!(facts.capability, "weight_stats");
            input
        }
        (Err(one), Err(other)) => return refused(&one, &other),
        (check, read) => panic!("check and read disagree: {check:?}, {read:?}"),
    };
    assert!((1..=MAX_WEIGHTS).contains(&input.weights));
    assert_eq!((document.len(), input.bodies.len()), (28 + 56 * input.weights, DIGITS * input.weights));
    let mut digits = DigitStream::new(input.seed, &input.bodies);
    assert_eq!(digits.take(1).len(), 1);
    assert_eq!(digits.remaining(), input.bodies.len() - 1);
    if input.weights <= COMPUTED {
        compute(&input.bodies);
    }
}

/// Each body is one digit of 32 inputs side by side.
fn compute(bodies: &[u64]) {
    let digit = |body: u64, lane: u32| (body.rotate_right(2 * lane) & 3) as u16;
    let circuit = circuit(bodies.len() / DIGITS);
    assert_eq!(Plan::of(&circuit).check(), Ok(()));
    let words = bodies.iter().map(|body| std::array::from_fn(|lane| digit(*body, lane as u32) as i16)).collect();
    let outputs = Clear.run(&circuit, words).expect("every digit stays in its range");
    for lane in 0..32 {
        let weights: Vec<u16> = bodies
            .chunks(DIGITS)
            .map(|weight| weight.iter().rev().fold(0, |sum, body| sum << 2 | digit(*body, lane as u32)))
            .collect();
        let got: Vec<u16> = outputs
            .chunks(4)
            .map(|blocks| blocks.iter().rev().fold(0, |value, block| value << 4 | block[lane] as u16))
            .collect();
        let Statistics { min, max, avg } = statistics(&weights).expect("there is a weight");
        assert_eq!(got, [avg, min, max], "{weights:?}");
    }
}

/// Whatever a server sends is a possible weight or is refused.
pub(crate) fn result(document: &[u8]) {
    match decrypt(&keys(), document) {
        Ok(weight) => assert!(weight <= MAX_WEIGHT),
        Err(error) => refused_result(&error),
    }
}
