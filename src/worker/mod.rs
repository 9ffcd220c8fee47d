//! Claims tasks, runs kernels, publishes results; keeps the cache of server keys.
//!
//! - [`Pool`]: the slots of this process, their shared threads, drain.
//! - `slot`: the claim loop of one slot. `job`: one claimed task from key and input to its finish.
//! - `running`: what runs now, and why something was told to stop. `roster`: what each slot does, and whether it may
//!   claim. `beat`: leases and this node's report, on an OS thread of its own, because kernels saturate the cores.
//! - [`KeyCache`]: decompressed server keys, those in use included, within a budget of bytes; each loaded once at a time.
//! - [`Pulse`]: whether the workers live.
//! - [`janitor`]: the sweep: expired tasks, unused keys, blobs that nothing refers to.

mod beat;
pub mod janitor;
mod job;
mod key_cache;
mod pool;
mod pulse;
mod roster;
mod running;
mod slot;

pub use key_cache::{Admission, CacheStats, KeyCache, KeyLease, Reservation};
pub use pool::{Parts, Pool, PoolError, process_name};
pub use pulse::Pulse;
