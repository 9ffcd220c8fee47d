//! The console over SSH: OpenSSH's own client in a pseudo-terminal, and a client that does what OpenSSH's does not.

mod hard;
mod hostile;
pub(crate) mod house;
mod program;
mod refusals;
mod sessions;
mod wire;
