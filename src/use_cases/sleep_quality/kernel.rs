//! The encrypted score, on tfhe's operations on blocks and whole numbers, one night after the other.
//!
//! - Every stage gives two flags, asleep and in bed, in one bootstrap; flags mask the durations, whose sums are as wide
//!   as the night's records need.
//! - The first record of a kind is found by a chain over the records (flag, seen before), in list order; its start is
//!   the sum of the starts so masked, of which all but one are 0.
//! - Nine thresholds give nine flags; how many are set decides the score by one table. Efficiency's flags count only if
//!   there was time in bed, latency's only if there was a record of both kinds.
//!
//! Noise, in units of one bootstrap's variance: a masked digit is digit + 4 flag (1 + 16), a guarded count is three flags
//! + 4 guard (3 + 16), the last table takes three flags and two counts (5); 25 is allowed.

use rayon::prelude::*;
use tfhe::{
    integer::{BooleanBlock, RadixCiphertext, ServerKey as IntegerKey},
    shortint::{Ciphertext, ServerKey as BlockKey, ciphertext::Degree},
};

use super::{
    payload::{MINUTE_DIGITS, RECORD_DIGITS},
    rules::{EFFICIENCY_THRESHOLDS, IN_BED, LATENCY_THRESHOLDS, MAX_MINUTES, SLEEP_THRESHOLDS, is_asleep, score_of},
};
use crate::fhe::{Context, Interrupted, ServerKey, Steps, digits_for, sum};

/// Masked digits added before a bootstrap: 5 * 3 fills a block.
const GROUP: usize = 5;

/// One block a night, the score, from nights of `records` records, 11 digits each, taken from `digits` in order.
pub(super) fn run(
    key: &ServerKey,
    nights: &[usize],
    mut digits: impl FnMut(usize) -> Vec<Ciphertext>,
    context: &Context,
) -> Result<Vec<Ciphertext>, Interrupted> {
    let steps = Steps::new(context, nights.iter().map(|records| cost::night(*records)).sum());
    nights
        .iter()
        .map(|records| {
            let blocks = steps.run(0, || digits(records * RECORD_DIGITS))?;
            Night::new(key, &steps, blocks).score()
        })
        .collect()
}

/// A record as the kernel sees it.
struct Record {
    stage: Ciphertext,
    start: Vec<Ciphertext>,
    duration: Vec<Ciphertext>,
}

/// What is known of all records of one kind (asleep or in bed).
struct Kind {
    /// Total duration.
    total: RadixCiphertext,
    /// Start of the first one in the list, 0 without one.
    start: RadixCiphertext,
    /// Is there one?
    any: Ciphertext,
}

struct Night<'a> {
    key: &'a ServerKey,
    steps: &'a Steps<'a>,
    records: Vec<Record>,
}

impl<'a> Night<'a> {
    fn new(key: &'a ServerKey, steps: &'a Steps<'a>, blocks: Vec<Ciphertext>) -> Self {
        let mut blocks = blocks.into_iter();
        let record = || {
            let mut stage = blocks.next()?;
            // Clients send 0..=7; a larger one only garbles their own answer.
            stage.degree = Degree::new(7);
            let start = blocks.by_ref().take(MINUTE_DIGITS).collect();
            let duration = blocks.by_ref().take(MINUTE_DIGITS).collect();
            Some(Record { stage, start, duration })
        };
        Self { key, steps, records: std::iter::from_fn(record).collect() }
    }

    fn score(&self) -> Result<Ciphertext, Interrupted> {
        let (asleep, in_bed) = self.kinds()?;
        let (asleep, in_bed) = rayon::join(|| self.kind(&asleep), || self.kind(&in_bed));
        let (asleep, in_bed) = (asleep?, in_bed?);
        let (time, (efficiency, latency)) = rayon::join(
            || self.time(&asleep.total),
            || rayon::join(|| self.efficiency(&asleep.total, &in_bed.total), || self.latency(&asleep, &in_bed)),
        );
        let mut passed = time?;
        self.add(&mut passed, &efficiency?);
        self.add(&mut passed, &latency?);
        self.table(&passed, |passed| u64::from(score_of(passed as u8)))
    }

    /// The flags (asleep, in bed) of every record.
    fn kinds(&self) -> Result<(Vec<Ciphertext>, Vec<Ciphertext>), Interrupted> {
        let asleep = |stage: u64| u64::from(is_asleep(stage as u8));
        let in_bed = |stage: u64| u64::from(stage == u64::from(IN_BED));
        self.records.par_iter().map(|record| self.two_tables(&record.stage, &asleep, &in_bed)).collect()
    }

    /// Total and first start of the records that `flags` names.
    fn kind(&self, flags: &[Ciphertext]) -> Result<Kind, Interrupted> {
        let (total, first) = rayon::join(|| self.total(flags), || self.first(flags));
        let (start, any) = first?;
        Ok(Kind { total: total?, start, any })
    }

    fn total(&self, flags: &[Ciphertext]) -> Result<RadixCiphertext, Interrupted> {
        let records = self.records.par_iter().zip(flags);
        let masked = records.map(|(record, flag)| self.masked(&record.duration, flag));
        let missing = total_digits(self.records.len()) - MINUTE_DIGITS;
        let widened = masked.map(|digits| {
            let number = RadixCiphertext::from(digits?);
            Ok(self.integer().extend_radix_with_trivial_zero_blocks_msb(&number, missing))
        });
        let terms = widened.collect::<Result<Vec<_>, Interrupted>>()?;
        // No night is without records: such inputs are refused.
        sum(self.key, self.steps, terms)?.ok_or(Interrupted)
    }

    /// Start of the first flagged record, and whether there is one.
    fn first(&self, flags: &[Ciphertext]) -> Result<(RadixCiphertext, Ciphertext), Interrupted> {
        let (firsts, any) = self.first_flags(flags)?;
        let records = self.records.par_iter().zip(&firsts);
        let masked = records.map(|(record, flag)| self.masked(&record.start, flag)).collect::<Result<Vec<_>, _>>()?;
        let digits = (0..MINUTE_DIGITS).into_par_iter().map(|place| {
            let column = masked.iter().filter_map(|digits| digits.get(place).cloned()).collect();
            self.the_only_one(column)
        });
        Ok((RadixCiphertext::from(digits.collect::<Result<Vec<_>, _>>()?), any))
    }

    /// Leaves only the first set flag; also tells whether there is one.
    fn first_flags(&self, flags: &[Ciphertext]) -> Result<(Vec<Ciphertext>, Ciphertext), Interrupted> {
        let mut flags = flags.iter();
        let mut seen = flags.next().ok_or(Interrupted)?.clone();
        let mut firsts = vec![seen.clone()];
        for flag in flags {
            let pair = self.pair(flag, &seen, 2);
            let (first, any) = self.two_tables(&pair, &|pair| u64::from(pair == 1), &|pair| u64::from(pair != 0))?;
            firsts.push(first);
            seen = any;
        }
        Ok((firsts, seen))
    }

    /// The sum of digits of which at most one is not 0.
    fn the_only_one(&self, mut digits: Vec<Ciphertext>) -> Result<Ciphertext, Interrupted> {
        while digits.len() > 1 {
            digits = digits
                .par_chunks(GROUP)
                .map(|group| match group {
                    [digit] => Ok(digit.clone()),
                    _ => self.table(&self.added(group), |digit| digit & 3),
                })
                .collect::<Result<_, _>>()?;
        }
        digits.pop().ok_or(Interrupted)
    }

    /// `digits` where the flag is set, else 0.
    fn masked(&self, digits: &[Ciphertext], flag: &Ciphertext) -> Result<Vec<Ciphertext>, Interrupted> {
        let mask = |digit| self.table(&self.pair(digit, flag, 4), |pair| if pair >= 4 { pair & 3 } else { 0 });
        digits.par_iter().map(mask).collect()
    }

    /// How many thresholds the sleep time passes.
    fn time(&self, asleep: &RadixCiphertext) -> Result<Ciphertext, Interrupted> {
        let flags = SLEEP_THRESHOLDS
            .par_iter()
            .map(|minutes| self.steps.run(cost::COMPARE, || self.integer().scalar_gt_parallelized(asleep, *minutes)));
        self.count(flags)
    }

    /// How many thresholds the efficiency passes; none without time in bed.
    fn efficiency(&self, asleep: &RadixCiphertext, in_bed: &RadixCiphertext) -> Result<Ciphertext, Interrupted> {
        let missing = product_digits(self.records.len()) - total_digits(self.records.len());
        let wide = |number| self.integer().extend_radix_with_trivial_zero_blocks_msb(number, missing);
        let (asleep, bed) = (wide(asleep), wide(in_bed));
        let flags = EFFICIENCY_THRESHOLDS.par_iter().map(|(of_sleep, of_bed)| {
            let (left, right) = rayon::join(|| self.times(&asleep, *of_sleep), || self.times(&bed, *of_bed));
            let (left, right) = (left?, right?);
            self.steps.run(cost::COMPARE, || self.integer().gt_parallelized(&left, &right))
        });
        let (passed, some) = rayon::join(
            || self.count(flags),
            || self.steps.run(cost::COMPARE, || self.integer().scalar_gt_parallelized(in_bed, 0_u64)),
        );
        self.guarded(&passed?, &some?.into_raw_parts())
    }

    /// How many thresholds the latency passes; none without a record of both kinds.
    fn latency(&self, asleep: &Kind, in_bed: &Kind) -> Result<Ciphertext, Interrupted> {
        // Wide enough for the longest start and the longest threshold. A negative latency is below every threshold.
        let wide = |number| self.integer().extend_radix_with_trivial_zero_blocks_msb(number, 1);
        let (asleep_start, bed_start) = (wide(&asleep.start), wide(&in_bed.start));
        let flags = LATENCY_THRESHOLDS.par_iter().map(|minutes| {
            let latest = self.steps.run(cost::ADD, || self.integer().scalar_add_parallelized(&bed_start, *minutes))?;
            self.steps.run(cost::COMPARE, || self.integer().le_parallelized(&asleep_start, &latest))
        });
        let mut both = asleep.any.clone();
        self.add(&mut both, &in_bed.any);
        let (passed, both) = rayon::join(|| self.count(flags), || self.table(&both, |count| u64::from(count == 2)));
        self.guarded(&passed?, &both?)
    }

    /// `passed` (0..=3) if the guard is set, else 0.
    fn guarded(&self, passed: &Ciphertext, guard: &Ciphertext) -> Result<Ciphertext, Interrupted> {
        self.table(&self.pair(passed, guard, 4), |pair| if pair >= 4 { pair & 3 } else { 0 })
    }

    fn times(&self, number: &RadixCiphertext, factor: u64) -> Result<RadixCiphertext, Interrupted> {
        self.steps.run(cost::TIMES, || self.integer().scalar_mul_parallelized(number, factor))
    }

    /// The number of flags that are set, not bootstrapped.
    fn count(
        &self,
        flags: impl ParallelIterator<Item = Result<BooleanBlock, Interrupted>>,
    ) -> Result<Ciphertext, Interrupted> {
        let flags: Vec<_> = flags.map(|flag| flag.map(BooleanBlock::into_raw_parts)).collect::<Result<_, _>>()?;
        Ok(self.added(&flags))
    }

    fn table(&self, block: &Ciphertext, f: impl Fn(u64) -> u64) -> Result<Ciphertext, Interrupted> {
        self.steps.run(1, || {
            let table = self.blocks().generate_lookup_table(f);
            self.blocks().apply_lookup_table(block, &table)
        })
    }

    /// Two tables on a block of 0..=7, in one bootstrap.
    fn two_tables(
        &self,
        block: &Ciphertext,
        f: &dyn Fn(u64) -> u64,
        g: &dyn Fn(u64) -> u64,
    ) -> Result<(Ciphertext, Ciphertext), Interrupted> {
        let outputs = self.steps.run(1, || {
            let table = self.blocks().generate_many_lookup_table(&[f, g]);
            self.blocks().apply_many_lookup_table(block, &table)
        })?;
        let mut outputs = outputs.into_iter();
        // Two tables give two outputs.
        outputs.next().zip(outputs.next()).ok_or(Interrupted)
    }

    /// low + factor * high.
    fn pair(&self, low: &Ciphertext, high: &Ciphertext, factor: u8) -> Ciphertext {
        let mut pair = self.blocks().unchecked_scalar_mul(high, factor);
        self.add(&mut pair, low);
        pair
    }

    fn added(&self, blocks: &[Ciphertext]) -> Ciphertext {
        let mut total = self.blocks().create_trivial(0);
        for block in blocks {
            self.add(&mut total, block);
        }
        total
    }

    fn add(&self, total: &mut Ciphertext, block: &Ciphertext) {
        self.blocks().unchecked_add_assign(total, block);
    }

    fn blocks(&self) -> &BlockKey {
        self.key.shortint()
    }

    fn integer(&self) -> &IntegerKey {
        self.key.integer()
    }
}

/// Digits of the largest total duration.
fn total_digits(records: usize) -> usize {
    digits_for(records as u64 * u64::from(MAX_MINUTES))
}

/// Digits of twenty times that.
fn product_digits(records: usize) -> usize {
    digits_for(20 * records as u64 * u64::from(MAX_MINUTES))
}

/// The plan: about how many bootstraps each step takes, and so the whole.
mod cost {
    use super::{GROUP, MINUTE_DIGITS, total_digits};
    use crate::fhe::sum_cost;

    pub(super) const ADD: u64 = 10;
    pub(super) const COMPARE: u64 = 10;
    pub(super) const TIMES: u64 = 20;

    /// Everything that a night of `records` takes.
    pub(super) fn night(records: usize) -> u64 {
        let masks = (MINUTE_DIGITS * records) as u64;
        let totals = 2 * (masks + sum_cost(records, total_digits(records)));
        let firsts = 2 * (records as u64 - 1 + masks + MINUTE_DIGITS as u64 * the_only_one(records));
        let categories = 3 * COMPARE + 3 * (2 * TIMES + COMPARE) + COMPARE + 1 + 3 * (ADD + COMPARE) + 2;
        records as u64 + totals + firsts + categories + 1
    }

    fn the_only_one(mut digits: usize) -> u64 {
        let mut total = 0;
        while digits > 1 {
            total += digits / GROUP + usize::from(digits % GROUP > 1);
            digits = digits.div_ceil(GROUP);
        }
        total as u64
    }
}

#[cfg(test)]
mod tests;
