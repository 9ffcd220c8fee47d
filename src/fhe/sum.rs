//! Sums of many encrypted numbers, in steps short enough to stop between.

use tfhe::integer::{IntegerCiphertext, RadixCiphertext};

use super::{Interrupted, ServerKey, Steps};

/// Terms of one step.
pub(crate) const TERMS: usize = 16;

/// Digits of two bits needed for numbers up to `max`.
pub(crate) fn digits_for(max: u64) -> usize {
    ((64 - max.leading_zeros()) as usize).div_ceil(2).max(1)
}

/// The sum of numbers of one width, which must be wide enough for it; none of no terms.
pub(crate) fn sum(
    key: &ServerKey,
    steps: &Steps<'_>,
    mut terms: Vec<RadixCiphertext>,
) -> Result<Option<RadixCiphertext>, Interrupted> {
    while terms.len() > 1 {
        terms = terms
            .chunks(TERMS)
            .map(|some| {
                let digits = some.first().map_or(0, |term| term.blocks().len());
                let cost = if some.len() > 1 { step_cost(some.len(), digits) } else { 0 };
                steps.run(cost, || key.integer().sum_ciphertexts_parallelized(some))
            })
            .filter_map(Result::transpose)
            .collect::<Result<_, _>>()?;
    }
    Ok(terms.pop())
}

/// About how many bootstraps [`sum`] takes: exactly what it reports to its [`Steps`].
pub(crate) fn sum_cost(mut terms: usize, digits: usize) -> u64 {
    let mut total = 0;
    while terms > 1 {
        total += chunks(terms).filter(|count| *count > 1).map(|count| step_cost(count, digits)).sum::<u64>();
        terms = terms.div_ceil(TERMS);
    }
    total
}

/// Five digits become one and a carry with two bootstraps, until five are left in a column; then carries ripple.
fn step_cost(terms: usize, digits: usize) -> u64 {
    (terms * digits / 2 + 2 * digits) as u64
}

/// `count` things in runs of at most [`TERMS`].
pub(crate) fn chunks(count: usize) -> impl Iterator<Item = usize> {
    let rest = count % TERMS;
    std::iter::repeat_n(TERMS, count / TERMS).chain((rest > 0).then_some(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhe::test_keys::{SERVER, context, number, trivial};

    #[test]
    fn widths_are_exact() {
        assert_eq!([0, 3, 4, 15, 16, 16_383, 16_384].map(digits_for), [1, 1, 2, 2, 3, 7, 8]);
        assert_eq!(digits_for(16_383 * 1_000 + 500), 12);
    }

    #[test]
    fn sums_of_any_number_of_terms_are_exact_and_cost_what_they_say() {
        for terms in [1, 2, 3, 5, 6, 16, 17, 33, 128, 300] {
            let context = context();
            let steps = Steps::new(&context, 1);
            let digits = digits_for(1_023 * terms as u64);
            let mut term = [0; 16];
            term[..5].fill(3);
            let numbers = vec![RadixCiphertext::from(trivial(&term[..digits])); terms];
            let result = context.install(|| sum(&SERVER, &steps, numbers)).unwrap().unwrap();
            assert_eq!(number(result.blocks()), 1_023 * terms as u64);
            assert_eq!(steps.done(), sum_cost(terms, digits));
        }
        let context = context();
        assert!(sum(&SERVER, &Steps::new(&context, 1), Vec::new()).unwrap().is_none());
    }
}
