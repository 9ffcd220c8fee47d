//! The operator console over a real store, drawn into a terminal emulator; and the whole program in a pseudo-terminal.

mod actions;
mod changes;
pub(crate) mod emulator;
mod figures;
mod nvml;
mod program;
pub(crate) mod pty;
mod screens;
mod session;
pub(crate) mod world;
