//! Division of an encrypted number by a public one.

use std::sync::LazyLock;

use super::{Circuit, Columns, Digit, MAX_VARIANCE, Table, Top, reciprocal::Reciprocal};

/// Remainder and quotient's part of a step of division by 5: 4 r + t = 5 r + e with e = t - r, here e + 4.
static BY_FIVE: LazyLock<[Table<2>; 2]> =
    LazyLock::new(|| [1, 4].map(|scale| Table::new(0..=7, |x| [(x + 1) % 5, if x < 4 { -scale } else { 0 }])));
/// The same for 3: 4 r + t = 3 r + e with e = t + r.
static BY_THREE: LazyLock<[Table<2>; 2]> =
    LazyLock::new(|| [1, 4].map(|scale| Table::new(0..=5, |e| [e % 3, scale * (e / 3)])));
/// Half of a digit, and what its rest is worth one digit below; then four times both.
static BY_TWO: LazyLock<Table<4>> =
    LazyLock::new(|| Table::new(0..=3, |t| [t >> 1, 2 * (t & 1), 4 * (t >> 1), 8 * (t & 1)]));
/// A digit and its double, rid of noise.
static DOUBLE: LazyLock<Table<2>> = LazyLock::new(|| Table::new(0..=4, |t| [t, 2 * t]));
/// A digit rid of noise, times 1 and times 4.
static REFRESH: LazyLock<[Table<1>; 2]> = LazyLock::new(|| [1, 4].map(|scale| Table::new(0..=4, |t| [scale * t])));

const QUOTIENT: &str = "a quotient digit is a digit";

/// Digits in base 4 of numbers up to `most`.
pub fn digits_of(most: u64) -> usize {
    (u64::BITS - most.leading_zeros()).div_ceil(2).max(1) as usize
}

/// How a public divisor is divided by: digits dropped (factors 4), then steps of long division, or a multiplication by
/// the reciprocal.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    /// One bootstrap a digit and factor.
    Long(Vec<u32>),
    /// About five bootstraps a digit.
    Reciprocal,
}

/// Sum and division: floor of the sum of `columns` / `divisor` as blocks d0 + 4 d1 of `digits` digits. The sum is at
/// most `most`, and the quotient below 4^`digits`.
pub fn divide_sum(
    circuit: &mut Circuit,
    columns: impl Fn(usize) -> Columns,
    most: u64,
    divisor: u64,
    digits: usize,
) -> Vec<Digit> {
    let dropped = (divisor.trailing_zeros() / 2) as usize;
    let divisor = divisor >> (2 * dropped);
    let way = best_way(most >> (2 * dropped), divisor, digits);
    let width = digits_of(most);
    let by_five = matches!(&way, Way::Long(factors) if factors.first() == Some(&5));
    // The first remainder of a division by 5 may be a last digit up to 4, which saves a column.
    let open = (by_five && width >= 2 && most >> (2 * (width - 2)) <= 4).then_some(Top::Open(4));
    let sum = columns(width - usize::from(open.is_some())).resolve(circuit, open.unwrap_or(Top::Exact));
    let sum = sum.get(dropped..).unwrap_or_default();
    follow(circuit, &way, sum, most >> (2 * dropped), divisor, digits)
}

fn best_way(most: u64, divisor: u64, digits: usize) -> Way {
    let mut factors = Vec::new();
    let mut rest = divisor;
    for factor in [5, 3, 2] {
        while rest.is_multiple_of(u64::from(factor)) {
            factors.push(factor);
            rest /= u64::from(factor);
        }
    }
    let long = Way::Long(factors);
    if rest != 1 {
        return Way::Reciprocal;
    }
    // Both are tried out on paper.
    let cost = |way: &Way| {
        let mut circuit = Circuit::new();
        let sum: Vec<Digit> = (0..digits_of(most)).map(|_| circuit.input(3)).collect();
        follow(&mut circuit, way, &sum, most, divisor, digits);
        circuit.lookups().len()
    };
    if divisor > 5 && cost(&Way::Reciprocal) < cost(&long) { Way::Reciprocal } else { long }
}

fn follow(circuit: &mut Circuit, way: &Way, sum: &[Digit], most: u64, divisor: u64, digits: usize) -> Vec<Digit> {
    let Way::Long(factors) = way else {
        let quotient = by_reciprocal(circuit, sum, most, divisor, digits);
        return blocks(circuit, &quotient);
    };
    let Some((last, before)) = factors.split_last() else {
        return blocks(circuit, sum.get(..digits).unwrap_or(sum));
    };
    let (mut number, mut most) = (sum.to_vec(), most);
    for factor in before {
        number = long_division(circuit, &number, most, *factor, |_| 1);
        most /= u64::from(*factor);
    }
    // Odd digits come out four times as large, so that a block is a plain sum.
    let scaled = long_division(circuit, &number, most, *last, |position| if position % 2 == 1 { 4 } else { 1 });
    scaled.chunks(2).take(digits.div_ceil(2)).map(Digit::sum).collect()
}

/// The digits of `number` / `factor` (2, 3 or 5), each times `scale` (1 or 4) of its position.
fn long_division(
    circuit: &mut Circuit,
    number: &[Digit],
    most: u64,
    factor: u32,
    scale_of: impl Fn(usize) -> i32,
) -> Vec<Digit> {
    if factor == 2 {
        return halve(circuit, number, most, scale_of);
    }
    let mut quotient = Vec::new();
    let mut remainder: Option<Digit> = None;
    for (position, digit) in number.iter().enumerate().rev() {
        let first = most >> (2 * position);
        let scale = scale_of(position);
        let Some(before) = remainder.take() else {
            if first < u64::from(factor) {
                // The first digits are themselves the first remainder.
                let top = circuit.assume(digit.clone(), 0, first as i32, "the sum fits its columns");
                let fourfold = position.checked_sub(1).is_some_and(|below| scale_of(below) == 4);
                remainder = Some(if fourfold && top.variance() > 1.0 { refresh(circuit, &top, 1) } else { top });
            } else {
                let (next, part) = step(circuit, digit, None, factor, scale);
                remainder = Some(next);
                quotient.push(part);
            }
            continue;
        };
        let (next, part) = step(circuit, digit, Some(before), factor, scale);
        remainder = Some(next);
        quotient.push(part);
    }
    quotient.reverse();
    quotient
}

fn step(circuit: &mut Circuit, digit: &Digit, before: Option<Digit>, factor: u32, scale: i32) -> (Digit, Digit) {
    let tables = if factor == 5 { &*BY_FIVE } else { &*BY_THREE };
    let [plain, fourfold] = tables;
    let table = if scale == 1 { plain } else { fourfold };
    let offset = |remainder: &Digit| if factor == 5 { digit - remainder + 4 } else { digit + remainder };
    let mut before = before.unwrap_or_default();
    if offset(&before).variance() > MAX_VARIANCE {
        before = refresh(circuit, &before, 1);
    }
    let e = offset(&before);
    let [remainder, part] = circuit.lookup(&e, table);
    let quotient = circuit.assume(scale * &before + part, 0, 3 * scale, QUOTIENT);
    (remainder, quotient)
}

fn halve(circuit: &mut Circuit, number: &[Digit], most: u64, scale: impl Fn(usize) -> i32) -> Vec<Digit> {
    let width = digits_of(most / 2);
    // What the digit above leaves over, at the scale of the digit to come.
    let mut above = Digit::default();
    let mut quotient = Vec::new();
    for (position, digit) in number.iter().enumerate().rev() {
        let below = position.checked_sub(1).map_or(1, &scale);
        if position >= width && below == 1 && digit.variance() <= 1.0 {
            // The top digit is 0 or 1: there is nothing to halve.
            above = 2 * &circuit.assume(digit.clone(), 0, 1, "the sum fits its columns");
            continue;
        }
        let [half, rest, half_fourfold, rest_fourfold] = circuit.lookup(digit, &BY_TWO);
        if position < width {
            let half = if scale(position) == 1 { half } else { half_fourfold };
            quotient.push(circuit.assume(half + above, 0, 3 * scale(position), QUOTIENT));
        }
        above = if below == 1 { rest } else { rest_fourfold };
    }
    quotient.reverse();
    quotient
}

fn by_reciprocal(circuit: &mut Circuit, number: &[Digit], most: u64, divisor: u64, digits: usize) -> Vec<Digit> {
    let reciprocal = Reciprocal::new(divisor, most, digits);
    let multiples: Vec<[Digit; 2]> = number.iter().map(|digit| circuit.lookup(digit, &DOUBLE)).collect();
    let mut columns = Columns::new(reciprocal.width);
    for term in &reciprocal.terms {
        let Some([one, two]) = multiples.get(term.digit) else { continue };
        let multiple = if term.coefficient.abs() == 2 { two } else { one };
        let multiple = if term.coefficient < 0 { -multiple + 3 * term.coefficient.abs() } else { multiple.clone() };
        columns.add(term.column, multiple);
    }
    columns.add_constant(reciprocal.constant);
    let product = columns.resolve(circuit, Top::Wrapped);
    product.get(reciprocal.width - digits..).unwrap_or_default().to_vec()
}

fn refresh(circuit: &mut Circuit, digit: &Digit, scale: i32) -> Digit {
    let [plain, fourfold] = &*REFRESH;
    circuit.map(digit, if scale == 1 { plain } else { fourfold })
}

/// Blocks d0 + 4 d1 of digits, refreshed where they are too noisy for that.
pub fn blocks(circuit: &mut Circuit, digits: &[Digit]) -> Vec<Digit> {
    digits
        .chunks(2)
        .map(|pair| {
            let [low, high] = pair else { return pair.first().cloned().unwrap_or_default() };
            let block = low + &(4 * high);
            if block.variance() <= MAX_VARIANCE {
                return block;
            }
            let high = refresh(circuit, high, 4);
            let block = low + &high;
            if block.variance() <= MAX_VARIANCE { block } else { refresh(circuit, low, 1) + high }
        })
        .collect()
}
