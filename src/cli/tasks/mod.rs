//! `cipherdeck tasks`: everybody's tasks, for operators.

mod act;
mod args;
mod list;

use std::process::ExitCode;

pub(super) use args::TasksArgs;
use args::TasksCommand as Command;

use super::remote;
use crate::client::api::operator::TaskAction;

pub(super) fn run(args: TasksArgs) -> color_eyre::Result<ExitCode> {
    let command = args.command;
    remote::run(&args.remote, async |api, output| {
        let operators = api.operators();
        match command {
            Command::List(filters) => list::list(operators, &filters, output).await,
            Command::Show { id } => list::show(operators, &id, output).await,
            Command::Cancel(targets) => act::ask_and_act(operators, TaskAction::Cancel, targets, output).await,
            Command::Requeue(targets) => act::ask_and_act(operators, TaskAction::Requeue, targets, output).await,
            Command::Delete(targets) => act::ask_and_act(operators, TaskAction::Delete, targets, output).await,
            Command::Priority { how, ids } => act::act(operators, how.action(), ids, output).await,
            Command::Pause { use_cases } => act::pause(operators, &use_cases, true, output).await,
            Command::Resume { use_cases } => act::pause(operators, &use_cases, false, output).await,
        }
    })
}
