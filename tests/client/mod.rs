//! The client: its flow against a scripted server, its command as a process.

pub(crate) mod command;
mod flow;
mod help;
mod keyed;
mod mock;
mod real;
