//! The bench commands: on servers of their own, on servers that run, and on one that answers wrongly.

mod history;
mod load;
mod program;
mod wrong;
