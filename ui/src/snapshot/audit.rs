//! What operators have done, newest first: one page of it.

use super::Total;
use crate::clock::Millis;

/// One act.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditRow {
    /// Its number in the log.
    pub seq: u64,
    /// When.
    pub at: Millis,
    /// Who: user of the terminal, fingerprint of a key, name of a token.
    pub actor: String,
    /// Which way in: terminal, ssh, http.
    pub door: String,
    /// What.
    pub action: String,
    /// To what.
    pub object: String,
    /// What became of it.
    pub result: String,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditPage {
    /// The acts.
    pub rows: Vec<AuditRow>,
    /// Acts on the pages before.
    pub before: u64,
    /// Is there a page behind?
    pub more: bool,
    /// All that match.
    pub total: Total,
}
