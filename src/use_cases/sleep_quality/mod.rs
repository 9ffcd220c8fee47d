//! Sleep quality after PSQI.

pub mod circuit;

use super::{InputError, InputFacts, KernelError, Output, UseCase, UseCaseInfo};
use crate::fhe::{ClientKeys, Context, ServerKey};
use crate::use_cases::wire::PayloadError;

/// The use case.
pub struct SleepQuality;

impl UseCase for SleepQuality {
    fn info(&self) -> UseCaseInfo {
        todo!()
    }
    fn check(&self, _input: &[u8]) -> Result<InputFacts, InputError> {
        todo!()
    }
    fn run(&self, _key: Option<&ServerKey>, _input: &[u8], _context: &Context) -> Result<Output, KernelError> {
        todo!()
    }
}

/// One record as people and devices write it: minutes on any one scale (end >= start).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// 0 in bed, 1 asleep unspecified, 2 awake, 3 core, 4 deep, 5 REM; anything else counts as awake.
    pub stage: u8,
    /// Minute.
    pub start: i64,
    /// Minute.
    pub end: i64,
}

/// Encrypts nights into a `CDK1` document, after the preparation that architecture.md asks of clients (order, missing
/// in-bed record, limits).
///
/// # Errors
/// [`PayloadError`].
pub fn encrypt(_keys: &ClientKeys, _nights: &[Vec<Record>]) -> Result<Vec<u8>, PayloadError> {
    todo!()
}

/// Decrypts a `CDR1` document, kind 1 or 2: one score (1..=5) per night.
///
/// # Errors
/// [`PayloadError`].
pub fn decrypt(_keys: &ClientKeys, _document: &[u8]) -> Result<Vec<u8>, PayloadError> {
    todo!()
}
