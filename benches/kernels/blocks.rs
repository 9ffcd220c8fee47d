//! The building blocks of the circuits, each as a circuit of its own.

use std::hint::black_box;

use cipherdeck::fhe::{
    DigitStream, EncryptedDigits,
    circuit::{
        Block, Circuit, Columns, Cpu, DIGITS, Digit, Evaluator, Number, Plan, Table, Top, carry, digits_of, divide_sum,
        is_negative, minimum_and_maximum, switch_all,
    },
};

use crate::inputs::{KEYS, SERVER, context, threads};

/// Most that seven digits hold.
const MOST: u64 = (1 << (2 * DIGITS)) - 1;

/// A circuit with encrypted inputs.
pub(crate) struct Piece {
    pub(crate) name: String,
    pub(crate) bootstraps: u64,
    pub(crate) critical_path: u32,
    circuit: Circuit,
    inputs: Vec<Block>,
}

impl Piece {
    fn new(name: impl Into<String>, build: impl FnOnce(&mut Circuit)) -> Self {
        let mut circuit = Circuit::new();
        build(&mut circuit);
        let plan = Plan::of(&circuit);
        plan.check().unwrap();
        Self {
            name: name.into(),
            bootstraps: plan.bootstraps,
            critical_path: plan.critical_path,
            inputs: fresh(circuit.inputs()),
            circuit,
        }
    }

    pub(crate) fn run(&self) {
        let context = context(threads());
        let outputs = Cpu::new(&SERVER, &context, self.bootstraps).run(&self.circuit, self.inputs.clone());
        assert_eq!(context.bootstraps(), self.bootstraps);
        black_box(outputs.unwrap());
    }
}

/// Fresh encryptions of 0..=3.
fn fresh(count: usize) -> Vec<Block> {
    let digits: Vec<u8> = (0..count).map(|index| index as u8 & 3).collect();
    let encrypted = EncryptedDigits::encrypt(&KEYS, &digits);
    DigitStream::new(encrypted.seed, &encrypted.bodies).blocks()
}

fn number(circuit: &mut Circuit) -> [Digit; DIGITS] {
    std::array::from_fn(|_| circuit.input(3))
}

fn sum_of(circuit: &mut Circuit, count: usize) -> impl Fn(usize) -> Columns + use<> {
    let numbers: Vec<_> = (0..count).map(|_| number(circuit)).collect();
    move |width| {
        let mut columns = Columns::new(width);
        for digits in &numbers {
            digits.iter().enumerate().for_each(|(column, digit)| columns.add(column, digit.clone()));
        }
        columns
    }
}

/// All of them, from the smallest.
pub(crate) fn all() -> Vec<Piece> {
    let square = Table::new(0..=3, |x| [x * x]);
    let two = Table::new(0..=7, |x| [x & 3, x >> 2]);
    let map = |circuit: &mut Circuit, table: &Table<1>| {
        let x = circuit.input(3);
        let y = circuit.map(&x, table);
        circuit.output(y);
    };
    let mut pieces = vec![
        Piece::new("table, one output", |circuit| map(circuit, &square)),
        Piece::new("table, two outputs", |circuit| {
            let x = circuit.input(3);
            let [low, high] = circuit.lookup(&x, &two);
            circuit.output(low);
            circuit.output(high);
        }),
        Piece::new("sign", |circuit| {
            let x = circuit.input(3) - &circuit.input(3);
            let negative = is_negative(circuit, &x);
            circuit.output(negative);
        }),
        Piece::new("carry of a column", |circuit| {
            let x = circuit.input(3) + circuit.input(3);
            let carry = carry(circuit, &x);
            circuit.output(carry);
        }),
        Piece::new("smaller and larger of two numbers", |circuit| {
            let numbers = [Number::new(&number(circuit)), Number::new(&number(circuit))];
            let (smaller, larger) = minimum_and_maximum(circuit, &numbers).unwrap();
            smaller.blocks().into_iter().chain(larger.blocks()).for_each(|block| circuit.output(block));
        }),
        Piece::new("sum of 30 numbers", |circuit| {
            let columns = sum_of(circuit, 30);
            let digits = columns(digits_of(30 * MOST)).resolve(circuit, Top::Exact);
            for digit in digits {
                circuit.output(digit);
            }
        }),
    ];
    pieces.extend([5, 7, 30, 1_000].map(|divisor: usize| {
        Piece::new(format!("division of a number by {divisor}"), |circuit| {
            let columns = sum_of(circuit, 1);
            let quotient = divide_sum(circuit, columns, MOST, divisor as u64, DIGITS);
            for digit in quotient {
                circuit.output(digit);
            }
        })
    }));
    pieces
}

/// Switches sixteen blocks for a result.
pub(crate) fn switch() -> impl Fn() {
    let blocks = fresh(16);
    move || {
        black_box(switch_all(&SERVER, &blocks, &context(1)).unwrap());
    }
}
