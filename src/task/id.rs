//! Identifiers. On the wire a uid and a task id are `UUIDv4`, lower case, with hyphens, and nothing else is accepted.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// The text is not a lower-case hyphenated `UUIDv4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a lower-case, hyphenated UUID (version 4)")]
pub struct IdError;

fn parse_strict(text: &str) -> Result<Uuid, IdError> {
    let id = Uuid::try_parse(text).map_err(|_| IdError)?;
    let canonical = id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text;
    if canonical && id.get_version_num() == 4 { Ok(id) } else { Err(IdError) }
}

/// A client's name and bearer secret: whoever knows it may act on its keys and tasks, where tokens are the clients with
/// the token it was made with.
///
/// `Debug` shows only the [`tag`](Uid::tag), and there is no `Display`, so that the secret cannot slip into a log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Uid(Uuid);

impl Uid {
    /// A fresh random uid (122 random bits).
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// The secret itself, for the one answer that hands it out and for the store.
    pub fn expose(&self) -> String {
        self.0.hyphenated().to_string()
    }

    /// The first 8 hex digits of SHA-256 of the uid: what consoles, logs and filters may show.
    pub fn tag(&self) -> String {
        let hash = Sha256::digest(self.expose().as_bytes());
        format!("{:08x}", u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]))
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uid#{}", self.tag())
    }
}

impl FromStr for Uid {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        parse_strict(text).map(Self)
    }
}

macro_rules! plain_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A fresh random one.
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_strict(text).map(Self)
            }
        }
    };
}

plain_id!(
    /// Names one task for its whole life.
    TaskId
);
plain_id!(
    /// Fencing token of one claim: only its holder may finish or release the task. Random, never a counter,
    /// because counters repeat after data loss.
    Token
);

/// Whose share of the queue a task counts against: the uid's tag in dev, the token's name elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(pub String);

/// `host:pid:uuid/index`: never reused, also not after a restart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkerName(pub String);

impl fmt::Display for WorkerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_of_a_version_4_uuid_is_an_id() {
        let good = "936da01f-9abd-4d9d-80c7-02af85c822a8";
        assert_eq!(good.parse::<TaskId>().map(|id| id.to_string()), Ok(good.to_owned()));
        for bad in [
            "",
            "*",
            "936DA01F-9ABD-4D9D-80C7-02AF85C822A8",
            "936da01f9abd4d9d80c702af85c822a8",
            "{936da01f-9abd-4d9d-80c7-02af85c822a8}",
            "936da01f-9abd-1d9d-80c7-02af85c822a8",
            "../../etc/passwd",
        ] {
            assert_eq!(bad.parse::<Uid>(), Err(IdError), "{bad}");
        }
    }

    #[test]
    fn debug_of_a_uid_does_not_show_it() {
        let uid = Uid::random();
        let shown = format!("{uid:?}");
        assert!(!shown.contains(&uid.expose()[..8]) && shown.contains(&uid.tag()));
    }
}
