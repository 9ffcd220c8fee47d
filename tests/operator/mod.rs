//! Operators over real HTTP: their endpoints, roles and tokens, the audit log, and the commands that use them.

mod actions;
mod commands;
mod help;
mod lists;
mod refusals;
mod restart;
mod roles;
mod secrecy;
mod upgrade;
mod world;
