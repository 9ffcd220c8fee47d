//! The cryptography that use cases share: which parameters are accepted, how untrusted keys are read, what a running
//! kernel gets besides its inputs. Only `fhe`, `use_cases` and `client` name tfhe types.

mod client_keys;
mod context;
mod server_key;

pub use client_keys::ClientKeys;
pub use context::{Context, Interrupted};
pub use server_key::{KeyError, ServerKey, check_compressed_key};
