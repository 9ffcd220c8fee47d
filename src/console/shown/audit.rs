//! Rows of the audit log.

use cipherdeck_ui::snapshot::AuditRow;

use crate::store;

pub(in crate::console) fn row(row: &store::AuditRow) -> AuditRow {
    let entry = &row.entry;
    AuditRow {
        seq: row.number,
        at: row.at.millis(),
        actor: entry.by.name.clone(),
        door: entry.by.door.clone(),
        action: entry.action.clone(),
        object: entry.object.clone(),
        result: entry.result.clone(),
    }
}

/// Does any field contain this text, in lower case?
pub(in crate::console) fn contains(row: &AuditRow, text: &str) -> bool {
    let fields = [&row.actor, &row.door, &row.action, &row.object, &row.result];
    fields.iter().any(|field| field.to_lowercase().contains(text))
}
