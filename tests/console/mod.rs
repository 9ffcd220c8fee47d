//! The operator console over a real store, drawn into a terminal emulator; and the whole program in a pseudo-terminal.

mod emulator;
mod program;
mod pty;
mod screens;
mod session;
mod world;
