//! The HTTP contract over real connections: a server in this process on a port of its own, the real store and blobs,
//! use cases that compute nothing, and a worker driven by the test.

mod cancel;
pub(crate) mod harness;
mod keys;
pub(crate) mod limits;
mod matrix;
mod pages;
mod results;
mod start;
mod status;
mod strangers;
mod vault;
mod waits;
