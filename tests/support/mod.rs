//! What several subjects need: a use case without cryptography, for tests of everything around it, and waiting for
//! events instead of sleeping.

pub mod fake;
pub mod keys;
pub mod process;
pub mod redis;
pub mod wait;
