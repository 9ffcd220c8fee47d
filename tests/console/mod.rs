//! The operator console over a real store, drawn into a terminal emulator; and the whole program in a pseudo-terminal.

mod actions;
mod emulator;
mod figures;
mod program;
mod pty;
mod screens;
mod session;
mod world;
