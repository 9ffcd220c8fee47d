use cipherdeck::{
    fhe::circuit::{Circuit, Clear, Columns, Digit, Evaluator, Plan, digits_of, divide_sum},
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
    check_plan(n, &circuit);
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

/// Rules and budgets, for the n at hand; called for every n.
fn check_plan(n: usize, circuit: &Circuit) -> Plan {
    let plan = Plan::of(circuit);
    assert_eq!(plan.check(), Ok(()), "n = {n}");
    assert!(plan.worst_variance <= 25.001 && plan.worst_output_variance <= 25.001, "n = {n}: {plan:?}");
    // Eleven a comparison; the rest is sum and average.
    let comparisons = n / 2 + 2 * (n.div_ceil(2) - 1);
    let rest = plan.bootstraps as usize - 11 * comparisons;
    assert!(rest <= 7 * n / 2 + 80, "n = {n}: {rest} for the average");
    assert_eq!((plan.inputs, plan.outputs), (7 * n as u64, 12));
    plan
}

#[test]
fn plans_stay_within_their_budgets() {
    let plan = |n: usize| {
        let plan = check_plan(n, &circuit(n));
        eprintln!(
            "n = {n}: {} bootstraps, {} on the longest way, variance up to {:.1}, of results {:.1}",
            plan.bootstraps, plan.critical_path, plan.worst_variance, plan.worst_output_variance
        );
        plan.bootstraps
    };
    assert_eq!(plan(1), 0);
    assert!(plan(2) <= 25 && plan(3) <= 47 && plan(4) <= 54);
    assert!(plan(5) <= 82);
    assert!(plan(30) <= 590);
    assert!(plan(100) <= 1_960 && plan(997) <= 19_600 && plan(1_000) <= 19_600);
}

#[test]
fn a_division_takes_at_most_130_bootstraps_whatever_the_divisor() {
    let costs: Vec<usize> = (1..=1_000_u64)
        .into_par_iter()
        .map(|n| {
            // A sum that is there already: one digit a column.
            let most = n * 16_383 + n / 2;
            let mut circuit = Circuit::new();
            let digits: Vec<Digit> = (0..digits_of(most)).map(|_| circuit.input(3)).collect();
            let columns = |width: usize| {
                let mut columns = Columns::new(width);
                for (column, digit) in digits.iter().enumerate() {
                    columns.add(column, digit.clone());
                }
                columns
            };
            divide_sum(&mut circuit, columns, most, n, 7);
            assert_eq!(Plan::of(&circuit).check(), Ok(()), "{n}");
            circuit.lookups().len()
        })
        .collect();
    let worst = costs.iter().max().unwrap();
    eprintln!(
        "division: by 2 {}, 3 {}, 5 {}, 7 {}, 30 {}, 100 {}, 997 {}, 1000 {}; at most {worst}, on average {}",
        costs[1],
        costs[2],
        costs[4],
        costs[6],
        costs[29],
        costs[99],
        costs[996],
        costs[999],
        costs.iter().sum::<usize>() / 1_000
    );
    assert!(*worst <= 130, "{worst}");
}
