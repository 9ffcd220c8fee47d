//! The encrypted statistics: the circuit on a client's ciphertexts.

use super::{circuit::circuit, payload::Input};
use crate::{
    fhe::{
        Context, DigitStream, ServerKey,
        circuit::{Cpu, Evaluator, Plan, SwitchedBlock, switch_all},
    },
    use_cases::KernelError,
};

/// Blocks of average, minimum and maximum, the least significant first.
pub(super) fn run(key: &ServerKey, input: &Input, context: &Context) -> Result<[Vec<SwitchedBlock>; 3], KernelError> {
    context.check()?;
    let circuit = circuit(input.weights);
    let plan = Plan::of(&circuit);
    plan.check().map_err(KernelError::Refused)?;
    let inputs = DigitStream::new(input.seed, &input.bodies).take(circuit.inputs());
    let inputs = inputs.into_iter().map(|digit| digit.ct).collect();
    let blocks = Cpu::new(key, context, plan.bootstraps).run(&circuit, inputs)?;
    let mut blocks = switch_all(key, &blocks, context)?;
    let max = blocks.split_off(2 * blocks.len() / 3);
    let min = blocks.split_off(blocks.len() / 2);
    Ok([blocks, min, max])
}
