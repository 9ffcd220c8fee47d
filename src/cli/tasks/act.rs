//! Changes: one task or many, each confirmed where it is more than one, each answer counted.

use std::{io::BufRead as _, process::ExitCode};

use serde_json::{Value, json};

use super::args::{Ids, Targets};
use crate::{
    cli::remote::{Failure, Output, Result, confirmed},
    client::{
        ClientError,
        api::operator::{ActedOnMany, MANY, Operators, TaskAction},
    },
    text::sanitise,
};

/// The ids that were said, or those on standard input.
fn read(said: Ids) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for id in said.ids {
        if id != "-" {
            ids.push(id);
            continue;
        }
        for line in std::io::stdin().lock().lines() {
            let line = line
                .map_err(|error| ClientError::File { path: "standard input".to_owned(), problem: error.to_string() })?;
            if !line.trim().is_empty() {
                ids.push(line.trim().to_owned());
            }
        }
    }
    Ok(ids)
}

/// Asks before more than one task is touched.
pub(super) async fn ask_and_act(
    operators: Operators<'_>,
    action: TaskAction,
    targets: Targets,
    output: Output,
) -> Result<ExitCode> {
    let ids = read(targets.ids)?;
    if ids.len() > 1 && !confirmed(&format!("{} {} tasks?", capital(action.word()), ids.len()), targets.yes)? {
        return Err(Failure::Declined);
    }
    each(operators, action, &ids, output).await
}

/// Does what takes nothing away.
pub(super) async fn act(operators: Operators<'_>, action: TaskAction, ids: Ids, output: Output) -> Result<ExitCode> {
    each(operators, action, &read(ids)?, output).await
}

async fn each(operators: Operators<'_>, action: TaskAction, ids: &[String], output: Output) -> Result<ExitCode> {
    match ids {
        [] => {
            output.answer(|| counted(action, ActedOnMany::default(), &[]), || "no tasks".to_owned())?;
            Ok(ExitCode::SUCCESS)
        }
        [one] => act_on_one(operators, action, one, output).await,
        many => act_on_many(operators, action, many, output).await,
    }
}

async fn act_on_one(operators: Operators<'_>, action: TaskAction, id: &str, output: Output) -> Result<ExitCode> {
    let said = operators.act(action, id).await?;
    let done = matches!(said.value.answer.as_str(), "done" | "stopping");
    output.answer(|| said.json.clone(), || sanitise(&said.value.detail, 200))?;
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn act_on_many(operators: Operators<'_>, action: TaskAction, ids: &[String], output: Output) -> Result<ExitCode> {
    let (mut sum, mut others) = (ActedOnMany::default(), Vec::new());
    for chunk in ids.chunks(MANY) {
        let said = operators.act_on_many(action, chunk).await?;
        let ActedOnMany { done, stopping, refused, gone, failed } = said.value;
        sum.done += done;
        sum.stopping += stopping;
        sum.refused += refused;
        sum.gone += gone;
        sum.failed += failed;
        others.extend(said.json["others"].as_array().cloned().unwrap_or_default());
    }
    let ActedOnMany { done, stopping, refused, gone, failed } = sum;
    output.answer(
        || counted(action, sum, &others),
        || {
            let parts =
                [("done", done), ("stopping", stopping), ("refused", refused), ("gone", gone), ("failed", failed)];
            let parts = parts.iter().filter(|(_, count)| *count > 0);
            let parts: Vec<String> = parts.map(|(word, count)| format!("{count} {word}")).collect();
            format!("{}: {}", action.word(), parts.join(", "))
        },
    )?;
    Ok(if refused + gone + failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn counted(action: TaskAction, sum: ActedOnMany, others: &[Value]) -> Value {
    let ActedOnMany { done, stopping, refused, gone, failed } = sum;
    json!({
        "action": action.word(),
        "done": done,
        "stopping": stopping,
        "refused": refused,
        "gone": gone,
        "failed": failed,
        "others": others,
    })
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

pub(super) async fn pause(
    operators: Operators<'_>,
    use_cases: &[String],
    paused: bool,
    output: Output,
) -> Result<ExitCode> {
    let mut answers = Vec::new();
    for use_case in use_cases {
        answers.push(operators.set_paused(use_case, paused).await?.json);
    }
    let word = if paused { "paused" } else { "resumed" };
    output.answer(|| json!({"queues": answers}), || format!("{word}: {}", use_cases.join(", ")))?;
    Ok(ExitCode::SUCCESS)
}
