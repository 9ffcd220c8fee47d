//! Documents of nights that anybody may have written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a fuzz target fails by panicking")]

use super::{
    circuit::circuit,
    payload::{self, RECORD_DIGITS},
    rules::{Entry, score},
    *,
};
use crate::{
    fhe::{
        DigitStream,
        circuit::{Clear, Evaluator, Plan},
    },
    use_cases::fuzzing::{keys, refused, refused_result, repeated},
};

/// Circuits of more records take too long to be built again and again; `tests/circuits` has them all.
const COMPUTED: usize = 16;

/// What follows the header: as many records as the counts say.
pub(crate) fn complete(rest: &[u8]) -> Vec<u8> {
    let (counts, digits) = rest.split_at(rest.len().min(4));
    let (nights, counts) = counts.split_first().map_or((1, counts), |(nights, counts)| (1 + nights % 3, counts));
    let counts: Vec<u16> =
        (0..usize::from(nights)).map(|night| 1 + u16::from(counts.get(night).copied().unwrap_or(0)) % 8).collect();
    let records: u16 = counts.iter().sum();
    let mut document = u32::from(nights).to_le_bytes().to_vec();
    document.extend(counts.iter().flat_map(|count| count.to_le_bytes()));
    document.extend(repeated(digits, 16 + 8 * RECORD_DIGITS * usize::from(records)));
    document
}

/// Check and kernel agree on what an input is, and the kernel's circuit computes the rules whatever the digits.
pub(crate) fn input(document: &[u8]) {
    let input = match (SleepQuality.check(document), payload::read(document)) {
        (Ok(facts), Ok(input)) => {
            assert_eq!(facts.capability, "sleep_quality");
            input
        }
        (Err(one), Err(other)) => return refused(&one, &other),
        (check, read) => panic!("check and read disagree: {check:?}, {read:?}"),
    };
    let records: usize = input.nights.iter().sum();
    assert!((1..=MAX_NIGHTS).contains(&input.nights.len()));
    assert!(input.nights.iter().all(|records| (1..=MAX_RECORDS).contains(records)));
    assert_eq!(document.len(), 28 + 2 * input.nights.len() + 88 * records);
    assert_eq!(input.bodies.len(), RECORD_DIGITS * records);
    assert_eq!(DigitStream::new(input.seed, &input.bodies).take(1).len(), 1);
    if records <= COMPUTED {
        compute(&input.nights, &input.bodies);
    }
}

/// Each body is one digit of 32 inputs side by side.
fn compute(nights: &[usize], bodies: &[u64]) {
    let digit = |index: usize, lane: u32| {
        let most = if index.is_multiple_of(RECORD_DIGITS) { 7 } else { 3 };
        (bodies[index].rotate_right(2 * lane) & most) as u16
    };
    let circuit = circuit(nights);
    assert_eq!(Plan::of(&circuit).check(), Ok(()));
    let words = (0..bodies.len()).map(|index| std::array::from_fn(|lane| digit(index, lane as u32) as i16)).collect();
    let outputs = Clear.run(&circuit, words).expect("every digit stays in its range");
    for lane in 0..32 {
        let number = |first: usize| (first..first + 5).rev().fold(0, |sum, index| sum << 2 | digit(index, lane));
        let mut first = 0;
        for (night, output) in nights.iter().zip(&outputs) {
            let entries: Vec<Entry> = (0..*night)
                .map(|record| {
                    let begin = first + record * RECORD_DIGITS;
                    Entry { stage: digit(begin, lane) as u8, start: number(begin + 1), duration: number(begin + 6) }
                })
                .collect();
            first += night * RECORD_DIGITS;
            assert_eq!(output[lane as usize] as u8, score(&entries), "{entries:?}");
        }
    }
}

/// Whatever a server sends is a possible score or is refused.
pub(crate) fn result(document: &[u8]) {
    match decrypt(&keys(), document) {
        Ok(scores) => {
            assert!((1..=MAX_NIGHTS).contains(&scores.len()) && scores.iter().all(|score| (1..=5).contains(score)));
        }
        Err(error) => refused_result(&error),
    }
}
