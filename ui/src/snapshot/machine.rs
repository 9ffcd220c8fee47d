//! Load of the machine and of its GPUs.

use super::TaskId;
use crate::clock::Millis;

/// Load of the machine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Machine {
    /// Load of each core, 0..=1.
    pub cores: Vec<f32>,
    /// Mean load of the cores over time, oldest first, 0..=1.
    pub cpu: Vec<f32>,
    /// Used share of the memory over time, oldest first, 0..=1.
    pub memory: Vec<f32>,
    /// Bytes of memory in use.
    pub memory_used: u64,
    /// Bytes of memory.
    pub memory_total: u64,
    /// Bytes that this process uses.
    pub process: u64,
    /// Load average over 1, 5, 15 minutes.
    pub load: [f64; 3],
    /// Seconds between two samples.
    pub interval_s: u32,
    /// When the newest sample was taken: graphs of a fixed span need it.
    pub sampled: Millis,
}

/// Values over time, evenly spaced.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Oldest first.
    pub values: Vec<f32>,
    /// Milliseconds between two of them.
    pub interval_ms: i64,
    /// When the newest was taken.
    pub end: Millis,
}

/// One GPU.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gpu {
    /// Its number.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Share of the time at work, 0..=1; `None`: it does not say, as one in slices (MIG) does not.
    pub utilisation: Option<f32>,
    /// Bytes in use, and bytes in all; `None`: it does not say.
    pub memory: Option<(u64, u64)>,
    /// Degrees Celsius; `None`: it does not say.
    pub temperature_c: Option<u32>,
    /// Watts; `None`: it does not say.
    pub power_w: Option<f32>,
    /// Watts it may take.
    pub power_limit_w: Option<f32>,
    /// [`Self::utilisation`] over time.
    pub history: Series,
    /// Tasks that run on it.
    pub tasks: Vec<TaskId>,
}

/// What is known of GPUs.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Gpus {
    /// Nobody has looked yet.
    #[default]
    Unknown,
    /// There are none to show; a sentence says why.
    Absent(String),
    /// These.
    Found(Vec<Gpu>),
}

/// Server keys held in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyCache {
    /// Keys.
    pub entries: u64,
    /// Bytes they take.
    pub bytes: u64,
    /// Bytes they may take.
    pub capacity: u64,
    /// Times that a key was there.
    pub hits: u64,
    /// Times that it had to be loaded.
    pub misses: u64,
}

/// Programmable bootstraps, the unit of homomorphic work.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bootstraps {
    /// A second, now.
    pub per_second: f32,
    /// The same over time.
    pub history: Series,
}
