//! The claim loop of one slot.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::sync::broadcast::error::RecvError;

use super::{
    job::Job,
    pool::Shared,
    roster::{DEVICE, Seat},
};
use crate::{
    store::{Claim, ClaimRequest, EventKind, Events, or_lagged},
    task::{Status, Token},
};

/// After the store has failed.
const RETRY: Duration = Duration::from_secs(1);

/// An idle slot looks for work at least so often where the store is shared: its events are a path that may be blocked
/// while the queue is not.
const LOOK: Duration = Duration::from_secs(5);

/// One slot: one task at a time.
pub(super) struct Slot {
    shared: Arc<Shared>,
    seat: Arc<Seat>,
    capabilities: BTreeSet<String>,
}

impl Slot {
    pub(super) fn new(shared: Arc<Shared>, seat: Arc<Seat>) -> Self {
        let capabilities = shared.parts.use_cases.capabilities();
        Self { shared, seat, capabilities }
    }

    pub(super) async fn run(self) {
        // Subscribed before the first claim, so that no task queued in between is overlooked.
        let mut events = self.shared.parts.store.events();
        let mut nonce = Token::random();
        while self.may_claim().await {
            match self.claim(nonce).await {
                Ok(Some(claim)) => {
                    nonce = Token::random();
                    self.seat.begins(&claim.task);
                    let ended = Job::new(Arc::clone(&self.shared), claim).run().await;
                    self.seat.ended(ended);
                }
                Ok(None) => self.wait_for_work(&mut events).await,
                Err(error) => {
                    // The same nonce again: if the claim was committed after all, it gives the same task.
                    tracing::warn!(%error, worker = %self.seat.worker, "claiming failed");
                    let _ = tokio::time::timeout(RETRY, self.shared.closing.cancelled()).await;
                }
            }
        }
    }

    /// Waits while the slot is told to claim nothing. `false`: the pool closes.
    async fn may_claim(&self) -> bool {
        tokio::select! {
            biased;
            () = self.shared.closing.cancelled() => false,
            () = self.seat.may_claim() => true,
        }
    }

    async fn claim(&self, nonce: Token) -> crate::store::Result<Option<Claim>> {
        let request = ClaimRequest {
            worker: self.seat.worker.clone(),
            nonce,
            capabilities: self.capabilities.clone(),
            device: DEVICE.to_owned(),
        };
        self.shared.parts.store.claim(request).await
    }

    /// Returns when there may be something to claim.
    async fn wait_for_work(&self, events: &mut Events) {
        let look = if self.shared.parts.store.is_shared() { LOOK } else { Duration::MAX };
        let _ = tokio::time::timeout(look, self.hear_of_work(events)).await;
    }

    /// Returns when an event says that there may be something to claim, or when the pool closes.
    async fn hear_of_work(&self, events: &mut Events) {
        loop {
            tokio::select! {
                event = events.recv() => match or_lagged(event).map(|event| event.kind) {
                    Ok(EventKind::Task { status: Some(Status::Queued), .. } | EventKind::Paused { paused: false, .. })
                    | Err(RecvError::Lagged(_)) => return,
                    Ok(_) => {}
                    // The store is closing.
                    Err(RecvError::Closed) => return self.shared.closing.cancelled().await,
                },
                () = self.shared.closing.cancelled() => return,
            }
        }
    }
}
