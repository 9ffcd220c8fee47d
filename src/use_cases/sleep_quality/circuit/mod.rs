//! The score of nights of sleep, as a circuit. `rules.rs` is the specification; what is counted here is how many of its
//! nine thresholds a night passes.
//!
//! A record costs twelve bootstraps: one for its stage, one for what has been seen so far, five that keep its duration
//! for time asleep or time in bed or neither, five that keep its part of the latency. Then come the two sums, about five
//! bootstraps a record, and about 50 for the thresholds.
//!
//! - `records`: from records to time asleep, time in bed and latency.
//! - `thresholds`: from these to the score.

mod records;
mod thresholds;

use crate::fhe::circuit::{Circuit, Digit};

/// Digits of a start or a duration.
const MINUTES: usize = 5;
/// Largest start or duration.
const MAX_MINUTES: u64 = (1 << (2 * MINUTES)) - 1;

/// One record, encrypted.
struct Entry {
    /// 0..=7.
    stage: Digit,
    start: [Digit; MINUTES],
    duration: [Digit; MINUTES],
}

/// The circuit for nights of so many records each (at least one). Inputs: for each record of each night its stage (one
/// digit, 0..=7), start and duration (five digits each). Outputs: one block a night, its score.
pub fn circuit(nights: &[usize]) -> Circuit {
    let mut circuit = Circuit::new();
    for records in nights {
        let night: Vec<Entry> = (0..*records)
            .map(|_| Entry {
                stage: circuit.input(7),
                start: std::array::from_fn(|_| circuit.input(3)),
                duration: std::array::from_fn(|_| circuit.input(3)),
            })
            .collect();
        let facts = records::facts(&mut circuit, &night);
        let score = thresholds::score(&mut circuit, &facts);
        circuit.output(score);
    }
    circuit
}
