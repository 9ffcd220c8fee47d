//! cipherdeck: a homomorphic-encryption application server with a terminal operator console, in one process.
//!
//! The rooms, and the way arrows point between them (`cli -> bench -> api, worker, console, client -> use_cases, store,
//! blobs, monitor -> fhe, task`):
//!
//! - [`cli`]: one file per command; arguments in, exit code out.
//! - [`server`]: puts the parts of a running server together, and takes them apart when it drains.
//! - [`api`]: the HTTP contract, one file per resource.
//! - [`worker`]: claims tasks, runs kernels, publishes results; the server-key cache.
//! - [`console`]: fills the snapshots of `cipherdeck_ui` and executes its commands.
//! - [`operator`]: who looks and acts, and what they did.
//! - [`client`]: typed HTTP client and wallet.
//! - [`mod@bench`]: benchmarks of a whole server: single runs, load, their table and chart.
//! - [`use_cases`]: what is computed, each with its rules in the clear, payload and kernel.
//! - [`store`]: the durable queue behind one contract; [`blobs`]: keys, inputs and results, on disk or in a bucket;
//!   [`vault`]: key blobs, which uids share, added and removed without a gap.
//! - [`monitor`]: samples of the machine, log lines, metrics.
//! - [`fhe`]: parameters, untrusted keys, shared encrypted building blocks.
//! - [`task`]: tasks as facts. Pure.
//! - [`config`], [`codec`], [`text`], [`tls`], [`files`], [`priority`]: settings, our binary records, hostile text, encrypted
//!   connections, files that are replaced whole, threads that give way.

pub mod api;
pub mod bench;
pub mod blobs;
pub mod cli;
pub mod client;
pub mod codec;
pub mod config;
pub mod console;
pub mod fhe;
pub mod files;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod monitor;
pub mod operator;
pub mod priority;
pub mod server;
pub mod store;
pub mod task;
pub mod text;
pub mod tls;
pub mod use_cases;
pub mod vault;
pub mod worker;
