//! Reads: pages of tasks, and one task.

use std::{fmt::Write as _, process::ExitCode};

use comfy_table::Cell;
use serde_json::{Value, json};

use super::args::Filters;
use crate::{
    cli::remote::{Output, Result, moment, number, span, table, text},
    client::api::operator::{Counts, Operators, ShownTask, Task},
    task::Timestamp,
    text::sanitise,
};

/// The server's own page size.
const PAGE: u32 = 200;

pub(super) async fn list(operators: Operators<'_>, filters: &Filters, output: Output) -> Result<ExitCode> {
    let (mut raw, mut tasks, mut cursor): (Vec<Value>, Vec<Task>, Option<String>) = (Vec::new(), Vec::new(), None);
    let mut about;
    loop {
        let left = filters.limit - u32::try_from(tasks.len()).unwrap_or(u32::MAX).min(filters.limit);
        let mut parameters = filters.parameters();
        parameters.push(("limit", left.clamp(1, PAGE).to_string()));
        parameters.extend(cursor.take().map(|cursor| ("cursor", cursor)));
        let mut said = operators.tasks(&parameters).await?;
        if let Some(Value::Array(page)) = said.json.get_mut("tasks").map(Value::take) {
            raw.extend(page);
        }
        tasks.extend(said.value.tasks);
        cursor = said.value.cursor;
        about = (said.value.counts, said.value.paused, said.json);
        if cursor.is_none() || tasks.len() >= filters.limit as usize {
            break;
        }
    }
    let (counts, paused, mut json) = about;
    if filters.quiet {
        let ids: Vec<String> = tasks.iter().map(|task| sanitise(&task.task_id, 64)).collect();
        if output.is_json() || !ids.is_empty() {
            output.answer(|| json!({"ids": ids}), || ids.join("\n"))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    json["tasks"] = json!(raw);
    output.answer(|| json, || rows(&tasks))?;
    output.note(summary(tasks.len(), cursor.is_some(), counts, &paused));
    Ok(ExitCode::SUCCESS)
}

fn rows(tasks: &[Task]) -> String {
    let mut shown = table(&["task", "state", "use case", "uid", "prio", "where", "age", "worker"]);
    let now = Timestamp::now();
    for task in tasks {
        let place = match (task.position, task.progress) {
            (Some(position), _) => format!("{position} of {}", task.queue_length.unwrap_or_default()),
            (None, Some(share)) => format!("{:.0} %", (share.clamp(0.0, 1.0) * 100.0).floor()),
            (None, None) => task.failure.as_ref().map(|failure| failure.label.clone()).unwrap_or_default(),
        };
        let state = if task.cancelling { "cancelling" } else { &task.status };
        shown.add_row([
            text(&task.task_id),
            text(state),
            text(&task.use_case),
            text(&task.uid_tag),
            number(task.priority),
            text(&place),
            number(task.created.map(|at| span(now.since(at).as_secs_f64())).unwrap_or_default()),
            text(task.worker.as_deref().unwrap_or_default()),
        ]);
    }
    shown.to_string()
}

fn summary(shown: usize, more: bool, counts: Counts, paused: &[String]) -> String {
    let Counts { queued, started, success, completed, failure, revoked, total } = counts;
    let more = if more { ", there are more (--limit N)" } else { "" };
    let mut line = format!(
        "{shown} shown{more}; of {total} in all {queued} queued, {started} started, {} finished, {failure} failed, \
         {revoked} revoked",
        success + completed
    );
    if !paused.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(line, "; paused: {}", sanitise(&paused.join(", "), 200));
    }
    line
}

pub(super) async fn show(operators: Operators<'_>, id: &str, output: Output) -> Result<ExitCode> {
    let said = operators.task(id).await?;
    output.answer(|| said.json.clone(), || details(&said.value))?;
    Ok(ExitCode::SUCCESS)
}

fn details(shown: &ShownTask) -> String {
    let ShownTask { task, log } = shown;
    let mut lines = table(&["", "task"]);
    let bytes = |count: u64| format!("{count} bytes");
    let failure = task.failure.as_ref().map(|failure| format!("{}: {}", failure.label, failure.detail));
    for (name, value) in [
        ("id", Some(task.task_id.clone())),
        ("state", Some(task.status.clone())),
        ("", Some(task.details.clone())),
        ("failure", failure),
        ("use case", Some(task.use_case.clone())),
        ("uid", Some(format!("{} (tag)", task.uid_tag))),
        ("client", Some(task.client.clone()).filter(|client| *client != task.uid_tag)),
        ("priority", Some(task.priority.to_string())),
        ("attempts", Some(task.attempts.to_string())),
        ("worker", task.worker.clone()),
        ("device", task.device.clone()),
        ("needs", Some(task.capability.clone())),
        ("input", Some(bytes(task.input_bytes))),
        ("result", task.result_bytes.map(bytes)),
        ("received", Some(moment(task.received))),
        ("queued", Some(moment(task.created))),
        ("started", task.started.map(|at| moment(Some(at)))),
        ("finished", task.finished.map(|at| moment(Some(at)))),
        ("fetched", task.fetched.map(|at| moment(Some(at)))),
        ("expires", task.expires.map(|at| moment(Some(at)))),
    ] {
        if let Some(value) = value {
            lines.add_row([Cell::new(name), Cell::new(sanitise(&value, 300))]);
        }
    }
    let mut all = lines.to_string();
    for line in log {
        // Writing to a String cannot fail.
        let _ = write!(all, "\n{} {:5} {}", moment(line.at), sanitise(&line.level, 8), sanitise(&line.text, 500));
    }
    all
}
