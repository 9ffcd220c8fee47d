//! `tokens.json`: read as an untrusted file, changed whole or not at all, for its owner's eyes only.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    super::Role,
    secret::{Secret, TokenHash},
};
use crate::{task::Timestamp, text::sanitise};

/// Form of the file.
const VERSION: u32 = 1;
/// No longer file is read.
const LONGEST: u64 = 1 << 20;
/// No name is longer.
const NAME: usize = 64;

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

/// Why tokens cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Others than its owner may read or change the file.
    #[error("{path} is open to others (mode {mode:03o}), so it is not trusted; close it with: chmod 600 {path}")]
    Exposed {
        /// The file.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// The file is not in the form that this program writes.
    #[error("{path} cannot be understood ({why}), so no token is valid; repair it, or remove it and make new tokens")]
    Broken {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The file, or its directory, cannot be used.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The name is taken.
    #[error("there is a token named {0} already; revoke it first, or choose another name")]
    Exists(String),
    /// No such token.
    #[error("there is no token named {0}; `cipherdeck token list` shows them")]
    Unknown(String),
    /// The name cannot be one.
    #[error("a token's name is 1 to {NAME} letters, digits and . _ - and begins with a letter or a digit, not {0:?}")]
    Name(String),
}

type Result<T> = std::result::Result<T, TokenError>;

/// Where the tokens of a data directory are.
pub(super) fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("tokens.json")
}

fn failed(path: &Path) -> impl Fn(io::Error) -> TokenError + '_ {
    |source| TokenError::Io { path: path.display().to_string(), source }
}

fn named(name: &str) -> Result<()> {
    let begins = name.bytes().next().is_some_and(|c| c.is_ascii_alphanumeric());
    let rest = name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-'));
    if begins && rest && name.len() <= NAME { Ok(()) } else { Err(TokenError::Name(sanitise(name, NAME))) }
}

/// Reads the file. A missing one holds no tokens.
pub(super) fn read(path: &Path) -> Result<Vec<Token>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(path)(error)),
    };
    closed(path, &file)?;
    let mut text = String::new();
    (&mut file).take(LONGEST + 1).read_to_string(&mut text).map_err(failed(path))?;
    let broken = |why: String| TokenError::Broken { path: path.display().to_string(), why };
    if text.len() as u64 > LONGEST {
        return Err(broken("it is too long".to_owned()));
    }
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

/// Looks at the open file, not at its name, so that nobody can exchange it in between.
#[cfg(unix)]
fn closed(path: &Path, file: &File) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata().map_err(failed(path))?.permissions().mode() & 0o777;
    let exposed = mode & 0o077 != 0;
    if exposed { Err(TokenError::Exposed { path: path.display().to_string(), mode }) } else { Ok(()) }
}

#[cfg(not(unix))]
fn closed(_: &Path, _: &File) -> Result<()> {
    Ok(())
}

/// Every token, by name.
///
/// # Errors
/// [`TokenError`].
pub fn list(data_dir: &Path) -> Result<Vec<Token>> {
    let mut tokens = read(&path(data_dir))?;
    tokens.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tokens)
}

/// Makes a token; its secret is in the answer and nowhere else.
///
/// # Errors
/// [`TokenError`]; nothing is changed then.
pub fn add(data_dir: &Path, name: &str, role: Role) -> Result<Secret> {
    named(name)?;
    change(data_dir, |tokens| {
        if tokens.iter().any(|token| token.name == name) {
            return Err(TokenError::Exists(name.to_owned()));
        }
        let secret = Secret::random().map_err(failed(data_dir))?;
        let sha256 = TokenHash::of(secret.expose());
        tokens.push(Token { name: name.to_owned(), role, sha256, created: Timestamp::now() });
        Ok(secret)
    })
}

/// Removes a token; answers what it was. A running server refuses it from its next request on.
///
/// # Errors
/// [`TokenError`]; nothing is changed then.
pub fn revoke(data_dir: &Path, name: &str) -> Result<Token> {
    change(data_dir, |tokens| {
        let at = tokens.iter().position(|token| token.name == name);
        at.map(|at| tokens.remove(at)).ok_or_else(|| TokenError::Unknown(sanitise(name, NAME)))
    })
}

/// Reads, changes and replaces the file; one process at a time.
fn change<T>(data_dir: &Path, edit: impl FnOnce(&mut Vec<Token>) -> Result<T>) -> Result<T> {
    let path = path(data_dir);
    let fail = failed(&path);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data_dir).map_err(&fail)?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let lock = options.open(data_dir.join("tokens.lock")).map_err(&fail)?;
    lock.lock().map_err(&fail)?;
    let mut tokens = read(&path)?;
    let answer = edit(&mut tokens)?;
    let text = serde_json::to_string_pretty(&Document { version: VERSION, tokens })
        .map_err(|error| fail(io::Error::other(error)))?;
    // 0600 from its first moment on; whoever reads sees the old file or the new one.
    let mut new = tempfile::Builder::new().prefix(".tokens-").tempfile_in(data_dir).map_err(&fail)?;
    new.write_all(text.as_bytes()).and_then(|()| new.as_file().sync_all()).map_err(&fail)?;
    new.persist(&path).map_err(|error| fail(error.error))?;
    File::open(data_dir).and_then(|dir| dir.sync_all()).map_err(&fail)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_holds_hashes_only_and_is_its_owners() {
        let dir = tempfile::tempdir().unwrap();
        let secret = add(dir.path(), "ci-1", Role::Client).unwrap();
        let text = fs::read_to_string(path(dir.path())).unwrap();
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
        for bad in ["", "-a", "a b", "a\nb", "ä", "../x", &"a".repeat(65)] {
            assert!(matches!(add(dir.path(), bad, Role::Client), Err(TokenError::Name(_))), "{bad}");
        }
        add(dir.path(), "anna", Role::Client).unwrap();
        assert!(matches!(add(dir.path(), "anna", Role::Operator), Err(TokenError::Exists(_))));
        assert!(matches!(revoke(dir.path(), "ben"), Err(TokenError::Unknown(_))));
        assert_eq!(list(dir.path()).unwrap().len(), 1);
        assert_eq!(revoke(dir.path(), "anna").unwrap().role, Role::Client);
        assert!(list(dir.path()).unwrap().is_empty());
    }

    #[test]
    fn changes_at_the_same_time_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for index in 0..8 {
                let dir = dir.path();
                scope.spawn(move || add(dir, &format!("t{index}"), Role::Client).unwrap());
            }
        });
        assert_eq!(list(dir.path()).unwrap().len(), 8);
    }
}
