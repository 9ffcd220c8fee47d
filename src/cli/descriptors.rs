//! Asks the system for the descriptors that the settings need.
//!
//! Each connection is one. Most systems let a process have 1,024 until it asks for more, and half of the connections that
//! a server serves by default would then be refused, the store's files among them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Settings;

/// For everything that is no connection of HTTP: the store, blobs, consoles, uploads.
const OTHERS: u64 = 1_024;

/// Raises the limit to what is needed, as far as it goes; warns where that is not far enough.
pub(super) fn ask_for(settings: &Settings) {
    let listeners = 1 + u64::from(settings.operator.listen.is_some());
    let needed = settings.server.max_connections as u64 * listeners + OTHERS;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = enough(current, maximum, needed);
    if let Some(more) = wanted {
        let raised = Rlimit { current: Some(more), maximum };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(%error, "the limit of open files cannot be raised");
        }
    }
    let allowed = getrlimit(Resource::Nofile).current;
    if let Some(allowed) = allowed.filter(|allowed| *allowed < needed) {
        tracing::warn!(
            allowed,
            needed,
            "too few files may be open for server.max_connections: raise the limit (LimitNOFILE= of systemd, `ulimit -Hn`), \
             or lower the setting"
        );
    }
}

/// The limit to ask for, if the current one does not do; `None` in a limit is no limit.
fn enough(current: Option<u64>, maximum: Option<u64>, needed: u64) -> Option<u64> {
    let wanted = maximum.map_or(needed, |maximum| maximum.min(needed));
    current.filter(|current| *current < wanted).map(|_| wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_asked_for_than_is_needed_and_may_be_had() {
        assert_eq!(enough(Some(1_024), Some(20_000), 3_072), Some(3_072));
        assert_eq!(enough(Some(1_024), None, 3_072), Some(3_072));
        assert_eq!(enough(Some(1_024), Some(2_000), 3_072), Some(2_000));
        assert_eq!(enough(Some(4_096), Some(20_000), 3_072), None);
        assert_eq!(enough(Some(1_024), Some(1_024), 3_072), None);
        assert_eq!(enough(None, None, 3_072), None);
    }
}
