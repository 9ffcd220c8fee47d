//! What has happened so far.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

/// Problems beyond these are only counted.
const KEPT: usize = 20;

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counts of events, and what went wrong.
        #[derive(Default)]
        pub(super) struct Tally {
            $($(#[$doc])* pub(super) $name: Count,)*
            problems: Mutex<Vec<String>>,
        }

        impl Tally {
            fn counts(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name.get()),)*]
            }
        }
    };
}

counts! {
    /// Evaluation keys uploaded.
    keys,
    /// Uids given.
    uids,
    /// Uids deleted by their clients.
    deleted,
    /// Uids found gone after their time.
    uids_expired,
    /// Tasks accepted.
    accepted,
    /// Tasks whose answer was fetched, decrypted and right.
    right,
    /// Tasks cancelled.
    cancelled,
    /// Tasks found gone after their time.
    tasks_expired,
    /// Long polls that their clients broke off.
    broken_polls,
    /// Uploads that their clients broke off.
    broken_uploads,
    /// Requests refused as they should be.
    refused,
    /// Consoles opened, used and closed.
    attached,
    /// The same over SSH.
    ssh,
    /// Pages read by operators.
    pages,
}

/// A number that goes up.
#[derive(Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Tally {
    /// Something that nobody expected.
    pub(super) fn problem(&self, what: String) {
        eprintln!("unexpected: {what}");
        let mut problems = self.problems.lock();
        if problems.len() < KEPT {
            problems.push(what);
        }
    }

    pub(super) fn problems(&self) -> Vec<String> {
        self.problems.lock().clone()
    }

    /// In one line.
    pub(super) fn line(&self) -> String {
        let counts: Vec<String> = self.counts().iter().map(|(name, count)| format!("{name} {count}")).collect();
        format!("{}, problems {}", counts.join(", "), self.problems.lock().len())
    }

    /// In a column.
    pub(super) fn lines(&self) -> String {
        let counts: Vec<String> = self.counts().iter().map(|(name, count)| format!("{name:16}{count:8}")).collect();
        counts.join("\n")
    }

    /// Nothing was left out, and every task that was accepted ended as it should.
    pub(super) fn assert_everything_happened(&self) {
        let idle: Vec<_> = self.counts().into_iter().filter(|(_, count)| *count == 0).collect();
        assert!(idle.is_empty(), "these never happened: {idle:?}");
        assert_eq!(self.accepted.get(), self.right.get() + self.cancelled.get(), "tasks are lost");
        assert_eq!(self.uids.get(), self.deleted.get() + self.uids_expired.get(), "uids are lost");
    }
}
