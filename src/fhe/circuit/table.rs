//! Tables: what one bootstrap can compute.

use std::ops::RangeInclusive;

/// Points of the torus that a table tells apart: digits live modulo 32, and a table reads 16 of them.
const POINTS: i32 = 32;
const CELLS: usize = 16;

/// `N` functions of one digit, computed by one bootstrap.
///
/// A bootstrap reads its input modulo 32 from 16 cells, and gives the *negated* cell in the upper half: f(x + 16) =
/// -f(x), the padding bit. With N > 1 outputs, function k reads the cells from 16 k / N on. Not every set of functions
/// fits; [`Table::new`] lays a set out on the given domain, and refuses one that contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table<const N: usize> {
    pub(super) cells: Cells,
    low: i32,
    high: i32,
}

/// The cells in half steps (2^58 of the torus) and the number of functions: all that an evaluator needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cells {
    /// Outputs for inputs 0..=15.
    pub values: [i8; CELLS],
    /// Functions that share the cells.
    pub outputs: u8,
}

impl Cells {
    /// Cells between the beginnings of two functions.
    pub fn stride(self) -> usize {
        CELLS / usize::from(self.outputs.max(1))
    }

    /// What function `slot` gives at the whole number `x`, in half steps.
    pub fn at(self, x: i32, slot: usize) -> i32 {
        let position = (x + (slot * self.stride()) as i32).rem_euclid(POINTS) as usize;
        let value = |cell: usize| i32::from(self.values.get(cell).copied().unwrap_or(0));
        if position < CELLS { value(position) } else { -value(position - CELLS) }
    }
}

impl<const N: usize> Table<N> {
    /// Functions with whole outputs on `domain`.
    ///
    /// # Panics
    /// If the functions contradict each other or the sign rule: a programming error, found by the first test that
    /// touches the table.
    pub fn new(domain: RangeInclusive<i32>, functions: impl Fn(i32) -> [i32; N]) -> Self {
        Self::halves(domain, |x| functions(x).map(|value| 2 * value))
    }

    /// Functions with outputs in half steps.
    ///
    /// # Panics
    /// As [`Table::new`].
    pub fn halves(domain: RangeInclusive<i32>, functions: impl Fn(i32) -> [i32; N]) -> Self {
        let mut cells: [Option<i8>; CELLS] = [None; CELLS];
        let stride = CELLS / N;
        for x in domain.clone() {
            for (slot, value) in functions(x).into_iter().enumerate() {
                let position = (x + (slot * stride) as i32).rem_euclid(POINTS) as usize;
                let value = if position < CELLS { value } else { -value };
                let value = i8::try_from(value).ok();
                assert!(value.is_some(), "a cell holds at most 63 steps");
                let Some(cell) = cells.get_mut(position % CELLS) else { continue };
                assert!(cell.is_none() || *cell == value, "functions contradict each other at {x}, function {slot}");
                *cell = value;
            }
        }
        let values = cells.map(Option::unwrap_or_default);
        Self { cells: Cells { values, outputs: N as u8 }, low: *domain.start(), high: *domain.end() }
    }

    /// What the first function gives at `x`, in half steps.
    #[cfg(test)]
    pub(crate) fn image_at(&self, x: i32) -> i32 {
        assert!(self.covers(x, x), "{x}");
        self.cells.at(x, 0)
    }

    /// Is the table made for inputs in `low..=high`?
    pub(super) fn covers(&self, low: i32, high: i32) -> bool {
        self.low <= low && high <= self.high
    }

    /// Smallest and largest output (half steps) of function `slot` for inputs in `low..=high`; none if some outputs
    /// are whole and some are not.
    pub(super) fn image(&self, low: i32, high: i32, slot: usize) -> Option<(i32, i32)> {
        let values = || (low.max(self.low)..=high.min(self.high)).map(|x| self.cells.at(x, slot));
        let (smallest, largest) = (values().min()?, values().max()?);
        values().all(|value| (value - smallest) % 2 == 0).then_some((smallest, largest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gives_its_functions_on_its_whole_domain() {
        let floor = Table::new(0..=19, |x| [x / 4 - 2]);
        assert!((0..=19).all(|x| floor.cells.at(x, 0) == 2 * (x / 4 - 2)));
        let pair = Table::new(0..=7, |x| [x & 3, x >> 2]);
        assert!((0..=7).all(|x| (pair.cells.at(x, 0), pair.cells.at(x, 1)) == (2 * (x & 3), 2 * (x >> 2))));
        assert!(pair.covers(0, 7) && !pair.covers(0, 8) && !pair.covers(-1, 7));
        assert_eq!(pair.image(0, 5, 1), Some((0, 2)));
    }

    #[test]
    #[should_panic(expected = "contradict")]
    fn a_function_that_breaks_the_sign_rule_is_refused() {
        let _ = Table::new(0..=16, |x| [x]);
    }

    #[test]
    #[should_panic(expected = "contradict")]
    fn functions_that_overlap_are_refused() {
        let _ = Table::new(0..=8, |x| [x, x + 1]);
    }
}
