//! What people write: weights in kg, nights of sleep. Every error says where it is and what is expected.

mod nights;
mod source;
mod stage;
mod weights;

pub use nights::{MAX_NIGHTS, read_nights};
pub use source::{Source, read_source};
pub use weights::{MAX_WEIGHTS, kg, parse_weight, read_weights};

/// What is wrong with an input, where, and what is expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct InputError {
    /// File and line, or night and record, or the argument itself.
    pub place: String,
    /// One sentence.
    pub problem: String,
}

impl InputError {
    fn at(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }
}
