//! When a connection without a request ends: after a while, or when somebody else needs its place.

use std::{pin::Pin, sync::Arc, task::Context, time::Duration};

use futures::future::BoxFuture;
use tokio::time::{Instant, Sleep};

use super::places::Share;

/// Watches one connection.
pub(super) struct Rest {
    share: Arc<Share>,
    most: Duration,
    look: Pin<Box<Sleep>>,
    /// Somebody else needs the place.
    leave: BoxFuture<'static, ()>,
    left: bool,
}

impl Rest {
    pub(super) fn new(share: Arc<Share>, most: Duration) -> Self {
        let leave = Box::pin(share.leave().clone().cancelled_owned());
        Self { share, most, look: Box::pin(tokio::time::sleep(most)), leave, left: false }
    }

    /// Is it to end now? Otherwise `context` is woken when that may have changed. Who was asked to leave does so once its
    /// request is answered.
    pub(super) fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        self.left = self.left || self.leave.as_mut().poll(context).is_ready();
        loop {
            let idle = self.share.idle_for();
            if idle.is_some_and(|idle| self.left || idle >= self.most) {
                return true;
            }
            if self.look.as_mut().poll(context).is_pending() {
                return false;
            }
            let next = self.most.saturating_sub(idle.unwrap_or_default()).max(Duration::from_millis(1));
            self.look.as_mut().reset(Instant::now() + next);
        }
    }

    /// Does somebody else need the place?
    pub(super) const fn is_asked_to_leave(&self) -> bool {
        self.left
    }
}
