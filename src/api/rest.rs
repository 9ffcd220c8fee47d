//! When a connection ends that rests: after a while, or when somebody else needs its place.

use std::{pin::Pin, sync::Arc, task::Context, time::Duration};

use futures::future::BoxFuture;
use tokio::time::{Instant, Sleep};

use super::places::{Share, TURN};

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
    /// request is answered, or its client takes nothing of the answer.
    pub(super) fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        self.left = self.left || self.leave.as_mut().poll(context).is_ready();
        loop {
            let idle = self.share.idle();
            if idle.is_some_and(|idle| (self.left && idle.may_leave()) || idle.since >= self.most) {
                return true;
            }
            // Looks no later than it may have to end.
            let most = if self.left { self.most.min(TURN) } else { self.most };
            let due = Instant::now() + most.saturating_sub(idle.map_or(Duration::ZERO, |idle| idle.since));
            if self.look.deadline() > due {
                self.look.as_mut().reset(due);
            }
            if self.look.as_mut().poll(context).is_pending() {
                return false;
            }
            self.look.as_mut().reset(due.max(Instant::now() + Duration::from_millis(1)));
        }
    }

    /// Does somebody else need the place?
    pub(super) const fn is_asked_to_leave(&self) -> bool {
        self.left
    }
}
