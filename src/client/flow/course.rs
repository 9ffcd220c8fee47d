//! What a run took and moved.

use serde::Serialize;

/// Seconds per phase. A phase that was not needed is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Timing {
    /// Drawing the secret key and computing the evaluation key.
    pub keygen_s: f64,
    /// Encrypting the input.
    pub encrypt_s: f64,
    /// Registering, sending the evaluation key and the input, until the server had checked and stored them.
    pub upload_s: f64,
    /// Enqueue to claim, by the server's clock.
    pub queue_s: f64,
    /// Claim to end, by the server's clock.
    pub server_s: f64,
    /// Fetching the catalogue and the result.
    pub download_s: f64,
    /// Decrypting.
    pub decrypt_s: f64,
    /// All of it, by the client's clock.
    pub end_to_end_s: f64,
}

/// Bytes that went over the wire in this run; the key's are 0 when the server had it already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// Evaluation key.
    pub key: u64,
    /// Encrypted input.
    pub input: u64,
    /// Encrypted result.
    pub output: u64,
}

/// Collected on the way.
#[derive(Debug, Clone, Default)]
pub(super) struct Course {
    pub(super) timing: Timing,
    pub(super) sizes: Sizes,
}
