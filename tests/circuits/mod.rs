//! The circuits of the use cases: right on plain numbers for every shape, within their rules and budgets for every
//! shape, and right on ciphertexts.

mod ciphertexts;
mod counting;
mod nights;
mod weights;

use cipherdeck::fhe::circuit::Lanes;
use rand::{SeedableRng, rngs::SmallRng};

/// The numbers of up to 32 lists side by side: `digit(list, input)`.
fn side_by_side(inputs: usize, digit: impl Fn(usize, usize) -> i16) -> Vec<Lanes> {
    (0..inputs).map(|input| std::array::from_fn(|lane| digit(lane, input))).collect()
}

fn random(seed: u64) -> SmallRng {
    SmallRng::seed_from_u64(seed)
}
