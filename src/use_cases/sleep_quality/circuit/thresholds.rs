//! From time asleep, time in bed and latency to the score.

use std::sync::LazyLock;

use super::records::{BOTH, Facts, Latency, Scaled};
use crate::fhe::circuit::{Circuit, Digit, Table, carry, is_negative};

/// The score of how many thresholds were passed.
static SCORE: LazyLock<Table<1>> = LazyLock::new(|| Table::new(0..=9, |passed| [(9 - passed) * 4 / 9 + 1]));

pub(super) fn score(circuit: &mut Circuit, facts: &Facts) -> Digit {
    let mut passed = time_passed(circuit, &facts.asleep) + efficiency_passed(circuit, &facts.asleep, &facts.in_bed);
    if let Some(latency) = &facts.latency {
        passed = passed + latency_passed(circuit, latency, &facts.seen);
    }
    circuit.map(&passed, &SCORE)
}

// ---- Time asleep: > 300, > 360, > 420 minutes.
//
// With time = 256 h + 16 m + l: for h = 1 the thresholds are (m, l) > (2, 12), (6, 8), (10, 4); none is passed for
// h = 0, all are for h >= 2.

/// How many thresholds have a smaller l.
static LOW: LazyLock<Table<1>> =
    LazyLock::new(|| Table::new(0..=15, |l| [[4, 8, 12].iter().filter(|least| l > **least).count() as i32]));
/// Four times how many have a smaller m; where m is that of one, what l must add to carry into the next four.
static MIDDLE: LazyLock<Table<1>> = LazyLock::new(|| {
    Table::new(0..=15, |m| {
        let smaller = [2, 6, 10].iter().filter(|least| m > **least).count() as i32;
        let equal = match m {
            2 => 1,
            6 => 2,
            10 => 3,
            _ => 0,
        };
        [4 * smaller + equal]
    })
});
static QUARTER: LazyLock<Table<1>> = LazyLock::new(|| Table::new(0..=15, |x| [x >> 2]));
/// 1, and 4, for anything but 0.
static NOT_ZERO: LazyLock<[Table<1>; 2]> =
    LazyLock::new(|| [1, 4].map(|scale| Table::new(0..=15, |x| [if x > 0 { scale } else { 0 }])));
/// 0, 4, 8 for h = 0, 1, more.
static HIGH: LazyLock<Table<1>> = LazyLock::new(|| Table::new(0..=7, |h| [4 * h.min(2)]));
/// Of thresholds passed if h = 1 + 4 min(h, 2).
static TIME: LazyLock<Table<1>> = LazyLock::new(|| {
    Table::new(0..=11, |x| match x {
        0..=3 => [0],
        4..=7 => [x - 4],
        _ => [3],
    })
});

fn time_passed(circuit: &mut Circuit, time: &[Scaled]) -> Digit {
    let [d0, d1, d2, d3, d4, beyond @ ..] = time else { return Digit::default() };
    let low = circuit.map(&(&d0.one + &d1.four), &LOW);
    let middle = circuit.map(&(&d2.one + &d3.four), &MIDDLE);
    let passed = circuit.map(&(low + middle), &QUARTER);
    let mut high = d4.one.clone();
    if !beyond.is_empty() {
        let [_, fourfold] = &*NOT_ZERO;
        high = high + circuit.map(&ones(beyond), fourfold);
    }
    let high = circuit.map(&high, &HIGH);
    circuit.map(&(passed + high), &TIME)
}

fn ones(digits: &[Scaled]) -> Digit {
    Digit::sum(digits.iter().map(|digit| &digit.one))
}

// ---- Efficiency: 20 asleep > 17 in bed, 4 asleep > 3 in bed, 20 asleep > 13 in bed, and something in bed.

/// Of signs + 4 (something in bed).
static DEFINED: LazyLock<Table<1>> = LazyLock::new(|| Table::new(0..=7, |x| [(x - 4).max(0)]));

/// Coefficients in base 4 (least significant first) of time in bed and time asleep; passed where the sum is negative.
const EFFICIENCIES: [([i32; 3], [i32; 3]); 3] = [
    ([1, 0, 1], [0, -1, -1]),  // 17 and 20
    ([-1, 1, 0], [0, -1, 0]),  // 3 and 4
    ([1, -1, 1], [0, -1, -1]), // 13 and 20
];

fn efficiency_passed(circuit: &mut Circuit, asleep: &[Scaled], in_bed: &[Scaled]) -> Digit {
    let mut passed = Digit::default();
    for (bed, sleep) in EFFICIENCIES {
        let mut columns: Vec<Vec<(i32, &Scaled)>> = vec![Vec::new(); in_bed.len() + 2];
        for (coefficients, digits) in [(bed, in_bed), (sleep, asleep)] {
            for (shift, coefficient) in coefficients.into_iter().enumerate().filter(|(_, value)| *value != 0) {
                for (digit, column) in digits.iter().zip(columns.iter_mut().skip(shift)) {
                    column.push((coefficient, digit));
                }
            }
        }
        while columns.last().is_some_and(Vec::is_empty) {
            columns.pop();
        }
        passed = passed + sum_is_negative(circuit, &columns);
    }
    let [plain, fourfold] = &*NOT_ZERO;
    let (first, rest) = in_bed.split_at(in_bed.len().min(5));
    let mut bed = ones(first);
    if !rest.is_empty() {
        bed = circuit.map(&bed, plain) + ones(rest);
    }
    let bed = circuit.map(&bed, fourfold);
    circuit.map(&(passed + bed), &DEFINED)
}

/// 1 if the sum of columns, each worth four times the one before, is negative.
///
/// A carry goes up from the bottom: floor((column + carry) / 4), one bootstrap a column, or one for two columns where
/// what they are worth together lies in -16..=15, so that the carry is a sign.
fn sum_is_negative(circuit: &mut Circuit, columns: &[Vec<(i32, &Scaled)>]) -> Digit {
    let mut below = Digit::default();
    let mut rest = columns;
    while let Some((column, others)) = rest.split_first() {
        let one = below + Digit::combine(column.iter().map(|(factor, digit)| (*factor, &digit.one)));
        if others.is_empty() {
            return is_negative(circuit, &one);
        }
        if let Some((next, others)) = others.split_first() {
            let two = &one + &Digit::combine(next.iter().map(|(factor, digit)| (*factor, &digit.four)));
            if two.low() >= -16 && two.high() <= 15 && two.variance() <= 25.0 {
                let negative = is_negative(circuit, &two);
                if others.is_empty() {
                    return negative;
                }
                (below, rest) = (-&negative, others);
                continue;
            }
        }
        below = carry(circuit, &one);
        rest = others;
    }
    Digit::constant(0)
}

// ---- Latency: <= 15, <= 30, <= 60 minutes.
//
// Latency = low + 16 m, low in -15..=15, m = middle + 4 high. How many thresholds are passed depends on m, one of <= 0,
// 1, 2, 3, 4, >= 5, and on low, one of < -3, -3..=-2, -1, 0..=12, 13..=14, 15:
//
//   m       <-3  -3..-2  -1  0..12  13..14  15
//   <= 0     3     3      3    3      3      3
//   1        3     3      3    2      2      1
//   2        2     2      1    1      1      1
//   3        1     1      1    1      0      0
//   4        1     0      0    0      0      0
//   >= 5     0     0      0    0      0      0
//
// Each m gets a place, each low a distance from it, such that one table serves for all. The sign rule ties low to low +
// 16, so the distances of the three negative classes and of the three others are mirror images.

/// Distance, minus 3/2, in half steps.
static DISTANCE: LazyLock<Table<1>> = LazyLock::new(|| {
    Table::halves(-15..=15, |low| match low {
        ..=-4 => [-5],
        -3..=-2 => [-1],
        -1 => [-3],
        0..=12 => [5],
        13..=14 => [1],
        _ => [3],
    })
});
/// 4 high, as far as it matters next to the middle digit: up to 8 and down to -8. (The sign rule makes -4 of -15, which
/// is as negative.)
static FOUR_HIGH: LazyLock<Table<1>> = LazyLock::new(|| {
    Table::new(-15..=15, |high| match high {
        -15 => [-4],
        ..=-1 => [-8],
        0 => [0],
        1 => [4],
        _ => [8],
    })
});
/// Place of m, minus 17/2, in half steps.
static PLACE: LazyLock<Table<1>> = LazyLock::new(|| {
    Table::halves(-11..=11, |m| match m {
        ..=0 => [2 - 17],
        1 => [8 - 17],
        2 => [14 - 17],
        3 => [20 - 17],
        4 => [30 - 17],
        _ => [32 - 17],
    })
});
/// Thresholds passed at place + distance, minus 3/2, in half steps.
static LATENCY: LazyLock<Table<1>> = LazyLock::new(|| {
    const PASSED: [i32; 21] = [3, 3, 3, 3, 3, 3, 2, 1, 2, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    Table::halves(0..=20, |x| [2 * PASSED.get(x as usize).copied().unwrap_or(0) - 3])
});
/// Of thresholds passed + what has been seen: none unless both a bed and sleep.
static SEEN_BOTH: LazyLock<Table<1>> = LazyLock::new(|| Table::new(0..=15, |x| [(x - BOTH).max(0)]));

fn latency_passed(circuit: &mut Circuit, latency: &Latency, seen: &Digit) -> Digit {
    let distance = circuit.map(&latency.low, &DISTANCE).plus_halves(3);
    let m = &latency.middle + &circuit.map(&latency.high, &FOUR_HIGH);
    let place = circuit.map(&m, &PLACE).plus_halves(17);
    let passed = circuit.map(&(place + distance), &LATENCY).plus_halves(3);
    circuit.map(&(passed + seen.clone()), &SEEN_BOTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_distances_give_the_thresholds_of_every_latency() {
        for latency in -1_023_i32..=1_023 {
            // Every way to write it as differences of digits.
            for low in -15..=15 {
                if (latency - low) % 16 != 0 {
                    continue;
                }
                let m = (latency - low) / 16;
                let place = (PLACE.image_at(m.clamp(-11, 11)) + 17) >> 1;
                let distance = (DISTANCE.image_at(low) + 3) >> 1;
                let passed = (LATENCY.image_at(place + distance) + 3) >> 1;
                let wanted = [15, 30, 60].iter().filter(|minutes| latency <= **minutes).count();
                assert_eq!(passed, wanted as i32, "{latency} = {low} + 16 * {m}");
            }
        }
    }
}
