//! Minimum, maximum and average of encrypted weights.

pub mod circuit;

use super::{InputError, InputFacts, KernelError, Output, UseCase, UseCaseInfo};
use crate::fhe::{ClientKeys, Context, ServerKey};
use crate::use_cases::wire::PayloadError;

/// The use case.
pub struct WeightStats;

impl UseCase for WeightStats {
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

/// Encrypts weights (0.1 kg, at most 16,383 each, 1..=1000 of them) into a `CDK1` document.
///
/// # Errors
/// [`PayloadError`].
pub fn encrypt(_keys: &ClientKeys, _weights: &[u16]) -> Result<Vec<u8>, PayloadError> {
    todo!()
}

/// Decrypts one `CDR1` document of the answer (`avg`, `min` or `max`), kind 1 or 2.
///
/// # Errors
/// [`PayloadError`].
pub fn decrypt(_keys: &ClientKeys, _document: &[u8]) -> Result<u16, PayloadError> {
    todo!()
}
