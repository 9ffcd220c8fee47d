//! The encrypted scores: the circuit on a client's ciphertexts.
//!
//! Nights run side by side as long as they have no more records together than the longest night may have: a record is
//! 180 KB of ciphertexts, and one long night keeps all cores busy by itself.

use super::{circuit::circuit, payload::Input, rules::MAX_RECORDS};
use crate::{
    fhe::{
        Context, DigitStream, ServerKey,
        circuit::{Circuit, Cpu, Evaluator, Plan, SwitchedBlock, switch_all},
    },
    use_cases::KernelError,
};

/// One output of one block for each night.
pub(super) fn run(key: &ServerKey, input: &Input, context: &Context) -> Result<Vec<Vec<SwitchedBlock>>, KernelError> {
    let circuits: Vec<Circuit> = groups(&input.nights).into_iter().map(circuit).collect();
    let mut planned = 0;
    for circuit in &circuits {
        context.check()?;
        let plan = Plan::of(circuit);
        plan.check().map_err(KernelError::Refused)?;
        planned += plan.bootstraps;
    }
    let cpu = Cpu::new(key, context, planned);
    let mut digits = DigitStream::new(input.seed, &input.bodies);
    let mut scores = Vec::with_capacity(input.nights.len());
    for circuit in &circuits {
        let inputs = digits.take(circuit.inputs()).into_iter().map(|digit| digit.ct).collect();
        let blocks = cpu.run(circuit, inputs)?;
        scores.extend(switch_all(key, &blocks, context)?.into_iter().map(|block| vec![block]));
    }
    Ok(scores)
}

/// Consecutive nights of at most 128 records together.
fn groups(nights: &[usize]) -> Vec<&[usize]> {
    let mut groups = Vec::new();
    let (mut begin, mut records) = (0, 0);
    for (end, night) in nights.iter().enumerate() {
        if records + night > MAX_RECORDS && begin < end {
            groups.extend(nights.get(begin..end));
            (begin, records) = (end, 0);
        }
        records += night;
    }
    groups.extend(nights.get(begin..).filter(|rest| !rest.is_empty()));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_nights_share_a_circuit_and_long_ones_do_not() {
        assert_eq!(groups(&[5]), [&[5][..]]);
        assert_eq!(groups(&[64, 64, 1]), [&[64, 64][..], &[1]]);
        assert_eq!(groups(&[128, 128, 100, 28, 5]), [&[128][..], &[128], &[100, 28], &[5]]);
        let month = [128; 31];
        assert_eq!(groups(&month).concat(), month);
    }
}
