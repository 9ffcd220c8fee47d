//! `cipherdeck workers`: who works on what, and draining.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::remote::{self, Remote, Result, number, span, table, text};
use crate::client::api::operator::{Node, Operators, Slot};

const WORKERS: &str = "\
Examples:
  cipherdeck workers
  cipherdeck workers --json
  cipherdeck workers drain deck-1:4711:0b7c2f4e-9a51-4c39-8b5e-2d9f0c6a7e11/0";

const DRAIN: &str = "\
The name of a node means all of its workers.

Examples:
  cipherdeck workers drain deck-1:4711:0b7c2f4e-9a51-4c39-8b5e-2d9f0c6a7e11/0
  cipherdeck workers undrain deck-1:4711:0b7c2f4e-9a51-4c39-8b5e-2d9f0c6a7e11";

/// `cipherdeck workers`
#[derive(Args)]
#[command(
    about = "Show who works on what; drain workers",
    long_about = "Shows the workers of a running server and what each does now, and drains them.",
    after_help = WORKERS
)]
pub(super) struct WorkersArgs {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Let a worker finish its task and claim no more
    #[command(after_help = DRAIN)]
    Drain {
        /// Name of a worker or a node
        name: String,
    },
    /// Let a drained worker claim again
    #[command(after_help = DRAIN)]
    Undrain {
        /// Name of a worker or a node
        name: String,
    },
}

pub(super) fn run(args: WorkersArgs) -> color_eyre::Result<ExitCode> {
    let command = args.command;
    remote::run(&args.remote, async |api, output| {
        let operators = api.operators();
        match command {
            None => list(operators, output).await,
            Some(Command::Drain { name }) => drain(operators, &name, true, output).await,
            Some(Command::Undrain { name }) => drain(operators, &name, false, output).await,
        }
    })
}

async fn list(operators: Operators<'_>, output: remote::Output) -> Result<ExitCode> {
    let said = operators.workers().await?;
    output.answer(|| said.json.clone(), || rows(&said.value.nodes))?;
    let slots: usize = said.value.nodes.iter().map(|node| node.slots.len()).sum();
    let busy = said.value.nodes.iter().flat_map(|node| &node.slots).filter(|slot| slot.task_id.is_some()).count();
    let nodes = said.value.nodes.len();
    let several = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    output.note(format!("{}, {}, {busy} at work", several(nodes, "node"), several(slots, "worker")));
    Ok(ExitCode::SUCCESS)
}

fn rows(nodes: &[Node]) -> String {
    let mut shown = table(&["worker", "device", "state", "task", "done", "failed", "busy", "seen"]);
    for node in nodes {
        for slot in &node.slots {
            shown.add_row([
                text(&slot.name),
                text(&slot.device),
                text(&state(slot)),
                text(slot.task_id.as_deref().unwrap_or_default()),
                number(slot.done),
                number(slot.failed),
                number(span(slot.busy_s)),
                number(format!("{} ago", span(node.age_s))),
            ]);
        }
    }
    shown.to_string()
}

fn state(slot: &Slot) -> String {
    let work = match (&slot.use_case, slot.progress) {
        (Some(name), Some(share)) => format!("{name} {:.0} %", (share.clamp(0.0, 1.0) * 100.0).floor()),
        (Some(name), None) => name.clone(),
        (None, _) => "idle".to_owned(),
    };
    if slot.draining { format!("draining, {work}") } else { work }
}

async fn drain(operators: Operators<'_>, name: &str, draining: bool, output: remote::Output) -> Result<ExitCode> {
    let said = operators.set_draining(name, draining).await?;
    let words = if draining { "finishes its task and claims no more" } else { "claims again" };
    output.answer(|| said.json.clone(), || format!("{name} {words}"))?;
    Ok(ExitCode::SUCCESS)
}
