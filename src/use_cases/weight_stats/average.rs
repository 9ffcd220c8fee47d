//! Division by a known number, digit by digit through tables.
//!
//! A number is the sum of its digits' shares, t 4^j for digit t at place j. Every share is split beforehand into
//! q n + r with r < n. The quotient is then the sum of all q, and floor(R / n) with R the sum of all r, which is the
//! number of k >= 1 with R >= k n. Exact for every n, and made of short steps, where a division by multiplication is one
//! long one.

use crate::fhe::digits_for;

/// The split of every digit value at every place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Division {
    /// n.
    pub(super) divisor: u64,
    /// For each place j and digit value t: (q, r).
    pub(super) places: Vec<[(u64, u64); 4]>,
}

impl Division {
    /// Of numbers up to `max` by `divisor`.
    pub(super) fn new(max: u64, divisor: u64) -> Self {
        let split = |value: u64| (value / divisor, value % divisor);
        let places = (0..digits_for(max)).map(|j| [0, 1, 2, 3].map(|t: u64| split(t << (2 * j)))).collect();
        Self { divisor, places }
    }

    /// The largest R: its width decides the width of the comparisons.
    pub(super) fn max_rest(&self) -> u64 {
        self.places.iter().filter_map(|place| place.iter().map(|(_, r)| *r).max()).sum()
    }

    /// The k n that R may reach.
    pub(super) fn thresholds(&self) -> Vec<u64> {
        (1..=self.max_rest() / self.divisor).map(|k| k * self.divisor).collect()
    }

    /// One digit of a share as a table on t; none if it is 0 for every t.
    pub(super) fn table(&self, place: usize, part: Part, digit: usize) -> Option<[u64; 4]> {
        let values = self.places.get(place)?.map(|(q, r)| if part == Part::Quotient { q } else { r });
        let table = values.map(|value| value.checked_shr(2 * digit as u32).unwrap_or(0) & 3);
        (table != [0; 4]).then_some(table)
    }
}

/// Which part of a digit's share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// q.
    Quotient,
    /// r.
    Rest,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the encrypted division computes, from the same tables.
    fn divide(division: &Division, number: u64) -> u64 {
        let share = |part| -> u64 {
            let places = 0..division.places.len();
            places
                .flat_map(|place| (0..12).map(move |digit| (place, digit)))
                .filter_map(|(place, digit)| Some((place, digit, division.table(place, part, digit)?)))
                .map(|(place, digit, table)| table[(number >> (2 * place) & 3) as usize] << (2 * digit))
                .sum()
        };
        let rest = share(Part::Rest);
        share(Part::Quotient) + division.thresholds().iter().filter(|threshold| rest >= **threshold).count() as u64
    }

    #[test]
    fn every_divisor_divides_exactly() {
        for n in 1..=1_000_u64 {
            let max = 16_383 * n + n / 2;
            let division = Division::new(max, n);
            let mut number = 0;
            while number <= max {
                for near in [number.saturating_sub(1), number, number + 1] {
                    assert_eq!(divide(&division, near.min(max)), near.min(max) / n, "{near} / {n}");
                }
                // Multiples of n, spread over the whole range.
                number += n * (1 + 16_383 / 37);
            }
            assert_eq!(divide(&division, max), max / n, "{max} / {n}");
        }
    }
}
