//! Sleep quality after PSQI.

pub mod circuit;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod kernel;
mod payload;
mod prepare;
pub mod rules;

pub use payload::{decrypt, encrypt};
pub use prepare::Record;

use self::rules::{MAX_MINUTES, MAX_NIGHTS, MAX_RECORDS};
use super::{InputError, InputFacts, KernelError, Output, Parameter, UseCase, UseCaseInfo, blocks, wire::UseCaseId};
use crate::fhe::{Context, ServerKey};

/// The use case.
pub struct SleepQuality;

impl UseCase for SleepQuality {
    fn info(&self) -> UseCaseInfo {
        UseCaseInfo {
            name: UseCaseId::SleepQuality.name(),
            description: "A score for each encrypted night, 1 (excellent) to 5 (poor), from sleep time, efficiency and \
                          latency as in the Pittsburgh Sleep Quality Index.",
            input: "CDK1 document of use case 2: u32 number of nights, u16 number of records of each, seed, then for \
                    each record 11 encrypted digits: stage (0 in bed, 1 asleep, 2 awake, 3 core, 4 deep, 5 REM), start \
                    and duration in minutes from the night's first record (5 digits of 2 bits each, the least \
                    significant first). Records are sorted by start.",
            output: "One CDR1 document with one encrypted block of 4 bits, the score, for each night in input order.",
            parameters: vec![
                Parameter { name: "nights", value: format!("1..={MAX_NIGHTS}") },
                Parameter { name: "records per night", value: format!("1..={MAX_RECORDS}") },
                Parameter { name: "start and duration", value: format!("0..={MAX_MINUTES} (minutes)") },
                Parameter { name: "stage", value: "0..=7 (6 and 7 count as awake)".to_owned() },
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
        let key = key.ok_or_else(|| KernelError::Refused("sleep_quality needs an evaluation key".to_owned()))?;
        let input = payload::read(input).map_err(|error| KernelError::Refused(error.to_string()))?;
        let scores = kernel::run(key, &input, context)?;
        Ok(Output::One(blocks::write_switched(UseCaseId::SleepQuality, &scores)))
    }
}

#[cfg(test)]
mod tests;
