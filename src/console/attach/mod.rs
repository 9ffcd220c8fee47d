//! `cipherdeck attach`: the console of a server that already runs on this machine, through a socket in its data
//! directory.
//!
//! On the server's side:
//! - `socket`: takes its place in the file system, and leaves it. `listener`: accepts connections and counts who is in;
//!   `connection`: one of them, from its first byte to its last. `peer`: who it is, by the kernel's word.
//!
//! On the operator's side: `client` passes bytes between the terminal and the socket; `terminal`: keys and signals;
//! `patience`: with a server that does not react; `outcome`: what the person is told at the end.
//!
//! `protocol`: what travels in between. What a session is stands in `remote`.

mod client;
mod connection;
mod listener;
mod outcome;
mod patience;
mod peer;
mod protocol;
mod socket;
mod terminal;

pub use client::attach;
pub use listener::{Bound, Sessions, bind};
pub use outcome::{AttachError, Farewell};
pub use socket::SocketError;
