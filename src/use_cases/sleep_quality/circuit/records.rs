//! From records to time asleep, time in bed, and latency.

use std::sync::LazyLock;

use super::{Entry, MAX_MINUTES, MINUTES};
use crate::fhe::circuit::{Circuit, Columns, Digit, Table, Top, digits_of};

/// The kind of a record: 0 in bed, 1 awake, 2 asleep. Four times it, and once.
static KIND: LazyLock<Table<2>> = LazyLock::new(|| {
    Table::new(0..=7, |stage| {
        let kind = match stage {
            0 => 0,
            1 | 3 | 4 | 5 => 2,
            _ => 1,
        };
        [4 * kind, kind]
    })
});

/// What has been seen so far, times 4: 0 a bed, 4 neither, 8 sleep, 12 both. Of what was seen before + kind.
static SEEN: LazyLock<Table<1>> = LazyLock::new(|| {
    Table::new(0..=14, |x| {
        let (before, kind) = (x & !3, x & 3);
        let bed = before == BED || before == BOTH || kind == 0;
        let sleep = before == SLEEP || before == BOTH || kind == 2;
        [match (bed, sleep) {
            (true, true) => BOTH,
            (true, false) => BED,
            (false, true) => SLEEP,
            (false, false) => NEITHER,
        }]
    })
});
const BED: i32 = 0;
const NEITHER: i32 = 4;
const SLEEP: i32 = 8;
/// [`Facts::seen`] when there is a record in bed and one asleep.
pub(super) const BOTH: i32 = 12;

/// Of digit + 4 kind: the digit if in bed, minus the digit if asleep.
static KEEP: LazyLock<Table<2>> = LazyLock::new(|| {
    Table::new(0..=11, |x| match x / 4 {
        0 => [x, 0],
        1 => [0, 0],
        _ => [0, -(x - 8)],
    })
});

/// Of d + 2 seen, d a difference of digits: d after a bed and before sleep, -d after sleep and before a bed, else 0.
/// Times 1 and times 4.
static PASSED: LazyLock<[Table<1>; 2]> = LazyLock::new(|| {
    [1, 4].map(|scale| {
        Table::new(-3..=27, |x| match x {
            -3..=3 => [scale * x],
            13..=19 => [-scale * (x - 16)],
            _ => [0],
        })
    })
});

/// A difference of digits, rid of its noise. Times 1 and times 4.
static REFRESH: LazyLock<[Table<1>; 2]> = LazyLock::new(|| [1, 4].map(|scale| Table::new(-3..=3, |d| [scale * d])));

/// A digit rid of its noise, and four times it.
static SCALED: LazyLock<Table<2>> = LazyLock::new(|| Table::new(0..=3, |digit| [digit, 4 * digit]));

/// A digit and four times it, both quiet.
pub(super) struct Scaled {
    pub(super) one: Digit,
    pub(super) four: Digit,
}

/// The latency, positive or negative, in groups of digits.
pub(super) struct Latency {
    /// Digits 0 + 4 * digit 1: -15..=15.
    pub(super) low: Digit,
    /// Digit 2: -3..=3.
    pub(super) middle: Digit,
    /// Digits 3 + 4 * digit 4: -15..=15.
    pub(super) high: Digit,
}

/// What the score depends on.
pub(super) struct Facts {
    pub(super) asleep: Vec<Scaled>,
    pub(super) in_bed: Vec<Scaled>,
    /// None where one record cannot have one.
    pub(super) latency: Option<Latency>,
    /// [`BOTH`] if the latency is defined, else less.
    pub(super) seen: Digit,
}

pub(super) fn facts(circuit: &mut Circuit, night: &[Entry]) -> Facts {
    let kinds: Vec<[Digit; 2]> = night.iter().map(|entry| circuit.lookup(&entry.stage, &KIND)).collect();
    let (in_bed, asleep) = times(circuit, night, &kinds);
    let seen = seen(circuit, &kinds);
    let latency = latency(circuit, night, &seen);
    Facts { asleep, in_bed, latency, seen: seen.last().cloned().unwrap_or_default() }
}

/// Time in bed and time asleep.
fn times(circuit: &mut Circuit, night: &[Entry], kinds: &[[Digit; 2]]) -> (Vec<Scaled>, Vec<Scaled>) {
    let most = night.len() as u64 * MAX_MINUTES;
    let width = digits_of(most);
    let (mut in_bed, mut asleep) = (Columns::new(width), Columns::new(width));
    for (entry, [fourfold_kind, _]) in night.iter().zip(kinds) {
        for (column, digit) in entry.duration.iter().enumerate() {
            let [bed, minus_asleep] = circuit.lookup(&(digit + fourfold_kind), &KEEP);
            in_bed.add(column, bed);
            asleep.add(column, -&minus_asleep);
        }
    }
    let top = Top::Open((most >> (2 * (width - 1))) as i32);
    let mut sum = |columns: Columns| {
        let digits = columns.resolve(circuit, top);
        digits.into_iter().map(|digit| scaled(circuit, digit)).collect()
    };
    (sum(in_bed), sum(asleep))
}

fn scaled(circuit: &mut Circuit, digit: Digit) -> Scaled {
    if digit.variance() <= 1.0 {
        let four = 4 * &digit;
        return Scaled { one: digit, four };
    }
    let [one, four] = circuit.lookup(&digit, &SCALED);
    Scaled { one, four }
}

/// What has been seen up to each record, itself included.
fn seen(circuit: &mut Circuit, kinds: &[[Digit; 2]]) -> Vec<Digit> {
    let mut seen: Vec<Digit> = Vec::with_capacity(kinds.len());
    for [fourfold_kind, kind] in kinds {
        // After the first record what has been seen is its kind.
        let next = match seen.last() {
            Some(before) => circuit.map(&(before + kind), &SEEN),
            None => fourfold_kind.clone(),
        };
        seen.push(next);
    }
    seen
}

/// Most steps whose outputs may be added up where another such sum joins them, or where only one more output does.
const FEW: usize = 12;
const SOME: usize = 24;

/// Start of the first sleep minus start of the first bed, as the sum of what passes from each record to the next while
/// only one of the two has been seen. Digit by digit such a sum is a difference of two digits, and so is any part of it
/// over consecutive records: it stays in -3..=3.
fn latency(circuit: &mut Circuit, night: &[Entry], seen: &[Digit]) -> Option<Latency> {
    let steps: Vec<_> = night.windows(2).zip(seen).collect();
    if steps.is_empty() {
        return None;
    }
    let mut digit = |position: usize, fourfold: bool| {
        let at_once = !fourfold || steps.len() <= FEW;
        let scale = if fourfold { 4 } else { 1 };
        let table = usize::from(fourfold && at_once);
        let passed: Vec<Digit> = steps
            .iter()
            .filter_map(|(pair, seen)| {
                let [one, next] = pair else { return None };
                let difference = next.start.get(position)? - one.start.get(position)?;
                Some(circuit.map(&(difference + &(2 * *seen)), PASSED.get(table)?))
            })
            .collect();
        let why = "a sum of what passes is a difference of two digits";
        if at_once && steps.len() <= SOME {
            return circuit.assume(Digit::sum(&passed), -3 * scale, 3 * scale, why);
        }
        let refreshed: Vec<Digit> = passed
            .chunks(SOME)
            .filter_map(|part| {
                let part = circuit.assume(Digit::sum(part), -3, 3, why);
                Some(circuit.map(&part, REFRESH.get(usize::from(fourfold))?))
            })
            .collect();
        circuit.assume(Digit::sum(&refreshed), -3 * scale, 3 * scale, why)
    };
    let low = digit(0, false) + digit(1, true);
    let middle = digit(2, false);
    let high = digit(3, false) + digit(4, true);
    Some(Latency { low, middle, high })
}

/// Digits of a start.
const _: () = assert!(MINUTES == 5);
