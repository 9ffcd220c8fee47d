//! Says whether settings can be what a server runs with: each value within its bounds, and what depends on another one.

use super::{ConfigError, Role, SQLITE, Settings, blobs_url, doors, otlp_url, store_url};
use crate::{monitor::logs, text::sanitise};

/// Opens and binds nothing.
///
/// # Errors
/// [`ConfigError::Value`], naming the first setting that is wrong, its value and what is allowed.
pub(super) fn judge(settings: &Settings) -> Result<(), ConfigError> {
    let between = |name: &'static str, value: u64, min: u64, max: u64| {
        if (min..=max).contains(&value) {
            return Ok(());
        }
        Err(ConfigError::Value { name, value: value.to_string(), allowed: format!("allowed is {min}..={max}") })
    };
    let Settings { server, ssh, worker, limits, retention, log, .. } = settings;
    between("server.header_timeout_s", server.header_timeout_s, 1, 300)?;
    between("server.upload_timeout_s", server.upload_timeout_s, 1, 86_400)?;
    between("server.idle_timeout_s", server.idle_timeout_s, 1, 3_600)?;
    between("server.upload_min_rate", server.upload_min_rate, 0, 1 << 30)?;
    between("server.upload_window_s", server.upload_window_s, 1, 3_600)?;
    between("server.max_connections", server.max_connections as u64, 1, 1_000_000)?;
    between("server.max_connections_per_address", server.max_connections_per_address as u64, 0, 1_000_000)?;
    between("server.drain_grace_s", server.drain_grace_s, 0, 86_400)?;
    between("ssh.max_sessions", ssh.max_sessions as u64, 1, 256)?;
    between("worker.count", worker.count as u64, 0, 256)?;
    between("worker.threads", worker.threads as u64, 0, 4_096)?;
    between("worker.attempts", u64::from(worker.attempts), 1, 100)?;
    // Three heartbeats at least.
    between("worker.lease_s", worker.lease_s, 3, 3_600)?;
    between("worker.time_limit_s", worker.time_limit_s, 1, 604_800)?;
    between("worker.key_cache_mib", worker.key_cache_mib, 100, 1_048_576)?;
    between("limits.key_mib", limits.key_mib, 1, 1_024)?;
    between("limits.concurrent_key_checks", limits.concurrent_key_checks as u64, 1, 64)?;
    between("limits.waiting_key_checks", limits.waiting_key_checks as u64, 0, 10_000)?;
    between("limits.waiting", limits.waiting, 1, 10_000_000)?;
    between("limits.waiting_per_client", limits.waiting_per_client, 1, 10_000_000)?;
    between("limits.keyless_uids", limits.keyless_uids, 0, 10_000_000)?;
    between("limits.uids_per_client", limits.uids_per_client, 0, 10_000_000)?;
    between("limits.uploads", limits.uploads as u64, 1, 100_000)?;
    between("limits.uploads_per_client", limits.uploads_per_client as u64, 0, 100_000)?;
    between("limits.requests_per_client", limits.requests_per_client.into(), 0, 1_000_000)?;
    between("limits.requests_per_client_burst", limits.requests_per_client_burst.into(), 1, 1_000_000)?;
    between("limits.requests_per_address", limits.requests_per_address.into(), 0, 1_000_000)?;
    between("limits.requests_per_address_burst", limits.requests_per_address_burst.into(), 1, 1_000_000)?;
    between("limits.disk_free_mib", limits.disk_free_mib, 0, 1 << 30)?;
    between("retention.result_ttl_s", retention.result_ttl_s, 1, 31_536_000)?;
    between("retention.key_ttl_s", retention.key_ttl_s, 60, 315_360_000)?;
    between("retention.keyless_ttl_s", retention.keyless_ttl_s, 60, 315_360_000)?;
    between("retention.runs", retention.runs, 1, 100_000_000)?;
    between("retention.audit", retention.audit, 1_000, 100_000_000)?;
    between("retention.sweep_every_s", retention.sweep_every_s, 1, 86_400)?;
    between("log.ring_lines", log.ring_lines as u64, 1, 1_000_000)?;
    store_url::check(&settings.store)?;
    blobs_url::check(&settings.blobs.url)?;
    check_role(settings)?;
    if let Err(error) = logs::filter(&log.level) {
        let value = sanitise(&log.level, 200);
        return Err(ConfigError::Value { name: "log.level", value, allowed: error.to_string() });
    }
    otlp_url::check(&settings.otlp.endpoint)?;
    doors::check(settings)
}

/// One server of several needs the others' store, and a worker something to work with.
fn check_role(settings: &Settings) -> Result<(), ConfigError> {
    let role = settings.server.role;
    let wrong = |allowed: &str| {
        Err(ConfigError::Value { name: "server.role", value: role.word().to_owned(), allowed: allowed.to_owned() })
    };
    match role {
        Role::Api | Role::Worker if settings.store.url == SQLITE => wrong(
            "the embedded store belongs to one server that does all; share a Redis with --store redis://host:port/db",
        ),
        Role::Worker if settings.worker.count == 0 => wrong("a worker needs worker.count (--workers) of at least 1"),
        Role::All | Role::Api | Role::Worker => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::load::tests::with_file;

    #[test]
    fn a_wrong_setting_is_named_with_its_value_and_what_is_allowed() {
        for (text, expected) in [
            ("[worker]\ncount = 1000", vec!["worker.count", "1000", "0..=256"]),
            ("[worker]\ncount = \"many\"", vec!["worker.count", "many", "integer"]),
            ("[worker]\nthreds = 2", vec!["threds", "threads"]),
            ("[log]\nlevel = \"a=b=c\"", vec!["log.level", "a=b=c", "debug"]),
            ("[log]\nlevel = \"inof\"", vec!["log.level", "inof", "debug"]),
            ("[otlp]\nendpoint = \"collector\"", vec!["otlp.endpoint", "collector", "http://127.0.0.1:4318"]),
            ("[server]\nlisten = \"0.0.0.0:8082\"", vec!["server.listen", "0.0.0.0:8082", "loopback"]),
            ("[ssh]\nlisten = \"2222\"", vec!["ssh.listen", "2222", "127.0.0.1:2222"]),
            ("[ssh]\nmax_sessions = 0", vec!["ssh.max_sessions", "0", "1..=256"]),
            ("[store]\nurl = \"postgres://x\"", vec!["store.url", "postgres://x", "sqlite"]),
            ("[blobs]\nurl = \"gs://x\"", vec!["blobs.url", "gs://x", "s3://bucket/prefix"]),
            ("[server]\nrole = \"worker\"", vec!["server.role", "worker", "redis://"]),
            ("[server]\nrole = \"both\"", vec!["server.role", "both", "worker"]),
            (
                "[server]\nrole = \"worker\"\n[store]\nurl = \"redis://h\"\n[worker]\ncount = 0",
                vec!["server.role", "worker", "--workers"],
            ),
            ("\nnonsense", vec![".toml", "line 2, column 9", "key with no value"]),
        ] {
            let message = with_file(text).unwrap_err().to_string();
            for part in expected {
                assert!(message.contains(part), "{text:?} gives {message:?}, which lacks {part:?}");
            }
        }
    }
}
