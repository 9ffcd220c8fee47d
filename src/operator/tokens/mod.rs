//! Bearer tokens: who may use the HTTP interface, and as what.
//!
//! A token is 256 random bits, shown once; only its SHA-256 is kept, in a file that several servers may share. Whatever
//! is wrong with that file opens nothing: no token is valid then. [`Watch`] writes what becomes of it into the audit log.

mod error;
mod file;
mod ledger;
mod private;
mod secret;
mod stamp;
mod watch;

use std::path::{Path, PathBuf};

use parking_lot::Mutex;

pub use error::TokenError;
pub use file::{Token, add, list, revoke};
pub use secret::{Secret, TokenHash};
use stamp::Stamp;
pub use watch::Watch;

use super::Role;

/// No longer text is looked at.
const LONGEST: usize = 256;

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The token's name: who acts, in the audit log.
    pub name: String,
    /// What it may do.
    pub role: Role,
}

/// The tokens of a file as they are now: every question first looks whether the file has changed, so that a
/// revoked token is dead at once, without a restart.
#[derive(Debug)]
pub struct Tokens {
    path: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// The file as it was read; `None`: not yet.
    stamp: Option<Stamp>,
    tokens: Vec<Token>,
}

impl Tokens {
    /// Those of this file. Reads nothing yet.
    pub fn of(file: &Path) -> Self {
        Self { path: file.to_owned(), known: Mutex::default() }
    }

    /// What this text stands for, if it is a token.
    pub fn find(&self, presented: &str) -> Option<Bearer> {
        if presented.len() > LONGEST {
            return None;
        }
        let hash = TokenHash::of(presented);
        let known = self.refreshed();
        // All of them are compared, each in constant time.
        let mut found = None;
        for token in &known.tokens {
            if token.sha256.equals(&hash) {
                found = Some(Bearer { name: token.name.clone(), role: token.role });
            }
        }
        found
    }

    /// Number of valid tokens.
    pub fn count(&self) -> usize {
        self.refreshed().tokens.len()
    }

    fn refreshed(&self) -> parking_lot::MutexGuard<'_, Known> {
        let mut known = self.known.lock();
        let stamp = Stamp::of(&self.path);
        if known.stamp.as_ref() == Some(&stamp) {
            return known;
        }
        let (first, before) = (known.stamp.is_none(), known.tokens.len());
        known.tokens = file::read(&self.path).unwrap_or_else(|error| {
            tracing::error!(%error, "no token is valid");
            Vec::new()
        });
        known.stamp = Some(stamp);
        if !first {
            tracing::info!(before, now = known.tokens.len(), "the tokens have changed");
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_token_is_valid_at_once_and_a_revoked_one_dead_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokens.json");
        let tokens = Tokens::of(&path);
        assert_eq!(tokens.count(), 0);
        let (anna, ben) = (add(&path, "anna", Role::Operator).unwrap(), add(&path, "ben", Role::Viewer).unwrap());
        assert_eq!(tokens.find(anna.expose()), Some(Bearer { name: "anna".to_owned(), role: Role::Operator }));
        assert_eq!(tokens.find(ben.expose()).unwrap().role, Role::Viewer);
        revoke(&path, "anna").unwrap();
        assert_eq!(tokens.find(anna.expose()), None);
        assert!(tokens.find(ben.expose()).is_some());
        for wrong in ["", "anna", &ben.expose()[1..], &ben.expose().to_uppercase(), &format!("{} ", ben.expose())] {
            assert_eq!(tokens.find(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn nothing_that_is_wrong_with_the_file_opens_anything() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokens.json");
        let tokens = Tokens::of(&path);
        let secret = add(&path, "anna", Role::Operator).unwrap();
        let good = std::fs::read_to_string(&path).unwrap();
        for broken in [
            good.replace("\"operator\"", "\"root\""),
            good.replace("\"operator\"", "null"),
            good.replace("\"role\"", "\"rule\""),
            good.replace("\"version\": 1", "\"version\": 2"),
            good.replace("\"sha256\": \"", "\"sha256\": \"0"),
            good.replace("anna", "an na"),
            good.replace("\"name\"", "\"extra\": 1, \"name\""),
            good[..good.len() / 2].to_owned(),
            String::new(),
        ] {
            assert_ne!(broken, good);
            std::fs::write(&path, &broken).unwrap();
            assert_eq!(tokens.find(secret.expose()), None, "{broken}");
        }
        std::fs::write(&path, &good).unwrap();
        assert!(tokens.find(secret.expose()).is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_opens_nothing_until_it_is_closed() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokens.json");
        let tokens = Tokens::of(&path);
        let secret = add(&path, "anna", Role::Operator).unwrap();
        let mode = |mode: u32| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        for open in [0o640, 0o604, 0o660, 0o666, 0o610] {
            mode(open);
            assert_eq!(tokens.find(secret.expose()), None, "{open:o}");
            let error = add(&path, "ben", Role::Client).unwrap_err().to_string();
            assert!(error.contains("chmod 600") && error.contains("tokens.json"), "{error}");
        }
        mode(0o600);
        assert!(tokens.find(secret.expose()).is_some());
    }
}
