//! Minimum, maximum and average of encrypted weights.

pub mod circuit;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod kernel;
mod payload;
pub mod rules;

pub use payload::{decrypt, encrypt};

use self::rules::{MAX_WEIGHT, MAX_WEIGHTS};
use super::{InputError, InputFacts, KernelError, Output, Parameter, UseCase, UseCaseInfo, blocks, wire::UseCaseId};
use crate::fhe::{Context, ServerKey};

/// The use case.
pub struct WeightStats;

impl UseCase for WeightStats {
    fn info(&self) -> UseCaseInfo {
        UseCaseInfo {
            name: UseCaseId::WeightStats.name(),
            description: "Exact minimum, maximum and average of encrypted weights. The average is rounded to the \
                          nearest 0.1 kg, half up.",
            input: "CDK1 document of use case 1: u32 number of weights, seed, then 7 encrypted digits of 2 bits for each \
                    weight in 0.1 kg, the least significant first.",
            output: "Three CDR1 documents named avg, min and max, each one value of 4 encrypted blocks of 4 bits, in \
                     0.1 kg.",
            parameters: vec![
                Parameter { name: "weights", value: format!("1..={MAX_WEIGHTS}") },
                Parameter { name: "weight", value: format!("0..={MAX_WEIGHT} (0.1 kg)") },
            ],
            needs_key: true,
            max_input_bytes: payload::MAX_INPUT_BYTES as u64,
        }
    }

    fn check(&self, input: &[u8]) -> Result<InputFacts, InputError> {
        payload::check(input)?;
        Ok(InputFacts { capability: self.capability() })
    }

    fn run(&self, key: Option<&ServerKey>, input: &[u8], context: &Context) -> Result<Output, KernelError> {
        let key = key.ok_or_else(|| KernelError::Refused("weight_stats needs an evaluation key".to_owned()))?;
        let input = payload::read(input).map_err(|error| KernelError::Refused(error.to_string()))?;
        let [avg, min, max] = kernel::run(key, &input, context)?;
        let document = |blocks| blocks::write_switched(UseCaseId::WeightStats, &[blocks]);
        Ok(Output::Named(vec![
            ("avg".to_owned(), document(avg)),
            ("min".to_owned(), document(min)),
            ("max".to_owned(), document(max)),
        ]))
    }
}

/// Statistics in 0.1 kg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    /// Smallest.
    pub min: u16,
    /// Largest.
    pub max: u16,
    /// Rounded half up.
    pub avg: u16,
}

#[cfg(test)]
mod tests;
