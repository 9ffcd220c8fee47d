//! What a store needs to know besides its place.

use std::time::Duration;

use crate::task::Clock;

/// Rules that the store enforces itself, because only it can do so atomically.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Where its "now" comes from.
    pub clock: Clock,
    /// A task whose workers were lost so often fails.
    pub attempts: u32,
    /// Tasks waiting in all.
    pub waiting: u64,
    /// Tasks waiting of one client.
    pub waiting_per_client: u64,
    /// Uids without a key.
    pub keyless_uids: u64,
    /// Uids of one client, with a key or without; 0: any number.
    pub uids_per_client: u64,
    /// From a task's end to its expiry.
    pub result_ttl: Duration,
    /// From a key's last use to its expiry.
    pub key_ttl: Duration,
    /// The same for a uid without a key.
    pub keyless_ttl: Duration,
    /// Rows of the run history.
    pub runs: u64,
    /// Rows of the audit log.
    pub audit: u64,
    /// Events a slow reader may lag behind before it is told to reload.
    pub event_backlog: usize,
}

impl StoreOptions {
    /// From the settings, with the machine's clock.
    pub fn from_settings(settings: &crate::config::Settings) -> Self {
        let (limits, retention) = (&settings.limits, &settings.retention);
        Self {
            clock: Clock::system(),
            attempts: settings.worker.attempts,
            waiting: limits.waiting,
            waiting_per_client: limits.waiting_per_client,
            keyless_uids: limits.keyless_uids,
            uids_per_client: limits.uids_per_client,
            result_ttl: Duration::from_secs(retention.result_ttl_s),
            key_ttl: Duration::from_secs(retention.key_ttl_s),
            keyless_ttl: Duration::from_secs(retention.keyless_ttl_s),
            runs: retention.runs,
            audit: retention.audit,
            event_backlog: 4096,
        }
    }
}
