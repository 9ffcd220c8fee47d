//! Sums of many numbers in base 4, by columns.

use std::sync::LazyLock;

use super::{Circuit, Digit, MAX_VARIANCE, Table};

/// The carry out of a column that is worth 0..=19. Minus 2 it obeys the sign rule: f(16..=19) = 2 = -f(0..=3).
static CARRY: LazyLock<Table<1>> = LazyLock::new(|| Table::new(0..=19, |x| [x / 4 - 2]));
/// Digit and carry of a column that is worth 0..=7.
static SPLIT: LazyLock<Table<2>> = LazyLock::new(|| Table::new(0..=7, |x| [x & 3, x >> 2]));
/// The digit of a column whose carry nobody needs.
static DIGIT: LazyLock<Table<1>> = LazyLock::new(|| Table::new(0..=15, |x| [x & 3]));

const MOST: i32 = 19;
const SPLITTABLE: i32 = 7;
/// A digit comes out as `x - 4 carry`, which adds 16.
const CARRY_VARIANCE: f64 = 16.0;

/// What is done with the last column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Top {
    /// The sum is known to need no further column: the last digit is 0..=3 as it stands.
    Exact,
    /// The last digit is whatever is left, up to this value.
    Open(i32),
    /// The sum is taken modulo 4^columns.
    Wrapped,
}

/// Numbers to be added, digit by digit: column j holds what is worth 4^j.
#[derive(Debug, Clone)]
pub struct Columns(Vec<Vec<Digit>>);

impl Columns {
    /// So many empty columns.
    pub fn new(width: usize) -> Self {
        Self(vec![Vec::new(); width])
    }

    /// Adds a digit (not negative) in a column; beyond the last column it is dropped.
    pub fn add(&mut self, column: usize, digit: Digit) {
        if let Some(items) = self.0.get_mut(column) {
            items.push(digit);
        }
    }

    /// Adds a number that everybody knows.
    pub fn add_constant(&mut self, value: u128) {
        for (column, items) in self.0.iter_mut().enumerate() {
            let digit = value.checked_shr(2 * column as u32).unwrap_or(0) & 3;
            if digit > 0 {
                items.push(Digit::constant(digit as i32));
            }
        }
    }

    /// The sum as digits 0..=3 (the last one as `top` says), least significant first.
    ///
    /// Each column is first thinned out until one carry takes the rest, then the carry ripples through: one bootstrap a
    /// digit, which gives the carry, while the digit itself is `x - 4 carry`, a combination of variance up to 25.
    pub fn resolve(self, circuit: &mut Circuit, top: Top) -> Vec<Digit> {
        let width = self.0.len();
        let mut digits = Vec::with_capacity(width);
        let mut carries: Vec<Digit> = Vec::new();
        let mut ripple: Option<Digit> = None;
        for (column, mut items) in self.0.into_iter().enumerate() {
            items.append(&mut carries);
            let last = column + 1 == width;
            if last && top != Top::Wrapped {
                items.extend(ripple.take());
                let most = if let Top::Open(most) = top { most } else { 3 };
                digits.push(circuit.assume(Digit::sum(&items), 0, most, "the sum fits its columns"));
                break;
            }
            let room = ripple.as_ref().map_or(0, Digit::high);
            let most = if last { 15 } else { MOST };
            thin_out(circuit, &mut items, &mut carries, most - room);
            items.extend(ripple.take());
            let x = Digit::sum(&items);
            if x.high() <= 3 {
                digits.push(x);
            } else if last {
                digits.push(circuit.map(&x, &DIGIT));
            } else if x.high() <= SPLITTABLE {
                let [digit, carry] = circuit.lookup(&x, &SPLIT);
                digits.push(digit);
                ripple = Some(carry);
            } else {
                let (digit, carry) = carry_out(circuit, &x);
                digits.push(digit);
                ripple = Some(carry);
            }
        }
        digits
    }
}

/// `x` as digit + 4 carry, one bootstrap; the digit's variance is that of `x` and 16 more.
fn carry_out(circuit: &mut Circuit, x: &Digit) -> (Digit, Digit) {
    let carry = circuit.map(x, &CARRY) + 2;
    let digit = circuit.assume(x - &(4 * &carry), 0, 3, "s - 4 floor(s / 4)");
    (digit, carry)
}

/// floor(`x` / 4) of an `x` that may be negative and has at most 20 values from a multiple of 4 on: one bootstrap, or none
/// if it is 0.
pub fn carry(circuit: &mut Circuit, x: &Digit) -> Digit {
    if 0 <= x.low() && x.high() <= 3 {
        return Digit::constant(0);
    }
    let quarters = x.low().div_euclid(4);
    circuit.map(&(x + -4 * quarters), &CARRY) + 2 + quarters
}

/// Reduces a column until it is worth at most `most` and is quiet enough for a carry, moving carries to the next column.
///
/// A step takes up to 19 and, beside the digit that is left of it, up to 4 more: two bootstraps for six digits and a
/// carry, whose outcome is one clean digit, a carry up to 4 and a carry up to 1.
fn thin_out(circuit: &mut Circuit, items: &mut Vec<Digit>, carries: &mut Vec<Digit>, most: i32) {
    let quiet = MAX_VARIANCE - CARRY_VARIANCE - 2.0;
    loop {
        let worth: i32 = items.iter().map(Digit::high).sum();
        let is_quiet = worth <= most + 4 && items.iter().map(Digit::variance).sum::<f64>() <= quiet;
        if worth <= most && is_quiet {
            return;
        }
        items.sort_by_key(Digit::depth);
        step(circuit, items, carries, quiet, (worth <= most + 4 && is_quiet) || worth <= SPLITTABLE);
    }
}

/// One step of [`thin_out`]: a small one takes up to 7 and costs one bootstrap, a large one takes up to 23 and costs two.
fn step(circuit: &mut Circuit, items: &mut Vec<Digit>, carries: &mut Vec<Digit>, quiet: f64, small: bool) {
    let sum = if small {
        Digit::sum(&take(items, SPLITTABLE, MAX_VARIANCE))
    } else {
        let group = Digit::sum(&take(items, MOST, quiet));
        let (rest, carry) = carry_out(circuit, &group);
        carries.push(carry);
        rest.clone() + Digit::sum(&take(items, SPLITTABLE - 3, MAX_VARIANCE - rest.variance()))
    };
    let [digit, carry] = circuit.lookup(&sum, &SPLIT);
    items.push(digit);
    if sum.high() > 3 {
        carries.push(carry);
    }
}

/// Takes out items that together are worth at most `most` and have at most `variance`: as much worth as possible, in as
/// few items as possible, of each worth the earliest.
fn take(items: &mut Vec<Digit>, most: i32, variance: f64) -> Vec<Digit> {
    let mut worths: Vec<i32> = items.iter().map(Digit::high).filter(|worth| (1..=most).contains(worth)).collect();
    worths.sort_unstable_by_key(|worth| -worth);
    let counts: Vec<(i32, i32)> = worths
        .chunk_by(|one, other| one == other)
        .filter_map(|same| same.first().map(|worth| (*worth, same.len() as i32)))
        .collect();
    let mut wanted = Vec::new();
    fill(&counts, most, &mut Vec::new(), &mut (0, 0), &mut wanted);
    let mut noise = 0.0;
    let mut taken = Vec::new();
    items.retain(|item| {
        let Some(left) = wanted.iter_mut().find(|(worth, left)| *worth == item.high() && *left > 0) else {
            return true;
        };
        if noise + item.variance() > variance {
            return true;
        }
        left.1 -= 1;
        noise += item.variance();
        taken.push(item.clone());
        false
    });
    taken
}

/// How many of each worth to take, for the largest total up to `room` (then for the fewest items).
fn fill(
    counts: &[(i32, i32)],
    room: i32,
    chosen: &mut Vec<(i32, i32)>,
    best: &mut (i32, i32),
    wanted: &mut Vec<(i32, i32)>,
) {
    let Some(((worth, count), rest)) = counts.split_first() else {
        let total = chosen.iter().map(|(worth, count)| worth * count).sum();
        let items: i32 = chosen.iter().map(|(_, count)| count).sum();
        if (total, -items) > *best {
            *best = (total, -items);
            wanted.clone_from(chosen);
        }
        return;
    };
    for taken in 0..=(room / worth).min(*count) {
        chosen.push((*worth, taken));
        fill(rest, room - taken * worth, chosen, best, wanted);
        chosen.pop();
    }
}
