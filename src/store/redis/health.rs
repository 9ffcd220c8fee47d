//! Is this Redis fit to be the cluster's memory? Looked at once, at the start; what is wrong is said loudly.

use std::collections::HashMap;

/// The oldest version whose commands the scripts use.
const OLDEST: (u32, u32) = (6, 2);

/// What an operator has to change, from the text of `INFO`.
pub(super) fn complaints(info: &str) -> Vec<String> {
    let facts: HashMap<&str, &str> = info.lines().filter_map(|line| line.trim().split_once(':')).collect();
    let fact = |name: &str| facts.get(name).copied().unwrap_or("unknown");
    let mut complaints = Vec::new();
    let version = fact("redis_version");
    let mut numbers = version.split('.').map_while(|part| part.parse::<u32>().ok());
    if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < OLDEST {
        complaints.push(format!("its version is {version}; 6.2 or newer is needed"));
    }
    if fact("aof_enabled") != "1" {
        complaints
            .push("it keeps no append-only file: accepted tasks are lost when it stops (appendonly yes)".to_owned());
    }
    if fact("maxmemory_policy") != "noeviction" {
        let policy = fact("maxmemory_policy");
        complaints
            .push(format!("it throws tasks away when memory is short (maxmemory-policy is {policy}, not noeviction)"));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unfit_setting_is_named_and_a_fit_redis_gives_no_complaint() {
        let fit = "# Server\r\nredis_version:7.0.15\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\n";
        assert!(complaints(fit).is_empty());
        assert!(complaints(&fit.replace("7.0.15", "6.2.0")).is_empty());
        for (good, bad, word) in [
            ("redis_version:7.0.15", "redis_version:6.0.16", "6.0.16"),
            ("aof_enabled:1", "aof_enabled:0", "append-only"),
            ("policy:noeviction", "policy:allkeys-lru", "allkeys-lru"),
        ] {
            let found = complaints(&fit.replace(good, bad));
            assert!(found.len() == 1 && found[0].contains(word), "{found:?}");
        }
        assert_eq!(complaints("").len(), 3);
    }
}
