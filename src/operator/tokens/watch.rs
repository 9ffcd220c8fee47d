//! Tokens are made and revoked beside the server, by `cipherdeck token` or by hand. The server looks at their file once a
//! second and writes what has become of them into the audit log.

use std::{path::Path, time::Duration};

use tokio::{
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    super::{Actor, Desk},
    ledger::Ledger,
    stamp::Stamp,
};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// Writes changes of a token file into the audit log.
pub struct Watch {
    ledger: Ledger,
    desk: Desk,
    actor: Actor,
    /// The state of the file about which there is nothing left to write.
    settled: Option<Stamp>,
    /// What was complained of last, so that the log is not filled with it.
    complaint: Option<String>,
}

impl Watch {
    /// Of this token file and the audit log of the store of this name. `node` is who writes.
    pub fn new(file: &Path, data_dir: &Path, store: Uuid, desk: Desk, node: &str) -> Self {
        let ledger = Ledger::new(file, store, data_dir);
        Self { ledger, desk, actor: Actor::server(node), settled: None, complaint: None }
    }

    /// Looks until `ended` is cancelled.
    pub async fn run(mut self, ended: CancellationToken) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = ended.cancelled() => return,
                _ = ticks.tick() => self.look().await,
            }
        }
    }

    /// Looks once, and writes what the log does not know yet. What cannot be read or written now is looked at again the
    /// next time.
    pub async fn look(&mut self) {
        match self.write().await {
            Ok(()) => self.complaint = None,
            Err(complaint) if self.complaint.as_ref() == Some(&complaint) => {}
            Err(complaint) => {
                tracing::error!(error = complaint, "changes of the tokens cannot be written into the audit log");
                self.complaint = Some(complaint);
            }
        }
    }

    async fn write(&mut self) -> Result<(), String> {
        let (ledger, settled) = (self.ledger.clone(), self.settled.clone());
        let looked = spawn_blocking(move || {
            // Before the file is read: what changes in between is seen the next time.
            let stamp = Stamp::of(ledger.tokens());
            if settled.as_ref() == Some(&stamp) {
                return Ok(None);
            }
            Ok(ledger.draft()?.map(|draft| (stamp, draft)))
        });
        let looked = looked.await.map_err(|error| error.to_string())?;
        let Some((stamp, draft)) = looked.map_err(|error: super::TokenError| error.to_string())? else { return Ok(()) };
        if draft.changes.is_empty() {
            self.settled = Some(stamp);
        } else {
            let acts = draft.changes.iter().map(|change| (change.action, change.object.clone())).collect();
            self.desk.enter(&self.actor, acts).await.map_err(|error| error.to_string())?;
            for change in &draft.changes {
                tracing::info!(action = change.action, object = change.object, "the tokens have changed");
            }
            // Also if the ledger cannot be kept: the same rows again every second would push all others out of the log.
            self.settled = Some(stamp);
            let kept = spawn_blocking(move || draft.keep()).await.map_err(|error| error.to_string())?;
            kept.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}
