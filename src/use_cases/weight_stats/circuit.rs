//! Minimum, maximum and rounded average of n encrypted weights, as a circuit.
//!
//! Weights are seven digits in base 4. Bootstraps: 33 n / 2 for minimum and maximum (eleven a comparison, 3 n / 2
//! comparisons), then the sum, about two for five digits, then the division: at most one a digit and prime factor for n
//! of small factors, 60 to 80 in all for the others.

use crate::fhe::circuit::{Circuit, Columns, DIGITS, Digit, Number, divide_sum, minimum_and_maximum};

/// Largest weight: all digits 3.
const MAX_WEIGHT: u64 = (1 << (2 * DIGITS)) - 1;

/// The circuit for `n` >= 1 weights. Inputs: the digits of the first weight, least significant first, then those of the
/// next. Outputs: four blocks each of average, minimum and maximum, least significant first.
pub fn circuit(n: usize) -> Circuit {
    let mut circuit = Circuit::new();
    let weights: Vec<[Digit; DIGITS]> = (0..n).map(|_| std::array::from_fn(|_| circuit.input(3))).collect();
    let numbers: Vec<Number> = weights.iter().map(Number::new).collect();
    let extremes = minimum_and_maximum(&mut circuit, &numbers);
    for block in average(&mut circuit, &weights) {
        circuit.output(block);
    }
    for number in extremes.into_iter().flat_map(|(smallest, largest)| [smallest, largest]) {
        for block in number.blocks() {
            circuit.output(block);
        }
    }
    circuit
}

/// (sum + n / 2) / n.
fn average(circuit: &mut Circuit, weights: &[[Digit; DIGITS]]) -> Vec<Digit> {
    let n = weights.len() as u64;
    let columns = |width| {
        let mut columns = Columns::new(width);
        for weight in weights {
            for (column, digit) in weight.iter().enumerate() {
                columns.add(column, digit.clone());
            }
        }
        columns.add_constant(u128::from(n / 2));
        columns
    };
    divide_sum(circuit, columns, n * MAX_WEIGHT + n / 2, n, DIGITS)
}
