//! `cipherdeck audit`: who did what.

use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::remote::{self, Remote, moment, parameters, table, text};
use crate::client::api::operator::AuditEntry;

const AUDIT: &str = "\
Examples:
  cipherdeck audit
  cipherdeck audit --actor anna --action delete --limit 1000
  cipherdeck audit --object 936da01f --json";

/// The server's own page size.
const PAGE: u32 = 1_000;

/// `cipherdeck audit`
#[derive(Args)]
#[command(
    about = "Show who did what",
    long_about = "Shows the audit log of a server, newest first: every change that an operator made or was refused, from \
                  the terminal, SSH or HTTP, tokens made and revoked, and the server's own start and stop.",
    after_help = AUDIT
)]
pub(super) struct AuditArgs {
    #[command(flatten)]
    remote: Remote,
    /// The actor's name begins with this
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// The action is this: cancel, requeue, delete, priority, pause, resume, drain, undrain, login, token add, token
    /// revoke, start, stop
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// The object begins with this
    #[arg(long, value_name = "OBJECT")]
    object: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

pub(super) fn run(args: AuditArgs) -> color_eyre::Result<ExitCode> {
    let filters = parameters(&[("actor", args.actor), ("action", args.action), ("object", args.object)]);
    remote::run(&args.remote, async |api, output| {
        let (mut raw, mut rows, mut cursor): (Vec<Value>, Vec<AuditEntry>, Option<String>) = Default::default();
        loop {
            let left = args.limit - u32::try_from(rows.len()).unwrap_or(u32::MAX).min(args.limit);
            let mut parameters = filters.clone();
            parameters.push(("limit", left.clamp(1, PAGE).to_string()));
            parameters.extend(cursor.take().map(|cursor| ("cursor", cursor)));
            let mut said = api.operators().audit(&parameters).await?;
            if let Some(Value::Array(page)) = said.json.get_mut("rows").map(Value::take) {
                raw.extend(page);
            }
            rows.extend(said.value.rows);
            cursor = said.value.cursor;
            if cursor.is_none() || rows.len() >= args.limit as usize {
                break;
            }
        }
        output.answer(|| serde_json::json!({"rows": raw, "cursor": cursor}), || shown(&rows))?;
        Ok(ExitCode::SUCCESS)
    })
}

fn shown(rows: &[AuditEntry]) -> String {
    let mut shown = table(&["when", "who", "door", "role", "action", "object", "result"]);
    for row in rows {
        let by = [&row.door, &row.role, &row.action, &row.object, &row.result];
        let cells = [text(&moment(row.at)), text(&row.actor)].into_iter();
        shown.add_row(cells.chain(by.into_iter().map(|word| text(word))));
    }
    shown.to_string()
}
