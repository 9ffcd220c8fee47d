//! What the process observes of itself and of its past.
//!
//! - [`logs`]: log lines, and windows of them. [`history`]: what the run history says.
//! - [`disk`]: is there room for more?
//! - [`sampler`]: load of the machine. [`gpu`]: its GPUs. [`on_demand`]: both only while somebody looks.

pub mod disk;
pub mod gpu;
pub mod history;
pub mod logs;
pub mod on_demand;
pub mod past;
pub mod sampler;
