//! The use cases. One is added by a folder and a line in [`Registry::standard`].
//!
//! Each folder has `rules.rs` (the function in the clear: specification and test oracle), `payload.rs` (what the client
//! encrypts and what comes back) and `kernel.rs` (the encrypted function).

pub mod ad_targeting;
pub mod blocks;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
#[cfg(test)]
mod mutants;
mod registry;
pub mod sleep_quality;
mod use_case;
pub mod weight_stats;
pub mod wire;

pub use registry::Registry;
pub use use_case::{InputError, InputFacts, KernelError, Output, Parameter, UseCase, UseCaseInfo};
