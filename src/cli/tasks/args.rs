//! What `cipherdeck tasks` takes.

use clap::{Args, Subcommand};

use crate::{
    cli::remote::{Remote, parameters},
    client::api::operator::TaskAction,
};

const LIST: &str = "\
Examples:
  cipherdeck tasks list
  cipherdeck tasks list --state failure --use-case weight_stats
  cipherdeck tasks list --state queued --age '>5m' --limit 1000
  cipherdeck tasks list --quiet --state failure | cipherdeck tasks requeue --yes -";

const SHOW: &str = "\
Example:
  cipherdeck tasks show 936da01f-9abd-4d9d-80c7-02af85c822a8";

const CHANGE: &str = "\
Examples:
  cipherdeck tasks cancel 936da01f-9abd-4d9d-80c7-02af85c822a8
  cipherdeck tasks list --quiet --state queued --uid 3fa94c21 | cipherdeck tasks cancel --yes -
  cipherdeck tasks list --quiet --state failure | cipherdeck tasks requeue --yes -
  cipherdeck tasks list --quiet --state revoked | cipherdeck tasks delete --yes -";

const PRIORITY: &str = "\
Examples:
  cipherdeck tasks priority --to 5 936da01f-9abd-4d9d-80c7-02af85c822a8
  cipherdeck tasks priority --by -1 936da01f-9abd-4d9d-80c7-02af85c822a8";

const PAUSE: &str = "\
Examples:
  cipherdeck tasks pause weight_stats
  cipherdeck tasks resume weight_stats sleep_quality";

const TASKS: &str = "\
Examples:
  cipherdeck tasks list --state queued
  cipherdeck tasks cancel 936da01f-9abd-4d9d-80c7-02af85c822a8
  cipherdeck tasks --url http://10.0.0.5:8082 --json list

Exit codes: 0 done, 1 failed or refused, 2 wrong usage.";

/// `cipherdeck tasks`
#[derive(Args)]
#[command(
    about = "List, cancel, requeue, delete, reorder everybody's tasks",
    long_about = "Lists everybody's tasks on a running server and changes them. Every change is in the server's audit log.",
    after_help = TASKS
)]
pub(in crate::cli) struct TasksArgs {
    #[command(flatten)]
    pub(super) remote: Remote,
    #[command(subcommand)]
    pub(super) command: TasksCommand,
}

/// The commands.
#[derive(Subcommand)]
pub(super) enum TasksCommand {
    /// Tasks by pages, with filters
    #[command(after_help = LIST)]
    List(Filters),
    /// Everything about one task, with its lines of the log
    #[command(after_help = SHOW)]
    Show {
        /// The task's id
        id: String,
    },
    /// Stop tasks: waiting ones at once, running ones at their next step
    #[command(after_help = CHANGE)]
    Cancel(Targets),
    /// Queue ended tasks again with their original input
    #[command(after_help = CHANGE)]
    Requeue(Targets),
    /// Delete ended tasks with their inputs and results
    #[command(after_help = CHANGE)]
    Delete(Targets),
    /// Let waiting tasks run earlier or later
    #[command(after_help = PRIORITY)]
    Priority {
        #[command(flatten)]
        how: NewPriority,
        #[command(flatten)]
        ids: Ids,
    },
    /// Claim no more tasks of a use case; running ones go on
    #[command(after_help = PAUSE)]
    Pause {
        /// Names of use cases
        #[arg(value_name = "USE_CASE", required = true)]
        use_cases: Vec<String>,
    },
    /// Claim tasks of a use case again
    #[command(after_help = PAUSE)]
    Resume {
        /// Names of use cases
        #[arg(value_name = "USE_CASE", required = true)]
        use_cases: Vec<String>,
    },
}

/// Which tasks to list.
#[derive(Args)]
pub(super) struct Filters {
    /// all, queued, started, success, completed, failure, revoked, finished (success, completed), ended
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// Of this use case
    #[arg(long, value_name = "NAME")]
    use_case: Option<String>,
    /// The uid's tag begins with this
    #[arg(long, value_name = "TAG")]
    uid: Option<String>,
    /// The worker's name contains this
    #[arg(long, value_name = "NAME")]
    worker: Option<String>,
    /// The id begins with this
    #[arg(long, value_name = "PREFIX")]
    id: Option<String>,
    /// Enqueued longer ago (>5m) or not so long ago (<2h)
    #[arg(long, value_name = "AGE")]
    age: Option<String>,
    /// life (queued by position, started, ended), created, position, started, finished
    #[arg(long, value_name = "ORDER")]
    order: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) limit: u32,
    /// Print ids only, one a line
    #[arg(long, short)]
    pub(super) quiet: bool,
}

impl Filters {
    /// As query parameters.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        parameters(&[
            ("state", self.state.clone()),
            ("use_case", self.use_case.clone()),
            ("uid", self.uid.clone()),
            ("worker", self.worker.clone()),
            ("id", self.id.clone()),
            ("age", self.age.clone()),
            ("order", self.order.clone()),
        ])
    }
}

/// Some tasks.
#[derive(Args)]
pub(super) struct Ids {
    /// Ids of tasks; - reads them from standard input, one a line
    #[arg(value_name = "ID", required = true)]
    pub(super) ids: Vec<String>,
}

/// To which tasks something is done that takes something away.
#[derive(Args)]
pub(super) struct Targets {
    #[command(flatten)]
    pub(super) ids: Ids,
    /// Do not ask when there is more than one
    #[arg(long)]
    pub(super) yes: bool,
}

/// How a priority changes.
#[derive(Args, Clone, Copy)]
#[group(required = true, multiple = false)]
pub(super) struct NewPriority {
    /// To this, -10 to 10; higher runs first
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = clap::value_parser!(i8).range(-10..=10))]
    to: Option<i8>,
    /// By so much
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = clap::value_parser!(i8).range(-20..=20))]
    by: Option<i8>,
}

impl NewPriority {
    pub(super) fn action(self) -> TaskAction {
        match (self.to, self.by) {
            (Some(to), _) => TaskAction::Priority(to),
            (None, by) => TaskAction::Raise(by.unwrap_or_default()),
        }
    }
}
