//! The kernel's logic on digits in the clear, which tfhe computes without bootstraps; whole programs test it encrypted.

use super::*;
use crate::{
    fhe::test_keys::{SERVER, context, number, trivial},
    use_cases::weight_stats::{Statistics, rules::statistics},
};

fn compute(weights: &[u16], context: &Context) -> Result<Statistics, Interrupted> {
    let digits: Vec<u8> =
        weights.iter().flat_map(|weight| (0..DIGITS).map(move |place| (weight >> (2 * place) & 3) as u8)).collect();
    let mut left = digits.as_slice();
    let result = context.install(|| {
        let digits = |count| {
            let (taken, rest) = left.split_at(count);
            left = rest;
            trivial(taken)
        };
        run(&SERVER, weights.len(), digits, context)
    })?;
    let weight = |digits: &[Ciphertext]| {
        assert_eq!(digits.len(), DIGITS);
        assert!(digits.iter().all(|digit| digit.degree.get() <= 3), "clean digits");
        number(digits) as u16
    };
    Ok(Statistics { min: weight(&result.min), max: weight(&result.max), avg: weight(&result.avg) })
}

/// A fixed sequence of pseudo-random numbers.
fn sequence(seed: u32) -> impl FnMut() -> u16 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 18) as u16
    }
}

#[test]
fn the_kernel_follows_the_rules_for_many_numbers_of_weights() {
    let counts = (1..=20).chain([31, 32, 33, 48, 49, 100, 255, 257]);
    for count in counts {
        let mut draw = sequence(count);
        let random: Vec<u16> = (0..count).map(|_| draw()).collect();
        let close: Vec<u16> = (0..count).map(|_| 700 + draw() % 3).collect();
        let mut extreme = vec![MAX_WEIGHT; count as usize];
        extreme[count as usize / 2] = 0;
        for weights in [random, close, extreme, vec![MAX_WEIGHT; count as usize], vec![0; count as usize]] {
            let context = context();
            assert_eq!(compute(&weights, &context), Ok(statistics(&weights).unwrap()), "{weights:?}");
        }
    }
}

#[test]
fn the_largest_request_is_computed_exactly() {
    let weights = vec![MAX_WEIGHT; 1_000];
    assert_eq!(compute(&weights, &context()), Ok(statistics(&weights).unwrap()));
}

#[test]
fn the_plan_is_the_sum_of_the_steps() {
    for weights in [1, 2, 3, 5, 9, 16, 17, 33, 300] {
        let context = context();
        let kernel = Kernel::new(&SERVER, weights, &context);
        let number = RadixCiphertext::from(trivial(&[1; DIGITS]));
        context.install(|| {
            let mut extremes = None;
            let mut sums = Vec::new();
            let mut left = weights;
            while left > 0 {
                let chunk = vec![number.clone(); left.min(CHUNK)];
                left -= chunk.len();
                extremes = Some(kernel.extremes(&chunk, extremes.as_ref()).unwrap());
                sums.push(kernel.chunk_sum(&chunk).unwrap());
            }
            kernel.average(sums).unwrap();
        });
        assert_eq!(kernel.steps.done(), cost::total(weights), "{weights} weights");
    }
}

#[test]
fn a_stop_is_noticed_before_the_next_step() {
    let context = context();
    context.stop();
    assert_eq!(compute(&[1, 2, 3], &context), Err(Interrupted));
    assert!(context.progress() == 0.0);
}
