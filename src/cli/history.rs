//! `cipherdeck history`: what successful tasks cost.

use std::{io::Write as _, process::ExitCode};

use clap::Args;

use super::remote::{self, Remote, Result, moment, number, parameters, table, text};
use crate::{
    client::{
        ClientError,
        api::operator::{Figures, Operators, Run},
    },
    text::sanitise,
};

const HISTORY: &str = "\
Examples:
  cipherdeck history
  cipherdeck history --use-case weight_stats --age 7d --limit 1000
  cipherdeck history --statistics --limit 10000
  cipherdeck history --csv --limit 100000 > history.csv

The columns of the CSV:
  date;env;machine;task_name;server_execution_time(s);end_to_end_execution_time(s);device";

/// `cipherdeck history`
#[derive(Args)]
#[command(
    about = "Show what successful tasks cost",
    long_about = "Shows the run history of a server: one row per success, kept over restarts and longer than the tasks.",
    after_help = HISTORY
)]
pub(super) struct HistoryArgs {
    #[command(flatten)]
    remote: Remote,
    /// Of this use case
    #[arg(long, value_name = "NAME")]
    use_case: Option<String>,
    /// task (of clients) or bench
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// Finished within this time: 90s, 5m, 2h, 7d
    #[arg(long, value_name = "AGE")]
    age: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    /// Show figures of the rows instead of the rows: mean, spread, percentiles, newest against before
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    statistics: bool,
    /// Print CSV, separated by semicolons
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

pub(super) fn run(args: HistoryArgs) -> color_eyre::Result<ExitCode> {
    let parameters = parameters(&[
        ("use_case", args.use_case),
        ("origin", args.origin),
        ("age", args.age),
        ("limit", Some(args.limit.to_string())),
    ]);
    remote::run(&args.remote, async |api, output| {
        let operators = api.operators();
        if args.csv {
            return csv(operators, &parameters).await;
        }
        let said = operators.history(&parameters).await?;
        let shown = || if args.statistics { figures(&said.value.statistics) } else { rows(&said.value.runs) };
        output.answer(|| said.json.clone(), shown)?;
        if args.statistics {
            let runs = said.value.runs.len();
            // The server takes the newest first: as many as asked for means that there may be more.
            if runs >= args.limit as usize {
                output.note(format!("figures of the newest {runs} runs; --limit takes more"));
            } else {
                output.note(format!("figures of all {runs} runs that match"));
            }
            output.note(sanitise(&said.value.rule, 500));
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn csv(operators: Operators<'_>, parameters: &[(&'static str, String)]) -> Result<ExitCode> {
    let text = operators.history_csv(parameters).await?;
    let mut out = std::io::stdout().lock();
    match out.write_all(&text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(ClientError::File { path: "standard output".to_owned(), problem: error.to_string() }.into())
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn rows(runs: &[Run]) -> String {
    let mut shown =
        table(&["finished", "use case", "device", "waited s", "server s", "end to end s", "bootstraps", "origin"]);
    for run in runs {
        shown.add_row([
            text(&moment(run.finished)),
            text(&run.use_case),
            text(&run.device),
            number(format!("{:.3}", run.queue_s)),
            number(format!("{:.3}", run.server_s)),
            number(run.end_to_end_s.map(|seconds| format!("{seconds:.3}")).unwrap_or_default()),
            number(run.bootstraps),
            text(&run.origin),
        ]);
    }
    shown.to_string()
}

fn figures(all: &[Figures]) -> String {
    let header = ["use case", "device", "time", "n", "mean s", "std", "min", "max", "p50", "p95", "p99", "lately"];
    let mut shown = table(&header);
    for it in all {
        let lately = it.comparison.as_ref();
        let lately = lately.map(|it| format!("{} (x{:.2})", it.verdict, it.ratio)).unwrap_or_default();
        let words = [&it.use_case, &it.device, &it.measure].map(|word| text(word));
        let seconds = [it.mean_s, it.std_s, it.min_s, it.max_s, it.p50_s, it.p95_s, it.p99_s];
        let seconds = seconds.map(|seconds| number(format!("{seconds:.3}")));
        shown.add_row(words.into_iter().chain([number(it.n)]).chain(seconds).chain([text(&lately)]));
    }
    shown.to_string()
}
