//! Who may log in: a file in OpenSSH's format, with a role as an option.
//!
//! ```text
//! role="operator" ssh-ed25519 AAAA... alice@laptop
//! role="viewer" ssh-ed25519 AAAA... the wall screen
//! ssh-ed25519 AAAA... no role: viewer, the least
//! ```

use std::{
    fs::File,
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;
use russh::keys::{Algorithm, HashAlg, PublicKey};

use crate::{
    operator::{Actor, Door, Role},
    text::sanitise,
};

/// No file of keys is longer.
const LONGEST: u64 = 1 << 20;
/// No key's comment is shown longer, in characters.
const COMMENT: usize = 64;

/// The file. It is read at each login, so that a change needs no restart. Clones share what was complained about.
#[derive(Clone)]
pub(super) struct KeyFile {
    path: Arc<Path>,
    /// The text whose bad lines were last warned about.
    complained: Arc<Mutex<String>>,
}

/// One line.
#[derive(Debug, PartialEq)]
struct Entry {
    line: usize,
    key: PublicKey,
    role: Role,
}

/// A line that is skipped.
#[derive(Debug, PartialEq)]
struct Complaint {
    line: usize,
    reason: String,
}

impl KeyFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path: path.into(), complained: Arc::default() }
    }

    /// Whose key this is and what they may do; `None` for a stranger, and while the file cannot be used.
    pub(super) async fn find(&self, key: &PublicKey) -> Option<Actor> {
        let entries = self.entries().await;
        let entry = entries.iter().find(|entry| entry.key.key_data() == key.key_data())?;
        Some(Actor { door: Door::Ssh, name: name(&entry.key), role: entry.role })
    }

    /// The number of keys, for the log at the start.
    pub(super) async fn count(&self) -> usize {
        self.entries().await.len()
    }

    async fn entries(&self) -> Vec<Entry> {
        let path = Arc::clone(&self.path);
        let read = tokio::task::spawn_blocking(move || read(&path)).await.unwrap_or_else(|e| Err(io::Error::other(e)));
        let file = self.path.display();
        match read {
            Ok(text) => {
                let (entries, complaints) = parse(&text);
                let mut complained = self.complained.lock();
                if *complained != text {
                    for Complaint { line, reason } in complaints {
                        tracing::warn!(%file, line, reason, "ssh: a line of the authorized keys is skipped");
                    }
                    *complained = text;
                }
                entries
            }
            Err(error) => {
                tracing::warn!(%file, %error, "ssh: no authorized keys, so nobody can log in");
                Vec::new()
            }
        }
    }
}

/// A key as the log and the audit log name it: `SHA256:...`, and what the file calls it.
fn name(key: &PublicKey) -> String {
    let comment = sanitise(key.comment().as_str_lossy().trim(), COMMENT);
    let fingerprint = fingerprint(key);
    if comment.is_empty() { fingerprint } else { format!("{fingerprint} {comment}") }
}

/// `SHA256:...`, as `ssh-keygen -l` shows it.
pub(super) fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

fn read(path: &Path) -> io::Result<String> {
    let file = File::open(path)?;
    let mode = file.metadata()?.mode();
    if mode & 0o022 != 0 {
        let mode = mode & 0o777;
        return Err(io::Error::other(format!("its mode is {mode:03o}: others could add keys; chmod go-w")));
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

fn parse(text: &str) -> (Vec<Entry>, Vec<Complaint>) {
    let (mut entries, mut complaints) = (Vec::<Entry>::new(), Vec::new());
    for (index, content) in text.lines().enumerate() {
        let (line, content) = (index + 1, content.trim());
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        match parse_line(content) {
            Ok((key, role)) => match entries.iter().find(|entry| entry.key.key_data() == key.key_data()) {
                Some(first) => complaints.push(Complaint { line, reason: format!("the key of line {}", first.line) }),
                None => entries.push(Entry { line, key, role }),
            },
            Err(reason) => complaints.push(Complaint { line, reason }),
        }
    }
    (entries, complaints)
}

fn parse_line(content: &str) -> Result<(PublicKey, Role), String> {
    let (key, role) = match PublicKey::from_openssh(content) {
        Ok(key) => (key, Role::Viewer),
        Err(plain) => {
            let not_a_key = |error| format!("not a public key: {error}");
            let (options, rest) = split_options(content).ok_or_else(|| not_a_key(plain))?;
            let key = PublicKey::from_openssh(rest.trim_start()).map_err(not_a_key)?;
            (key, role(options)?)
        }
    };
    match key.algorithm() {
        Algorithm::Ed25519 | Algorithm::Ecdsa { .. } | Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256 => {
            Ok((key, role))
        }
        other => Err(format!("keys of {other} are not accepted; use ssh-ed25519")),
    }
}

/// The options end at the first space outside quotes.
fn split_options(content: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let end = content.find(|c: char| {
        quoted ^= c == '"';
        c.is_whitespace() && !quoted
    })?;
    content.split_at_checked(end)
}

/// Only a role is understood. An option that restricts more must not be passed over in silence: its line is not used.
fn role(options: &str) -> Result<Role, String> {
    let (mut role, mut quoted) = (None, false);
    for option in options.split(|c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    }) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        if !name.eq_ignore_ascii_case("role") {
            return Err(format!("the option {} is not known here; only role is", sanitise(name, COMMENT)));
        }
        let Ok(found @ (Role::Viewer | Role::Operator)) = value.trim_matches('"').parse() else {
            return Err("role must be viewer or operator".to_owned());
        };
        if role.replace(found).is_some() {
            return Err("more than one role".to_owned());
        }
    }
    role.ok_or_else(|| "no role among the options".to_owned())
}

#[cfg(test)]
#[path = "authorized/tests.rs"]
mod tests;
