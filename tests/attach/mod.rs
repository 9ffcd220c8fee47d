//! `cipherdeck attach`: the real program in a pseudo-terminal, and peers that do what it does not.

mod hard;
mod hostile;
mod house;
mod peer;
mod program;
mod refusals;
mod sessions;
