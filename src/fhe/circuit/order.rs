//! Comparison and selection: minimum and maximum of encrypted numbers.
//!
//! A number has seven digits in base 4. To compare a with b, the differences of two digits at a time, 4 d1 + d0 in
//! -15..=15, go through a table that gives their sign (the padding bit makes -1 of +1) with a weight of 1, 2, 4 from the
//! bottom up; the top digit's sign weighs 8. The sign of the sum is the order: five bootstraps. Selection then costs one
//! bootstrap a digit for c d (c = 0 or 1, d the difference), and gives both the smaller, b + c d, and the larger,
//! a - c d. The top digit needs none: the smaller number's top digit is the smaller top digit, which a second output
//! of the bootstrap that takes its sign delivers. Eleven bootstraps in all.

use std::sync::LazyLock;

use super::{Circuit, Digit, Table};

/// Digits of a number.
pub const DIGITS: usize = 7;
const TOP: usize = DIGITS - 1;

/// The sign of a difference of two digits, with a weight.
static SIGNS: LazyLock<[Table<1>; 3]> =
    LazyLock::new(|| [1, 2, 4].map(|weight| Table::new(-15..=15, |x| [weight * x.signum()])));
/// Eight times the sign of a difference d of digits, and min(d, 0).
static TOP_MINIMUM: LazyLock<Table<2>> = LazyLock::new(|| Table::new(-3..=3, |d| [8 * d.signum(), d.min(0)]));
/// Eight times the sign of a difference d of digits, and max(d, 0).
static TOP_MAXIMUM: LazyLock<Table<2>> = LazyLock::new(|| Table::new(-3..=3, |d| [8 * d.signum(), d.max(0)]));
/// 1/2 below zero, -1/2 from zero on.
static NEGATIVE: LazyLock<Table<1>> = LazyLock::new(|| Table::halves(-16..=15, |x| [if x < 0 { 1 } else { -1 }]));
/// c d of x = 2 (d + 3) + c, times 1, 2 and 4.
static SELECT: LazyLock<[Table<1>; 3]> = LazyLock::new(|| {
    [1, 2, 4].map(|scale| Table::new(0..=13, |x| [if x & 1 == 1 { scale * ((x >> 1) - 3) } else { 0 }]))
});

/// 1 if `x` (in -16..=15) is negative, else 0: one bootstrap.
pub fn is_negative(circuit: &mut Circuit, x: &Digit) -> Digit {
    circuit.map(x, &NEGATIVE).plus_halves(1)
}

/// A number to be compared: digits in base 4, least significant first, every second one doubled, so that neither the
/// comparison (2 d1 + d0) nor the selection multiplies its noise by more than 2.
#[derive(Debug, Clone)]
pub struct Number([Digit; DIGITS]);

fn is_doubled(position: usize) -> bool {
    position % 2 == 1
}

impl Number {
    /// Of fresh digits.
    pub fn new(digits: &[Digit; DIGITS]) -> Self {
        Self(std::array::from_fn(|position| {
            let digit = digits.get(position).cloned().unwrap_or_default();
            if is_doubled(position) { 2 * &digit } else { digit }
        }))
    }

    fn minus(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|position| self.digit(position) - other.digit(position)))
    }

    fn digit(&self, position: usize) -> &Digit {
        // The array has a digit for every position below DIGITS, and no caller asks for another.
        self.0.get(position).unwrap_or(&self.0[0])
    }

    fn noise(&self) -> f64 {
        self.digit(0).variance()
    }

    /// Blocks of two digits: d0 + 4 d1.
    pub fn blocks(&self) -> [Digit; DIGITS.div_ceil(2)] {
        std::array::from_fn(|block| {
            let low = self.digit(2 * block).clone();
            if 2 * block + 1 < DIGITS { &low + &(2 * self.digit(2 * block + 1)) } else { low }
        })
    }
}

/// Which of two numbers is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Smaller,
    Larger,
}

/// The differences a - b, the top digit's part in the selection, and c = 1 if a < b.
fn compare(circuit: &mut Circuit, difference: &Number, top: &Table<2>) -> (Digit, Digit) {
    let [mut order, top] = circuit.lookup(difference.digit(TOP), top);
    for (pair, table) in SIGNS.iter().enumerate() {
        let two = 2 * difference.digit(2 * pair + 1) + difference.digit(2 * pair).clone();
        order = order + circuit.map(&two, table);
    }
    (is_negative(circuit, &order), top)
}

/// choose * difference, digit by digit; the top digit is given.
fn select(circuit: &mut Circuit, choose: &Digit, difference: &Number, top: &Digit) -> Number {
    let [plain, doubled, _] = &*SELECT;
    Number(std::array::from_fn(|position| {
        let d = difference.digit(position);
        if position == TOP {
            top.clone()
        } else if is_doubled(position) {
            circuit.map(&(d + choose + 6), doubled)
        } else {
            circuit.map(&(2 * d + choose.clone() + 6), plain)
        }
    }))
}

fn in_range(circuit: &mut Circuit, number: Number) -> Number {
    let mut position = 0;
    Number(number.0.map(|digit| {
        let most = if is_doubled(position) { 6 } else { 3 };
        position += 1;
        circuit.assume(digit, 0, most, "a selected digit is a digit")
    }))
}

fn sort_two(circuit: &mut Circuit, a: &Number, b: &Number) -> (Number, Number) {
    let difference = a.minus(b);
    let (less, top) = compare(circuit, &difference, &TOP_MINIMUM);
    let part = select(circuit, &less, &difference, &top);
    let smaller = Number(std::array::from_fn(|position| b.digit(position) + part.digit(position)));
    (in_range(circuit, smaller), in_range(circuit, a.minus(&part)))
}

fn merge(circuit: &mut Circuit, a: &Number, b: &Number, wanted: Wanted) -> Number {
    // The result is the second operand and a selected part: let that be the quieter one.
    let (a, b) = if a.noise() < b.noise() { (b, a) } else { (a, b) };
    let difference = a.minus(b);
    let part = match wanted {
        Wanted::Smaller => {
            let (less, top) = compare(circuit, &difference, &TOP_MINIMUM);
            select(circuit, &less, &difference, &top)
        }
        Wanted::Larger => {
            let (less, top) = compare(circuit, &difference, &TOP_MAXIMUM);
            select(circuit, &(-&less + 1), &difference, &top)
        }
    };
    let chosen = Number(std::array::from_fn(|position| b.digit(position) + part.digit(position)));
    in_range(circuit, chosen)
}

/// The smallest or largest of many.
///
/// A merge adds 1 to the variance of the quieter operand, and takes two operands of 5 in all: so chains of leaves (of
/// variance 0 or 1) give 2, and a chain of such chains 3. With sqrt(n) chains of sqrt(n) leaves the longest way has 2
/// sqrt(n) merges.
fn extreme(circuit: &mut Circuit, leaves: &[Number], wanted: Wanted) -> Option<Number> {
    let length = leaves.len().isqrt().max(1);
    let mut best: Option<Number> = None;
    for chain in leaves.chunks(length) {
        let chain = fold(circuit, chain, wanted);
        best = match (best, chain) {
            (Some(best), Some(chain)) => Some(merge(circuit, &best, &chain, wanted)),
            (best, chain) => chain.or(best),
        };
    }
    best
}

fn fold(circuit: &mut Circuit, numbers: &[Number], wanted: Wanted) -> Option<Number> {
    let (first, rest) = numbers.split_first()?;
    Some(rest.iter().fold(first.clone(), |best, next| merge(circuit, &best, next, wanted)))
}

/// Smallest and largest of at least one number: 3 n / 2 comparisons of eleven bootstraps.
pub fn minimum_and_maximum(circuit: &mut Circuit, numbers: &[Number]) -> Option<(Number, Number)> {
    let (mut low, mut high) = (Vec::new(), Vec::new());
    for pair in numbers.chunks(2) {
        match pair {
            [a, b] => {
                let (smaller, larger) = sort_two(circuit, a, b);
                low.push(smaller);
                high.push(larger);
            }
            single => {
                low.extend_from_slice(single);
                high.extend_from_slice(single);
            }
        }
    }
    Some((extreme(circuit, &low, Wanted::Smaller)?, extreme(circuit, &high, Wanted::Larger)?))
}
