//! The encrypted statistics, on tfhe's operations on whole numbers.
//!
//! Weights are rebuilt and reduced a chunk at a time, so that memory does not grow with their number. In a chunk, pairs
//! are put in order first: the smaller ones alone can be the minimum, the larger ones the maximum (3 n / 2 comparisons
//! instead of 2 n). The sum is as wide as n weights need; nothing wraps. The average is the sum divided through tables
//! (see [`average`](super::average)).
//!
//! Digits go in and come out clean: at most 3, with the noise of one bootstrap at most.

use rayon::prelude::*;
use tfhe::{
    integer::{
        IntegerCiphertext, IntegerRadixCiphertext, RadixCiphertext, ServerKey as IntegerKey,
        prelude::ServerKeyDefaultCMux,
    },
    shortint::Ciphertext,
};

use super::{
    average::{Division, Part},
    payload::DIGITS,
    rules::MAX_WEIGHT,
};
use crate::fhe::{Context, Interrupted, ServerKey, Steps, TERMS, digits_for, sum};

/// Weights rebuilt at once.
const CHUNK: usize = TERMS;
/// Outputs of one table bootstrap on a digit of 0..=3.
const TABLES_AT_ONCE: usize = 4;

/// Digits of the three results, the least significant first.
#[derive(Debug)]
pub(super) struct Digits {
    pub(super) min: Vec<Ciphertext>,
    pub(super) max: Vec<Ciphertext>,
    pub(super) avg: Vec<Ciphertext>,
}

/// Computes over `weights` (at least one) of 7 digits each, taken from `digits` in order.
pub(super) fn run(
    key: &ServerKey,
    weights: usize,
    mut digits: impl FnMut(usize) -> Vec<Ciphertext>,
    context: &Context,
) -> Result<Digits, Interrupted> {
    let kernel = Kernel::new(key, weights, context);
    let mut extremes: Option<(RadixCiphertext, RadixCiphertext)> = None;
    let mut sums = Vec::new();
    let mut left = weights;
    while left > 0 {
        let count = left.min(CHUNK);
        left -= count;
        let blocks = kernel.steps.run(0, || digits(count * DIGITS))?;
        let chunk: Vec<RadixCiphertext> = radixes(blocks);
        let (of_chunk, sum) = rayon::join(|| kernel.extremes(&chunk, extremes.as_ref()), || kernel.chunk_sum(&chunk));
        extremes = Some(of_chunk?);
        sums.push(sum?);
    }
    let average = kernel.average(sums)?;
    // No weights were refused when the input was read.
    let (min, max) = extremes.ok_or(Interrupted)?;
    Ok(Digits { min: min.into_blocks(), max: max.into_blocks(), avg: average.into_blocks() })
}

struct Kernel<'a> {
    key: &'a ServerKey,
    weights: usize,
    steps: Steps<'a>,
}

impl<'a> Kernel<'a> {
    fn new(key: &'a ServerKey, weights: usize, context: &'a Context) -> Self {
        Self { key, weights, steps: Steps::new(context, cost::total(weights)) }
    }

    fn integer(&self) -> &IntegerKey {
        self.key.integer()
    }

    /// Minimum and maximum of `chunk` and of what came `before`.
    fn extremes(
        &self,
        chunk: &[RadixCiphertext],
        before: Option<&(RadixCiphertext, RadixCiphertext)>,
    ) -> Result<(RadixCiphertext, RadixCiphertext), Interrupted> {
        let pairs = chunk.par_chunks(2).map(|pair| match pair {
            [one, other] => self.ordered(one, other),
            _ => Ok((pair[0].clone(), pair[0].clone())),
        });
        let (mut lows, mut highs): (Vec<_>, Vec<_>) = pairs.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        if let Some((min, max)) = before {
            lows.push(min.clone());
            highs.push(max.clone());
        }
        let (min, max) = rayon::join(|| self.best(lows, Better::Smaller), || self.best(highs, Better::Larger));
        Ok((min?, max?))
    }

    fn ordered(
        &self,
        one: &RadixCiphertext,
        other: &RadixCiphertext,
    ) -> Result<(RadixCiphertext, RadixCiphertext), Interrupted> {
        let larger = self.steps.run(cost::COMPARE, || self.integer().gt_parallelized(one, other))?;
        self.steps.run(cost::FLIP, || self.integer().flip_parallelized(&larger, one, other))
    }

    /// The smallest or largest, by a knockout of pairs.
    fn best(&self, mut numbers: Vec<RadixCiphertext>, better: Better) -> Result<RadixCiphertext, Interrupted> {
        while numbers.len() > 1 {
            numbers = numbers
                .par_chunks(2)
                .map(|pair| match pair {
                    [one, other] => self.better(one, other, better),
                    _ => Ok(pair[0].clone()),
                })
                .collect::<Result<_, _>>()?;
        }
        numbers.pop().ok_or(Interrupted)
    }

    fn better(
        &self,
        one: &RadixCiphertext,
        other: &RadixCiphertext,
        better: Better,
    ) -> Result<RadixCiphertext, Interrupted> {
        let larger = self.steps.run(cost::COMPARE, || self.integer().gt_parallelized(one, other))?;
        let (yes, no) = if better == Better::Larger { (one, other) } else { (other, one) };
        self.steps.run(cost::SELECT, || self.integer().if_then_else_parallelized(&larger, yes, no))
    }

    /// The sum of a chunk, wide enough for the sum of all.
    fn chunk_sum(&self, chunk: &[RadixCiphertext]) -> Result<RadixCiphertext, Interrupted> {
        let missing = digits_for(self.max_sum()).saturating_sub(DIGITS);
        let widened =
            chunk.iter().map(|weight| self.integer().extend_radix_with_trivial_zero_blocks_msb(weight, missing));
        self.sum(widened.collect())
    }

    /// (sum + n/2) / n.
    fn average(&self, mut sums: Vec<RadixCiphertext>) -> Result<RadixCiphertext, Interrupted> {
        let n = self.weights as u64;
        if n > 1 {
            let half: RadixCiphertext = self.integer().create_trivial_radix(n / 2, digits_for(self.max_sum()));
            sums.push(half);
        }
        let sum = self.sum(sums)?;
        if n == 1 { Ok(sum) } else { self.divide(&sum, &Division::new(self.max_sum(), n)) }
    }

    fn sum(&self, terms: Vec<RadixCiphertext>) -> Result<RadixCiphertext, Interrupted> {
        // There is always a term: no weights were refused when the input was read.
        sum(self.key, &self.steps, terms)?.ok_or(Interrupted)
    }

    fn divide(&self, number: &RadixCiphertext, division: &Division) -> Result<RadixCiphertext, Interrupted> {
        let rest_digits = digits_for(division.max_rest());
        let shares = number
            .blocks()
            .par_iter()
            .enumerate()
            .map(|(place, digit)| self.shares(digit, division, place, rest_digits));
        let (mut quotients, rests): (Vec<_>, Vec<_>) = shares.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        let rest = self.sum(rests)?;
        let reached = division.thresholds().into_par_iter().map(|threshold| {
            let reached =
                self.steps.run(cost::SCALAR_COMPARE, || self.integer().scalar_ge_parallelized(&rest, threshold))?;
            Ok(reached.into_radix(DIGITS, self.integer()))
        });
        quotients.extend(reached.collect::<Result<Vec<RadixCiphertext>, Interrupted>>()?);
        self.sum(quotients)
    }

    /// What the digit at `place` adds to quotient and rest.
    fn shares(
        &self,
        digit: &Ciphertext,
        division: &Division,
        place: usize,
        rest_digits: usize,
    ) -> Result<(RadixCiphertext, RadixCiphertext), Interrupted> {
        let places = (0..DIGITS).map(|at| (Part::Quotient, at)).chain((0..rest_digits).map(|at| (Part::Rest, at)));
        let tables: Vec<_> =
            places.filter_map(|(part, at)| Some((part, at, division.table(place, part, at)?))).collect();
        let zero = |digits| self.integer().create_trivial_zero_radix(digits);
        let (mut quotient, mut rest): (RadixCiphertext, RadixCiphertext) = (zero(DIGITS), zero(rest_digits));
        for tables in tables.chunks(TABLES_AT_ONCE) {
            let found = self.steps.run(1, || self.look_up(digit, tables.iter().map(|(.., table)| *table)))?;
            for ((part, at, _), value) in tables.iter().zip(found) {
                let number = if *part == Part::Quotient { &mut quotient } else { &mut rest };
                if let Some(block) = number.blocks_mut().get_mut(*at) {
                    *block = value;
                }
            }
        }
        Ok((quotient, rest))
    }

    /// Up to four tables on one digit, in one bootstrap.
    fn look_up(&self, digit: &Ciphertext, tables: impl Iterator<Item = [u64; 4]>) -> Vec<Ciphertext> {
        let functions: Vec<_> = tables.map(|table| move |t: u64| table.get(t as usize).copied().unwrap_or(0)).collect();
        let functions: Vec<&dyn Fn(u64) -> u64> = functions.iter().map(|f| f as &dyn Fn(u64) -> u64).collect();
        let table = self.key.shortint().generate_many_lookup_table(&functions);
        self.key.shortint().apply_many_lookup_table(digit, &table)
    }

    fn max_sum(&self) -> u64 {
        max_sum(self.weights)
    }
}

/// The largest number that is divided: n weights and the half for rounding.
fn max_sum(weights: usize) -> u64 {
    let n = weights as u64;
    u64::from(MAX_WEIGHT) * n + n / 2
}

fn radixes(blocks: Vec<Ciphertext>) -> Vec<RadixCiphertext> {
    let mut blocks = blocks.into_iter();
    let next = || {
        let number: Vec<_> = blocks.by_ref().take(DIGITS).collect();
        (number.len() == DIGITS).then(|| RadixCiphertext::from(number))
    };
    std::iter::from_fn(next).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Better {
    Smaller,
    Larger,
}

/// The plan: about how many bootstraps each step takes, and so the whole.
mod cost {
    use super::{DIGITS, Division, Part, TABLES_AT_ONCE, digits_for, max_sum};
    use crate::fhe::{chunks, sum_cost};

    pub(super) const COMPARE: u64 = 10;
    pub(super) const SCALAR_COMPARE: u64 = 3;
    pub(super) const SELECT: u64 = 21;
    pub(super) const FLIP: u64 = 28;

    /// Everything that `weights` take.
    pub(super) fn total(weights: usize) -> u64 {
        let chunks: Vec<usize> = chunks(weights).collect();
        let order: u64 = chunks.iter().map(|count| (count / 2) as u64 * (COMPARE + FLIP)).sum();
        let knockouts: usize = chunks.iter().map(|count| count.div_ceil(2)).sum::<usize>() - 1;
        let width = digits_for(max_sum(weights));
        let of_chunks: u64 = chunks.iter().map(|count| sum_cost(*count, width)).sum();
        order + 2 * knockouts as u64 * (COMPARE + SELECT) + of_chunks + average(weights, chunks.len(), width)
    }

    fn average(weights: usize, chunks: usize, width: usize) -> u64 {
        if weights == 1 {
            return 0;
        }
        let division = Division::new(max_sum(weights), weights as u64);
        let rest_digits = digits_for(division.max_rest());
        let tables: usize = (0..width)
            .map(|place| {
                let count = |part, digits| (0..digits).filter_map(|at| division.table(place, part, at)).count();
                (count(Part::Quotient, DIGITS) + count(Part::Rest, rest_digits)).div_ceil(TABLES_AT_ONCE)
            })
            .sum();
        let thresholds = division.thresholds().len();
        sum_cost(chunks + 1, width)
            + tables as u64
            + sum_cost(width, rest_digits)
            + thresholds as u64 * SCALAR_COMPARE
            + sum_cost(width + thresholds, DIGITS)
    }
}

#[cfg(test)]
mod tests;
