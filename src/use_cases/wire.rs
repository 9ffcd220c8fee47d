//! Framing shared by the use cases' payloads: the `CDK1` and `CDR1` headers, bit packing.

/// Something in a payload is not as it must be. The sentence says what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PayloadError(pub String);
