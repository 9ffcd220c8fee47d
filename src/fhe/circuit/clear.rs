//! Circuits on plain numbers: fast, and strict about every declared range.

use super::{Cells, Circuit, Evaluator, Form};

/// Points of the torus that a table tells apart.
const POINTS: usize = 32;

/// Inputs that are evaluated side by side.
const LANES: usize = 32;

/// One number of each of the inputs that are evaluated side by side.
pub type Lanes = [i16; LANES];

/// A digit left its declared range: the circuit is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {value} half steps are outside {low}..={high}")]
pub struct ClearError {
    place: String,
    value: i16,
    low: i32,
    high: i32,
}

/// Evaluates circuits in the clear, 32 inputs at a time.
///
/// Digits are integers in half steps, tables read them modulo 64 half steps with the sign rule of the padding bit. An
/// input of a table that is not whole, or outside the range that the circuit claims for it, is an error.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clear;

impl Evaluator for Clear {
    type Word = Lanes;
    type Error = ClearError;

    fn run(&self, circuit: &Circuit, inputs: Vec<Lanes>) -> Result<Vec<Lanes>, ClearError> {
        let mut values: Vec<Lanes> = vec![[0; LANES]; circuit.origins.len()];
        let mut inputs = inputs.into_iter();
        for (value, origin) in values.iter_mut().zip(&circuit.origins) {
            if let super::Origin::Input(_) = origin {
                *value = inputs.next().unwrap_or([0; LANES]).map(|whole| 2 * whole);
            }
        }
        for (number, lookup) in circuit.lookups.iter().enumerate() {
            let input = evaluate(&lookup.input, &values);
            check(&input, 2 * lookup.low, 2 * lookup.high, true, || format!("look-up {number}"))?;
            let first = lookup.first_output as usize;
            for slot in 0..usize::from(lookup.cells.outputs) {
                let table = spelled_out(lookup.cells, slot);
                if let Some(output) = values.get_mut(first + slot) {
                    // Half steps to whole ones, modulo 32: an index that is always there.
                    *output = input.map(|half| table.get((half >> 1) as usize % POINTS).copied().unwrap_or(0));
                }
            }
        }
        for assumption in &circuit.assumptions {
            let value = evaluate(&assumption.form, &values);
            check(&value, 2 * assumption.low, 2 * assumption.high, false, || assumption.why.to_owned())?;
        }
        circuit
            .outputs
            .iter()
            .enumerate()
            .map(|(number, output)| {
                let value = evaluate(&output.form, &values);
                check(&value, 0, 30, true, || format!("output {number}"))?;
                Ok(value.map(|half| half / 2))
            })
            .collect()
    }
}

fn evaluate(form: &Form, values: &[Lanes]) -> Lanes {
    let mut sum = [form.constant as i16; LANES];
    for term in &form.terms {
        if let Some(value) = values.get(term.source as usize) {
            for (sum, value) in sum.iter_mut().zip(value) {
                *sum = sum.wrapping_add(value.wrapping_mul(term.coefficient as i16));
            }
        }
    }
    sum
}

/// What function `slot` gives at 0..32: the cells and then the negated cells, from the function's beginning on.
fn spelled_out(cells: Cells, slot: usize) -> [i16; POINTS] {
    let mut table = [0; POINTS];
    let (upper, lower) = table.split_at_mut(POINTS / 2);
    for ((upper, lower), value) in upper.iter_mut().zip(lower).zip(cells.values) {
        (*upper, *lower) = (i16::from(value), -i16::from(value));
    }
    table.rotate_left(slot * cells.stride());
    table
}

fn check(values: &Lanes, low: i32, high: i32, whole: bool, place: impl FnOnce() -> String) -> Result<(), ClearError> {
    // Without a branch for each lane, which would take longer than the computation.
    let (least, most, bits) = values.iter().fold((i16::MAX, i16::MIN, 0), |(least, most, bits), value| {
        (least.min(*value), most.max(*value), bits | value)
    });
    let (low16, high16) = (low as i16, high as i16);
    if low16 <= least && most <= high16 && !(whole && bits & 1 != 0) {
        return Ok(());
    }
    let bad = |value: &i16| *value < low16 || *value > high16 || (whole && value & 1 != 0);
    let value = values.iter().copied().find(bad).unwrap_or_default();
    Err(ClearError { place: place(), value, low, high })
}
