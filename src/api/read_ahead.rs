//! How far a multipart parser may read ahead.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use axum::body::Body;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};

/// Bytes that may be read beyond what fields have consumed: headers of parts, boundaries, one network buffer.
const SLACK: u64 = 1 << 20;

/// The multipart parser buffers what it cannot yet hand out. This bounds how far it may read ahead.
#[derive(Default)]
pub(super) struct Budget {
    read: AtomicU64,
    consumed: AtomicU64,
    exceeded: AtomicBool,
}

impl Budget {
    /// Fields have consumed so many bytes.
    pub(super) fn consume(&self, bytes: usize) {
        self.consumed.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Has too much come between the fields?
    pub(super) fn is_exceeded(&self) -> bool {
        self.exceeded.load(Ordering::Relaxed)
    }

    fn admit(&self, bytes: usize) -> bool {
        let read = self.read.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        let within = read <= self.consumed.load(Ordering::Relaxed) + SLACK;
        self.exceeded.fetch_or(!within, Ordering::Relaxed);
        within
    }
}

/// The body, ended with an error where the budget is exceeded.
pub(super) fn budgeted(body: Body, budget: Arc<Budget>) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    body.into_data_stream().map(move |chunk| {
        let chunk = chunk?;
        if budget.admit(chunk.len()) { Ok(chunk) } else { Err(axum::Error::new("too much between the fields")) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_ahead_is_bounded_while_consumed_bytes_are_not() {
        let budget = Budget::default();
        for _ in 0..100 {
            assert!(budget.admit(1 << 19));
            budget.consume(1 << 19);
        }
        assert!(budget.admit(1 << 20));
        assert!(!budget.admit(1), "one byte beyond the slack");
        assert!(budget.is_exceeded());
    }
}
