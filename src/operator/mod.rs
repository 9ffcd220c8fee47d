//! What operators do, from whichever door they come: terminal, SSH, HTTP, command line.
//!
//! - [`Desk`]: the one implementation of every change, which also keeps the audit log.
//! - [`Actor`]: who it is, and what their role lets them do.
//! - [`tokens`]: who comes in through HTTP.

mod actor;
mod answer;
mod denials;
mod desk;
pub mod tokens;

pub use actor::{Actor, Door, Role};
pub use answer::{Answer, Denied};
pub use desk::{Benched, Desk};
