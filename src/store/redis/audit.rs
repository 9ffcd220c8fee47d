//! Operators' actions with their rows of the audit log, and pages of it. The log is a stream with numbers of its own.

use std::collections::HashMap;

use async_trait::async_trait;

use super::{RedisStore, fault::damaged, link::args, queue::status, record::Fields, record::blobs, scripts};
use crate::{
    store::{
        AuditEntry, AuditFilter, AuditPage, AuditRow, AuditStore, Deed, Effect, Operated, Result, Signature, StoreError,
    },
    task::TaskId,
};

/// Rows on one page, and rows read at once.
const PAGE: usize = 1_000;

#[async_trait]
impl AuditStore for RedisStore {
    async fn operate(&self, by: Signature, deed: Deed, tasks: Vec<TaskId>) -> Result<Vec<Operated>> {
        let (word, number) = match deed {
            Deed::Priority(to) => ("priority", to),
            Deed::Raise(by) => ("raise", by),
            other => (other.word(), 0),
        };
        let mut args = args![self.link.options.audit, by.door, by.name, by.role, word, number];
        args.extend(tasks.iter().map(ToString::to_string));
        let (effects,): (Vec<(String, String, Vec<String>)>,) = self.link.run(&scripts::OPERATE, args).await?;
        let read = |(effect, is, flat): (String, String, Vec<String>)| {
            let effect = match effect.as_str() {
                "done" => Effect::Done,
                "stopping" => Effect::Stopping,
                "refused" => Effect::Refused(status(&is)?),
                "gone" => Effect::Gone,
                _ => return Err(damaged("an operator's answer")),
            };
            Ok(Operated { effect, garbage: blobs(&flat)? })
        };
        effects.into_iter().map(read).collect()
    }

    async fn audit(&self, entries: Vec<AuditEntry>) -> Result<()> {
        let mut args = args![self.link.options.audit];
        for entry in entries {
            let AuditEntry { by, action, object, result } = entry;
            args.extend([by.door, by.name, by.role, action, object, result]);
        }
        self.link.run(&scripts::AUDIT, args).await
    }

    async fn audited(&self, filter: AuditFilter, cursor: Option<String>, limit: usize) -> Result<AuditPage> {
        let limit = limit.clamp(1, PAGE);
        let number = |text: String| text.parse::<i64>().map_err(|_| StoreError::BadCursor);
        let mut behind = cursor.map(number).transpose()?.map_or_else(String::new, |number| number.max(0).to_string());
        let mut page = AuditPage::default();
        loop {
            let (rows,): (Vec<(String, HashMap<String, String>)>,) =
                self.link.repeat(&scripts::AUDITED, args![behind, PAGE]).await?;
            let full = rows.len() == PAGE;
            for (id, fields) in rows {
                let row = read(&id, &Fields(fields))?;
                behind = row.number.to_string();
                if !fits(&filter, &row.entry) {
                    continue;
                }
                if page.rows.len() == limit {
                    page.cursor = page.rows.last().map(|row| row.number.to_string());
                    return Ok(page);
                }
                page.rows.push(row);
            }
            if !full {
                return Ok(page);
            }
        }
    }
}

fn fits(filter: &AuditFilter, entry: &AuditEntry) -> bool {
    filter.actor.as_ref().is_none_or(|actor| entry.by.name.starts_with(actor))
        && filter.action.as_ref().is_none_or(|action| entry.action == *action)
        && filter.object.as_ref().is_none_or(|object| entry.object.starts_with(object))
}

pub(super) fn read(id: &str, fields: &Fields) -> Result<AuditRow> {
    let number =
        id.split('-').next().and_then(|number| number.parse().ok()).ok_or_else(|| damaged("a row's number"))?;
    let by = Signature { door: fields.must("door")?, name: fields.must("name")?, role: fields.must("role")? };
    let (action, object, result) = (fields.must("action")?, fields.must("object")?, fields.must("result")?);
    Ok(AuditRow { number, at: fields.must_time("at")?, entry: AuditEntry { by, action, object, result } })
}
