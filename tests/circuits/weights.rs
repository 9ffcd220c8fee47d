use cipherdeck::{
    fhe::circuit::{Clear, Evaluator, Plan},
    use_cases::weight_stats::circuit::circuit,
};
use rand::{Rng, RngExt};
use rayon::prelude::*;

use super::{random, side_by_side};

const LANES: usize = 32;

/// (sum + n/2) / n, smallest, largest.
fn statistics(weights: &[u16]) -> [u64; 3] {
    let n = weights.len() as u64;
    let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let extreme = |weight: Option<&u16>| u64::from(*weight.unwrap());
    [(sum + n / 2) / n, extreme(weights.iter().min()), extreme(weights.iter().max())]
}

/// Lists of all kinds: any values, near each other, extremes, duplicates, zeros, sums at a rounding edge.
fn list(n: usize, kind: usize, random: &mut impl Rng) -> Vec<u16> {
    let base: u16 = random.random_range(0..=16_383);
    let mut list: Vec<u16> = (0..n)
        .map(|_| match kind % 8 {
            0 => random.random_range(0..=16_383),
            1 => random.random_range(600..900),
            2 => 16_383 - random.random_range(0..2),
            3 => random.random_range(0..2),
            4 => base,
            5 => (base & !3).saturating_add(random.random_range(0..4)).min(16_383),
            6 => *[0, 16_383, base, 0x1555, 0x2AAA].get(random.random_range(0..5_usize)).unwrap(),
            _ => base & random.random_range(0..=16_383),
        })
        .collect();
    if kind % 3 == 1 {
        // Bring the sum to a multiple of n, less 0 or 1 half: where rounding turns over.
        let sum: u64 = list.iter().map(|weight| u64::from(*weight)).sum();
        let wanted = (n as u64 - n as u64 / 2 + n as u64 - sum % n as u64 - (kind as u64 / 8) % 2) % n as u64;
        let mut left = wanted as u16;
        for weight in &mut list {
            let step = left.min(16_383 - *weight);
            *weight += step;
            left -= step;
        }
    }
    list
}

fn check(n: usize, seeds: std::ops::Range<u64>) -> u64 {
    let circuit = circuit(n);
    let plan = Plan::of(&circuit);
    assert!(plan.violations.is_empty(), "n = {n}: {:?}", &plan.violations[..plan.violations.len().min(5)]);
    for seed in seeds.clone() {
        let mut random = random(seed << 16 | n as u64);
        let lists: Vec<Vec<u16>> = (0..LANES).map(|lane| list(n, lane + seed as usize, &mut random)).collect();
        let inputs = side_by_side(7 * n, |lane, input| (lists[lane][input / 7] >> (2 * (input % 7)) & 3) as i16);
        let outputs = Clear.run(&circuit, inputs).unwrap_or_else(|error| panic!("n = {n}: {error}"));
        for (lane, list) in lists.iter().enumerate() {
            let got: Vec<u64> = outputs
                .chunks(4)
                .map(|blocks| blocks.iter().rev().fold(0, |value, block| 16 * value + block[lane] as u64))
                .collect();
            assert_eq!(got, statistics(list), "n = {n}: {:?} ..", &list[..n.min(12)]);
        }
    }
    (seeds.end - seeds.start) * LANES as u64
}

#[test]
fn every_number_of_weights_gives_the_statistics_of_the_rules() {
    let lists: u64 = (1..=1_000_usize)
        .into_par_iter()
        .map(|n| {
            check(
                n,
                0..if n <= 50 {
                    60
                } else if n <= 200 {
                    4
                } else {
                    1
                },
            )
        })
        .sum();
    assert!(lists >= 100_000, "{lists}");
}

#[test]
fn plans_stay_within_their_budgets_for_every_number_of_weights() {
    let plans: Vec<Plan> = (1..=1_000).into_par_iter().map(|n| Plan::of(&circuit(n))).collect();
    let broken: Vec<_> = plans
        .iter()
        .enumerate()
        .filter(|(_, p)| !p.violations.is_empty())
        .map(|(i, p)| (i + 1, p.violations[0].clone()))
        .collect();
    eprintln!("{} {:?}", broken.len(), &broken[..broken.len().min(20)]);
    let div: Vec<_> =
        plans.iter().enumerate().map(|(i, p)| p.bootstraps as i64 - 11 * ((3 * (i as i64 + 1) - 3) / 2)).collect();
    eprintln!("{:?}", &div[..120]);
    for n in [1, 2, 3, 4, 5, 6, 7, 30, 100, 999, 1_000] {
        eprintln!("n = {n}: {:?}", plans[n - 1]);
    }
}
