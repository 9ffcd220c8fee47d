#![allow(clippy::trivially_copy_pass_by_ref, reason = "filters take references")]

use std::ops::RangeInclusive;

use cipherdeck::{
    fhe::circuit::{Clear, Evaluator, Plan},
    use_cases::sleep_quality::circuit::circuit,
};
use rand::{Rng, RngExt};
use rayon::prelude::*;

use super::{random, side_by_side};

const LANES: usize = 32;

/// Stage, start, duration.
type Entry = [u16; 3];

fn is_asleep(entry: &&Entry) -> bool {
    matches!(entry[0], 1 | 3 | 4 | 5)
}

fn is_in_bed(entry: &&Entry) -> bool {
    entry[0] == 0
}

/// The rules, spelled out once more.
fn score(night: &[Entry]) -> u8 {
    let sum = |kind: fn(&&Entry) -> bool| night.iter().filter(kind).map(|entry| u64::from(entry[2])).sum::<u64>();
    let (sleep, bed) = (sum(is_asleep), sum(is_in_bed));
    let time = if sleep > 420 {
        0
    } else if sleep > 360 {
        1
    } else if sleep > 300 {
        2
    } else {
        3
    };
    let efficiency = match bed {
        0 => 3,
        _ if 100 * sleep > 85 * bed => 0,
        _ if 100 * sleep > 75 * bed => 1,
        _ if 100 * sleep > 65 * bed => 2,
        _ => 3,
    };
    let latency = match (night.iter().find(is_in_bed), night.iter().find(is_asleep)) {
        (Some(bed), Some(asleep)) => match asleep[1].saturating_sub(bed[1]) {
            0..=15 => 0,
            16..=30 => 1,
            31..=60 => 2,
            _ => 3,
        },
        _ => 3,
    };
    (time + efficiency + latency) * 4 / 9 + 1
}

/// A night whose latency, time asleep and efficiency are at, just above or just below a threshold, whatever `records`;
/// or one of any numbers; sorted or not, with or without a bed, with or without sleep.
fn night(records: usize, kind: usize, random: &mut impl Rng) -> Vec<Entry> {
    let near = |of: &[i32], range: RangeInclusive<i32>, random: &mut dyn FnMut(usize) -> usize| {
        let at = of[random(of.len())] + range.start() + random((range.end() - range.start() + 1) as usize) as i32;
        at.clamp(0, 1_023) as u16
    };
    let mut draw = |below: usize| random.random_range(0..below.max(1));
    let mut night: Vec<Entry> = (0..records)
        .map(|_| {
            let stage = [0, 0, 1, 2, 3, 4, 5, 6, 7][draw(9)];
            [stage, draw(1_024) as u16, if kind % 7 == 6 { 1_023 } else { draw(1_024) as u16 }]
        })
        .collect();
    if kind.is_multiple_of(4) {
        return night;
    }
    // Sleep in some records, a bed in others, the rest awake: totals near thresholds.
    let sleep = near(&[300, 360, 420, 100, 600], -1..=1, &mut draw);
    let efficiency = [(20, 17), (4, 3), (20, 13), (1, 1)][draw(4)];
    let bed = ((i32::from(sleep) * efficiency.0 / efficiency.1) + draw(4) as i32 - 2).clamp(0, 1_023 * 4);
    let (mut sleep_left, mut bed_left) = (i32::from(sleep), bed);
    let share = (records / 2).max(1) as i32;
    for (number, entry) in night.iter_mut().enumerate() {
        let left = match (kind % 4, number % 2) {
            (3, 0) | (1 | 2, 1) => {
                entry[0] = [1, 3, 4, 5][draw(4)];
                &mut sleep_left
            }
            _ => {
                entry[0] = 0;
                &mut bed_left
            }
        };
        let last = number + 2 >= records;
        entry[2] =
            if last { (*left).min(1_023) } else { (*left).min(draw((2 * 1_023 / share) as usize) as i32) } as u16;
        *left -= i32::from(entry[2]);
    }
    night.sort_by_key(|entry| entry[1]);
    let base = night[0][1];
    for entry in &mut night {
        entry[1] -= base;
    }
    // The first sleep near a threshold of the latency.
    if let (Some(bed), Some(asleep)) =
        (night.iter().position(|e| is_in_bed(&e)), night.iter().position(|e| is_asleep(&e)))
    {
        let latency = near(&[15, 30, 60, 0], -1..=1, &mut draw);
        night[asleep][1] = (night[bed][1] + latency).min(1_023);
    }
    if kind % 5 == 4 {
        let shift = draw(records);
        night.rotate_left(shift);
    }
    night
}

fn digits(entry: &Entry, input: usize) -> i16 {
    match input {
        0 => entry[0] as i16,
        1..=5 => (entry[1] >> (2 * (input - 1)) & 3) as i16,
        _ => (entry[2] >> (2 * (input - 6)) & 3) as i16,
    }
}

fn check(records: usize, seeds: std::ops::Range<u64>) -> [u64; 6] {
    let circuit = circuit(&[records]);
    let mut scores = [0; 6];
    for seed in seeds {
        let mut random = random(seed << 16 | records as u64);
        let nights: Vec<Vec<Entry>> =
            (0..LANES).map(|lane| night(records, lane + seed as usize, &mut random)).collect();
        let inputs = side_by_side(11 * records, |lane, input| digits(&nights[lane][input / 11], input % 11));
        let outputs = Clear.run(&circuit, inputs).unwrap_or_else(|error| panic!("{records} records: {error}"));
        for (lane, night) in nights.iter().enumerate() {
            let wanted = score(night);
            assert_eq!(outputs[0][lane] as u8, wanted, "{night:?}");
            scores[usize::from(wanted)] += 1;
        }
    }
    scores
}

#[test]
fn every_number_of_records_gives_the_scores_of_the_rules() {
    let scores = (1..=128_usize)
        .into_par_iter()
        .map(|records| check(records, 0..if records <= 32 { 80 } else { 10 }))
        .reduce(|| [0; 6], |one, other| std::array::from_fn(|score| one[score] + other[score]));
    assert!(scores.iter().sum::<u64>() >= 100_000, "{scores:?}");
    assert!(scores[1..].iter().all(|nights| *nights >= 2_000), "every score in quantity: {scores:?}");
    eprintln!("{scores:?}");
}

#[test]
fn plans_stay_within_their_budgets_for_every_number_of_records() {
    let plans: Vec<Plan> = (1..=128).into_par_iter().map(|records| Plan::of(&circuit(&[records]))).collect();
    let plan = |records: usize| &plans[records - 1];
    for records in [1, 2, 5, 17, 64, 128] {
        let plan = plan(records);
        eprintln!(
            "{records} records: {} bootstraps, {} on the longest way, variance up to {:.1}",
            plan.bootstraps, plan.critical_path, plan.worst_variance
        );
    }
    assert!(plan(5).bootstraps <= 120, "{}", plan(5).bootstraps);
    assert!(plan(17).bootstraps <= 320, "{}", plan(17).bootstraps);
    for (records, plan) in (1..).zip(&plans) {
        assert_eq!(plan.check(), Ok(()), "{records} records");
        assert!(plan.worst_variance <= 25.001 && plan.worst_output_variance <= 25.001, "{records} records: {plan:?}");
        assert!(plan.bootstraps <= 17 * records + 60, "linear: {records} records, {}", plan.bootstraps);
        assert_eq!((plan.inputs, plan.outputs), (11 * records, 1));
    }
    // Nights do not depend on each other.
    let several = Plan::of(&circuit(&[5, 17, 1]));
    assert_eq!(several.bootstraps, plan(5).bootstraps + plan(17).bootstraps + plan(1).bootstraps);
    assert_eq!(several.critical_path, plan(17).critical_path);
}
