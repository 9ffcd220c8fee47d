//! What the process observes of itself: log lines now; CPU and memory of the machine for the console.

pub mod logs;
pub mod sampler;
