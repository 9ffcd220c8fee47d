//! Operators over real HTTP: their endpoints, roles and tokens, the audit log, and the commands that use them.

mod actions;
pub(crate) mod commands;
mod confirm;
mod help;
mod lists;
mod refusals;
mod restart;
mod roles;
mod secrecy;
mod tokens;
mod upgrade;
pub(crate) mod world;
