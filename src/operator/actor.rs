//! Who acts, and what they may do.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What somebody may do. Each role may do what the ones before it may, except that a client acts on its own uids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Uploads keys and runs tasks under its own uids.
    Client,
    /// Looks at everything, changes nothing.
    Viewer,
    /// Changes tasks, queues and workers.
    Operator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Client, Self::Viewer, Self::Operator];

    /// The word in files and on screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Viewer => "viewer",
            Self::Operator => "operator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Role {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.word() == word).ok_or("a role is client, viewer or operator")
    }
}

/// The way somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Door {
    /// The server's own terminal.
    Terminal,
    /// A terminal of the server's machine, by `cipherdeck attach`.
    Attach,
    /// An SSH session.
    Ssh,
    /// An operator endpoint.
    Http,
    /// The server itself.
    Server,
}

impl Door {
    /// Every door.
    pub const ALL: [Self; 5] = [Self::Terminal, Self::Attach, Self::Ssh, Self::Http, Self::Server];

    /// The word in the audit log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Attach => "attach",
            Self::Ssh => "ssh",
            Self::Http => "http",
            Self::Server => "server",
        }
    }
}

/// Somebody who looks or acts. The name is sanitised where it enters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// How they came in.
    pub door: Door,
    /// The terminal's user, a key's comment and fingerprint, a token's name.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.door.word())
    }
}
