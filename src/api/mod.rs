//! The HTTP contract: one file per resource.

mod state;

pub use state::ApiState;
