//! The token file: who comes in, by hashes of secrets.

use std::{io, path::Path};

use serde::{Deserialize, Serialize};

use super::{
    super::Role,
    error::{NAME, Result, TokenError, failed},
    private,
    secret::{Secret, TokenHash},
};
use crate::{task::Timestamp, text::sanitise};

/// Form of the file.
const VERSION: u32 = 1;

/// One token, without its secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Its name, in the audit log the actor's.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// SHA-256 of its text.
    pub sha256: TokenHash,
    /// When it was made.
    pub created: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    tokens: Vec<Token>,
}

fn named(name: &str) -> Result<()> {
    let begins = name.bytes().next().is_some_and(|c| c.is_ascii_alphanumeric());
    let rest = name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-'));
    if begins && rest && name.len() <= NAME { Ok(()) } else { Err(TokenError::Name(sanitise(name, NAME))) }
}

/// Reads the file. A missing one holds no tokens.
pub(super) fn read(path: &Path) -> Result<Vec<Token>> {
    let Some(text) = private::read(path)? else { return Ok(Vec::new()) };
    let broken = |why: String| TokenError::Broken { path: path.display().to_string(), why };
    let document: Document = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
    if document.version != VERSION {
        return Err(broken(format!("it has format {}, this program reads {VERSION}", document.version)));
    }
    for (index, token) in document.tokens.iter().enumerate() {
        named(&token.name).map_err(|error| broken(error.to_string()))?;
        if document.tokens.iter().skip(index + 1).any(|other| other.name == token.name) {
            return Err(broken(format!("{} is in it twice", token.name)));
        }
    }
    Ok(document.tokens)
}

/// Every token, by name.
///
/// # Errors
/// [`TokenError`].
pub fn list(file: &Path) -> Result<Vec<Token>> {
    let mut tokens = read(file)?;
    tokens.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tokens)
}

/// Makes a token; its secret is in the answer and nowhere else.
///
/// # Errors
/// [`TokenError`]; nothing is changed then.
pub fn add(file: &Path, name: &str, role: Role) -> Result<Secret> {
    named(name)?;
    change(file, |tokens| {
        if tokens.iter().any(|token| token.name == name) {
            return Err(TokenError::Exists(name.to_owned()));
        }
        let secret = Secret::random().map_err(failed(file))?;
        let sha256 = TokenHash::of(secret.expose());
        tokens.push(Token { name: name.to_owned(), role, sha256, created: Timestamp::now() });
        Ok(secret)
    })
}

/// Removes a token; answers what it was. A running server refuses it from its next request on.
///
/// # Errors
/// [`TokenError`]; nothing is changed then.
pub fn revoke(file: &Path, name: &str) -> Result<Token> {
    change(file, |tokens| {
        let at = tokens.iter().position(|token| token.name == name);
        at.map(|at| tokens.remove(at)).ok_or_else(|| TokenError::Unknown(sanitise(name, NAME)))
    })
}

/// Reads, changes and replaces the file; one process at a time.
fn change<T>(file: &Path, edit: impl FnOnce(&mut Vec<Token>) -> Result<T>) -> Result<T> {
    let _lock = private::lock(&private::beside(file, ".lock"))?;
    let mut tokens = read(file)?;
    let answer = edit(&mut tokens)?;
    let text = serde_json::to_string_pretty(&Document { version: VERSION, tokens })
        .map_err(|error| failed(file)(io::Error::other(error)))?;
    private::replace(file, &text)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_file_holds_hashes_only_and_is_its_owners() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("tokens.json");
        let secret = add(&file, "ci-1", Role::Client).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains(secret.expose()) && !text.contains(&secret.expose()[4..20]), "{text}");
        assert!(text.contains(&TokenHash::of(secret.expose()).to_string()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            for entry in fs::read_dir(dir.path()).unwrap() {
                let entry = entry.unwrap();
                assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
            }
        }
    }

    #[test]
    fn names_are_plain_and_taken_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("tokens.json");
        for bad in ["", "-a", "a b", "a\nb", "ä", "../x", &"a".repeat(65)] {
            assert!(matches!(add(&file, bad, Role::Client), Err(TokenError::Name(_))), "{bad}");
        }
        add(&file, "anna", Role::Client).unwrap();
        assert!(matches!(add(&file, "anna", Role::Operator), Err(TokenError::Exists(_))));
        assert!(matches!(revoke(&file, "ben"), Err(TokenError::Unknown(_))));
        assert_eq!(list(&file).unwrap().len(), 1);
        assert_eq!(revoke(&file, "anna").unwrap().role, Role::Client);
        assert!(list(&file).unwrap().is_empty());
    }

    #[test]
    fn changes_at_the_same_time_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = &dir.path().join("tokens.json");
        std::thread::scope(|scope| {
            for index in 0..8 {
                scope.spawn(move || add(file, &format!("t{index}"), Role::Client).unwrap());
            }
        });
        assert_eq!(list(file).unwrap().len(), 8);
    }
}
