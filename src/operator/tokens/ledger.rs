//! What an audit log knows of the tokens, so that each change is written once: also one that was made while no server
//! ran, and by one only of several servers that share tokens and log.
//!
//! A ledger belongs to one token file and one store, whose name is part of its own: servers that share only the tokens
//! have a log, and a ledger, of their own. It lies beside the tokens, or in the data directory where nothing can be
//! written there.

use std::{
    collections::HashSet,
    fs::File,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    super::Role,
    Token, TokenHash,
    error::{Result, failed},
    file, private,
};

/// A token as the log knows it: no secret, and nothing with which a secret could be compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    name: String,
    role: Role,
    /// Tells two secrets under one name apart: a hash of the secret's hash.
    mark: String,
}

impl From<&Token> for Known {
    fn from(token: &Token) -> Self {
        let mark = TokenHash::of(&token.sha256.to_string()).to_string();
        Self { name: token.name.clone(), role: token.role, mark }
    }
}

/// What has become of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// In the log's words.
    pub(super) action: &'static str,
    /// Its name and role.
    pub(super) object: String,
}

/// First what went, then what came in the order in which it was made. A token with another secret or role under an old
/// name has gone and come.
fn changes(before: &[Known], now: &[Token]) -> Vec<Change> {
    let mut now: Vec<(&Token, Known)> = now.iter().map(|token| (token, token.into())).collect();
    now.sort_by(|(a, _), (b, _)| (a.created, &a.name).cmp(&(b.created, &b.name)));
    let stay: HashSet<&Known> = now.iter().map(|(_, known)| known).collect();
    let old: HashSet<&Known> = before.iter().collect();
    let change = |action, token: &Known| Change { action, object: format!("{} ({})", token.name, token.role) };
    let gone = before.iter().filter(|token| !stay.contains(token)).map(|token| change("token revoke", token));
    let come = now.iter().filter(|(_, token)| !old.contains(token)).map(|(_, token)| change("token add", token));
    gone.chain(come).collect()
}

/// Where a ledger is.
#[derive(Debug, Clone)]
pub(super) struct Ledger {
    tokens: PathBuf,
    beside: PathBuf,
    in_data_dir: PathBuf,
}

/// Changes that are to be written into the log, while nobody else writes them.
pub(super) struct Draft {
    pub(super) changes: Vec<Change>,
    known: Vec<Known>,
    place: PathBuf,
    _lock: File,
}

impl Ledger {
    /// Of this token file and the audit log of this store. Opens nothing yet.
    pub(super) fn new(tokens: &Path, store: Uuid, data_dir: &Path) -> Self {
        let name = format!(".audited-{}", store.simple());
        let beside = private::beside(tokens, &name);
        let in_data_dir = private::beside(&data_dir.join("tokens.json"), &name);
        Self { tokens: tokens.to_owned(), beside, in_data_dir }
    }

    /// The token file.
    pub(super) fn tokens(&self) -> &Path {
        &self.tokens
    }

    /// What the log does not know yet; `None`: another server is looking at it just now. Blocks.
    ///
    /// # Errors
    /// [`super::TokenError`]: the tokens cannot be read, or a ledger can be kept nowhere.
    pub(super) fn draft(&self) -> Result<Option<Draft>> {
        let lock = |place: &Path| private::try_lock(&private::beside(place, ".lock"));
        let (place, lock) = if let Ok(lock) = lock(&self.beside) {
            (&self.beside, lock)
        } else {
            private::make_directory(&self.in_data_dir)?;
            (&self.in_data_dir, lock(&self.in_data_dir)?)
        };
        let Some(lock) = lock else { return Ok(None) };
        let tokens = file::read(&self.tokens)?;
        let changes = changes(&read(place), &tokens);
        let known = tokens.iter().map(Known::from).collect();
        Ok(Some(Draft { changes, known, place: place.clone(), _lock: lock }))
    }
}

impl Draft {
    /// The log knows them now. Blocks.
    ///
    /// # Errors
    /// [`super::TokenError::Io`]: they will be written again.
    pub(super) fn keep(self) -> Result<()> {
        let text = serde_json::to_string_pretty(&self.known).map_err(|error| failed(&self.place)(error.into()))?;
        private::replace(&self.place, &text)
    }
}

/// A ledger that is missing or cannot be trusted knows nothing: a row too many is better than one too few.
fn read(place: &Path) -> Vec<Known> {
    let read = private::read(place).map_err(|error| error.to_string());
    let known = read.and_then(|text| match text {
        Some(text) => serde_json::from_str(&text).map_err(|error| error.to_string()),
        None => Ok(Vec::new()),
    });
    known.unwrap_or_else(|error| {
        tracing::warn!(
            place = %place.display(), error,
            "what the audit log knows of the tokens cannot be read: all of them are written into it again"
        );
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(name: &str, role: Role, secret: &str, created: i64) -> Token {
        let created = crate::task::Timestamp::from_millis(created);
        Token { name: name.to_owned(), role, sha256: TokenHash::of(secret), created }
    }

    fn words(before: &[Token], now: &[Token]) -> Vec<String> {
        let before: Vec<Known> = before.iter().map(Known::from).collect();
        changes(&before, now).into_iter().map(|it| format!("{} {}", it.action, it.object)).collect()
    }

    #[test]
    fn what_went_and_came_is_told_and_what_stayed_is_not() {
        let (anna, ben) = (token("anna", Role::Operator, "a", 2), token("ben", Role::Client, "b", 1));
        let both = [anna.clone(), ben.clone()];
        assert_eq!(
            words(&[], &both),
            ["token add ben (client)", "token add anna (operator)"],
            "in the order of making"
        );
        assert!(words(&both, &[ben.clone(), anna.clone()]).is_empty(), "their order in the file does not matter");
        assert_eq!(words(&both, &[anna]), ["token revoke ben (client)"]);
        let other_secret = token("ben", Role::Client, "c", 1);
        let other_role = token("ben", Role::Viewer, "b", 1);
        assert_eq!(
            words(std::slice::from_ref(&ben), &[other_secret]),
            ["token revoke ben (client)", "token add ben (client)"]
        );
        assert_eq!(words(&[ben], &[other_role]), ["token revoke ben (client)", "token add ben (viewer)"]);
    }

    #[test]
    fn a_ledger_is_its_owners_and_holds_neither_secret_nor_hash() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let tokens = dir.path().join("tokens.json");
        let secret = file::add(&tokens, "anna", Role::Operator).unwrap();
        let ledger = Ledger::new(&tokens, Uuid::from_u128(7), elsewhere.path());
        let draft = ledger.draft().unwrap().unwrap();
        assert!(ledger.draft().unwrap().is_none(), "one at a time");
        draft.keep().unwrap();
        assert!(ledger.draft().unwrap().unwrap().changes.is_empty());
        let other = Ledger::new(&tokens, Uuid::from_u128(8), elsewhere.path());
        assert_eq!(other.draft().unwrap().unwrap().changes.len(), 1, "another store's log does not know it");
        let text = std::fs::read_to_string(&ledger.beside).unwrap();
        assert!(text.contains("anna"));
        assert!(
            !text.contains(&TokenHash::of(secret.expose()).to_string()) && !text.contains(secret.expose()),
            "{text}"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&ledger.beside), 0o600);
        }
        assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_ledger_that_is_broken_knows_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let tokens = dir.path().join("tokens.json");
        file::add(&tokens, "anna", Role::Operator).unwrap();
        let ledger = Ledger::new(&tokens, Uuid::from_u128(7), dir.path());
        ledger.draft().unwrap().unwrap().keep().unwrap();
        std::fs::write(&ledger.beside, "[{]").unwrap();
        assert_eq!(ledger.draft().unwrap().unwrap().changes.len(), 1);
    }

    #[test]
    fn where_nothing_can_be_written_beside_the_tokens_the_ledger_is_in_the_data_directory() {
        let dir = tempfile::tempdir().unwrap();
        // A file where a directory should be: nobody can write there, not even root.
        let place = dir.path().join("file");
        std::fs::write(&place, "").unwrap();
        let (tokens, data_dir) = (dir.path().join("tokens.json"), dir.path().join("data"));
        let nowhere = Ledger::new(&place.join("tokens.json"), Uuid::nil(), &data_dir);
        let ledger = Ledger { tokens, ..nowhere };
        file::add(&ledger.tokens, "anna", Role::Viewer).unwrap();
        ledger.draft().unwrap().unwrap().keep().unwrap();
        assert!(ledger.draft().unwrap().unwrap().changes.is_empty());
        assert!(data_dir.join(format!("tokens.json.audited-{}", Uuid::nil().simple())).is_file());
    }
}
