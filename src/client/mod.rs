//! The client's side: everything that happens between a person's numbers and their decrypted answer.
//!
//! - [`api`]: typed HTTP client of every endpoint that clients use.
//! - [`wallet`]: the secret key, the evaluation key and one uid per server, on disk.
//! - [`input`]: reads weights and nights as people write them.
//! - [`flow`]: keys -> uid -> encrypt -> start -> wait -> fetch -> decrypt, with recovery on the way.
//!
//! Nothing here prints: [`flow::Observer`] hears what happens, `cli::client` shows it.

pub mod api;
mod error;
pub mod flow;
pub mod input;
pub mod wallet;

pub use error::ClientError;
