//! cpu
/// Cpu.
pub struct Cpu;
