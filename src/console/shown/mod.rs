//! What the server knows, as the screens show it: plain values, nothing that must not be seen.

pub(super) mod audit;
pub(super) mod fleet;
pub(super) mod gpus;
pub(super) mod history;
pub(super) mod logs;
pub(super) mod rows;
