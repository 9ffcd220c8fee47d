//! The order of the queue.

/// A place in the queue; lower runs first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct QueueKey {
    /// Minus the priority.
    pub(super) band: i8,
    /// Virtual time.
    pub(super) vt: i64,
    /// Order of queueing.
    pub(super) seq: i64,
}
