//! What Redis says, as what the store says.

use redis::RedisError;

use crate::{store::StoreError, text};

/// Why a script has no answer.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) error: StoreError,
    /// The connection broke: nobody knows whether the script ran.
    pub(super) broken: bool,
}

impl From<RedisError> for Fault {
    fn from(error: RedisError) -> Self {
        let broken = error.is_io_error() || error.is_unrecoverable_error();
        let said = text::sanitise(&error.to_string(), 300);
        let error = if said.contains("NEWER record") {
            StoreError::Damaged("a newer program wrote this record; it is left alone".to_owned())
        } else if error.code() == Some("OOM") || said.contains("No space left") {
            StoreError::StorageFull
        } else {
            StoreError::Unavailable(format!("redis: {said}{}", advice(&said)))
        };
        Self { error, broken }
    }
}

/// What to do about a failed handshake.
fn advice(said: &str) -> &'static str {
    // The second: one with the same name as the right one.
    if said.contains("UnknownIssuer") || said.contains("BadSignature") {
        "; no authority that this machine trusts has signed its certificate: name the file of the one that did in store.ca"
    } else if said.contains("not valid for name") || said.contains("NotValidForName") {
        "; its certificate is for another name than the address says"
    } else if said.contains("InvalidContentType") {
        "; its port does not speak TLS, so the address begins with redis://"
    } else {
        ""
    }
}

impl Fault {
    /// No answer in time. Whoever asked has waited long enough: it is not asked again.
    pub(super) fn late() -> Self {
        Self { error: StoreError::Unavailable("redis does not answer".to_owned()), broken: false }
    }
}

pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}
