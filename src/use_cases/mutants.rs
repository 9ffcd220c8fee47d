//! Damaged inputs for tests: a good document, changed in ways that parsers get wrong.

use std::ops::Range;

/// A small generator, so that a failure comes again.
pub(super) struct Draw(u32);

impl Draw {
    pub(super) fn next(&mut self) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as usize
    }
}

/// How documents of one use case are damaged.
pub(super) struct Damage {
    /// At most so many bytes are added, less one.
    pub(super) added: usize,
    /// Where the counts of the shape stand, in bytes: any of them is overwritten.
    pub(super) counts: Range<usize>,
    /// Writes other counts, and gives the document the length that fits them.
    pub(super) reshape: fn(&mut Vec<u8>, &mut Draw),
}

/// 5,000 documents, each damaged one to three times: cut, lengthened, a bit flipped, a count overwritten, reshaped.
pub(super) fn mutants(good: &[u8], seed: u32, damage: &Damage) -> impl Iterator<Item = Vec<u8>> {
    let mut draw = Draw(seed);
    (0..5_000).map(move |_| {
        let mut mutant = good.to_vec();
        for _ in 0..=draw.next() % 3 {
            match draw.next() % 5 {
                0 => mutant.truncate(draw.next() % (good.len() + 1)),
                1 => mutant.extend(std::iter::repeat_n(0xA5, draw.next() % damage.added)),
                2 if !mutant.is_empty() => {
                    let at = draw.next() % mutant.len();
                    mutant[at] ^= 1 << (draw.next() % 8);
                }
                3 if mutant.len() > damage.counts.end => {
                    let at = damage.counts.start + draw.next() % damage.counts.len();
                    mutant[at] = draw.next() as u8;
                }
                _ if mutant.len() > damage.counts.end => (damage.reshape)(&mut mutant, &mut draw),
                _ => {}
            }
        }
        mutant
    })
}
