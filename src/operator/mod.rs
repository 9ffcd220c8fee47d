//! What operators do, from whichever door they come: terminal, SSH, HTTP, command line.

mod actor;

pub use actor::{Actor, Door, Role};
