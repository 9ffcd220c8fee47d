//! `cipherdeck bench run`.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{
    COMMON, Done,
    target::{Measured, Target, measure},
};
use crate::{
    bench::{
        BenchError,
        book::{self, Row},
        questions::Kind,
        report::{Line, lines, runs},
        run::{Bench, Event, Plan, Sample},
    },
    cli::{
        client::output::Output,
        remote::{number, table, text},
    },
    client::api::Api,
    monitor::history::Stats,
};

pub(super) const HELP: &str = "\
Server seconds are pure computation, as the server's run history has them (with a token of a
mere client: from claim to end). End-to-end seconds are encryption, upload, wait, download and
decryption; the evaluation key is there already. Every run asks something else of the same size:
5 weights, a night of 5 records, a profile of 7 features.

The runs are appended to a CSV file, and to the run history as `bench`: with --url to that
server's, which needs an operator's token, and --operator-url where operators have a listener
of their own; otherwise to that of the data directory, unless a server uses it just now.

Examples:
  cipherdeck bench run
  cipherdeck bench run --use-case weights --use-case sleep --repeat 20 --csv bench.csv
  cipherdeck bench run --threads 1 --json
  cipherdeck bench run --url https://deck.example:8443 --token $TOKEN
  cipherdeck bench run --url https://deck.example --operator-url https://deck.example:8083";

/// The file in the data directory.
pub(super) const CSV: &str = "benchmark.csv";

/// `cipherdeck bench run`
#[derive(Args)]
pub(super) struct RunArgs {
    /// Measured runs of each use case
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    repeat: u32,
    /// Runs of each before those, which are not counted
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    warm_up: u32,
    /// Only this one: ads, sleep, weights, or the whole name; may be given several times
    #[arg(long, value_name = "NAME")]
    use_case: Vec<Kind>,
    /// The file to append to [default: benchmark.csv in the data directory]
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// The operators' listener of the server at --url, if they have one of their own
    #[arg(long, value_name = "URL", requires = "url", help_heading = COMMON)]
    operator_url: Option<String>,
    #[command(flatten)]
    target: Target,
}

pub(super) fn run(args: RunArgs, output: Output) -> Done {
    let RunArgs { repeat, warm_up, use_case, csv, operator_url, target } = args;
    let mut kinds = if use_case.is_empty() { Kind::ALL.to_vec() } else { use_case };
    kinds.sort_unstable();
    kinds.dedup();
    let plan = Plan { kinds, repeat, warm_up };
    measure(target, async |measured| {
        let csv = csv.unwrap_or_else(|| measured.settings.server.data_dir.join(CSV));
        if csv.exists() {
            // A file of another kind is found before the work, not after it.
            book::read(&csv)?;
        }
        let operators = match &operator_url {
            Some(url) => measured.access.api(url)?,
            None => measured.api.clone(),
        };
        let mut samples = Vec::new();
        let done = {
            let bar = Bar::new(&plan, output);
            let bench =
                Bench { api: &measured.api, operators: &operators, oracle: &measured.oracle, stop: &measured.stop };
            bench.run(&plan, &|event: &Event<'_>| bar.show(event), &mut samples).await
        };
        // What was measured is kept, whatever came afterwards.
        let kept = keep(measured, &operators, &csv, &samples).await;
        if !samples.is_empty() && (done.is_ok() || matches!(done, Err(BenchError::Interrupted))) {
            let problem = kept.as_ref().map_or_else(|error| Some(error.to_string()), Clone::clone);
            output.answer(|| as_json(measured, &samples, &csv, problem.as_deref()), || shown(&samples))?;
            if kept.is_ok() {
                output.note(format!("{} appended to {}", runs(samples.len() as u64), csv.display()));
            }
            if let Some(problem) = problem {
                output.note(format!("not entered into the run history: {problem}"));
            }
            if samples.iter().any(|sample| !sample.recorded) {
                output.note("server seconds are from claim to end: the server's run history could not be read there");
            }
        }
        done?;
        kept?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Into the file and the run history; a sentence if the history did not take them.
async fn keep(
    measured: &Measured,
    operators: &Api,
    csv: &std::path::Path,
    samples: &[Sample],
) -> Result<Option<String>, BenchError> {
    if samples.is_empty() {
        return Ok(None);
    }
    // Of another server nobody says it.
    let env = if measured.is_own() { measured.settings.env.word() } else { "" };
    let rows: Vec<Row> = samples.iter().map(|sample| Row::of(sample, env, &measured.machine)).collect();
    book::append(csv, &rows)?;
    let entered = if measured.is_own() {
        book::enter(&measured.settings, samples).await
    } else {
        book::tell_server(operators, samples).await.map(drop)
    };
    Ok(entered.err().map(|error| error.to_string()))
}

fn as_json(measured: &Measured, samples: &[Sample], csv: &std::path::Path, problem: Option<&str>) -> Value {
    let run = |sample: &Sample| {
        json!({
            "task_id": sample.task,
            "use_case": sample.kind.name(),
            "device": sample.device,
            "finished": sample.finished,
            "server_s": sample.server_s,
            "server_s_from": if sample.recorded { "history" } else { "record" },
            "end_to_end_s": sample.end_to_end_s,
            "timing": sample.timing,
            "bytes": sample.sizes,
            "bootstraps": sample.bootstraps,
        })
    };
    let figures = |stats: &Stats| {
        let Stats { n, mean, std, min, max, p50, .. } = *stats;
        json!({"n": n, "mean_s": mean, "std_s": std, "min_s": min, "max_s": max, "p50_s": p50})
    };
    let line = |line: &Line| {
        json!({
            "use_case": line.task,
            "device": line.device,
            "server": figures(&line.server),
            "end_to_end": line.end_to_end.as_ref().map(figures),
        })
    };
    json!({
        "machine": measured.machine,
        "runs": samples.iter().map(run).collect::<Vec<_>>(),
        "statistics": reduced(samples).iter().map(line).collect::<Vec<_>>(),
        "csv": csv,
        "history": {"entered": problem.is_none(), "problem": problem},
    })
}

fn reduced(samples: &[Sample]) -> Vec<Line> {
    let rows: Vec<Row> = samples.iter().map(|sample| Row::of(sample, "", "")).collect();
    lines(&rows, None)
}

fn shown(samples: &[Sample]) -> String {
    let mut shown = table(&["use case", "device", "n", "server s", "± std", "range", "end to end s", "± std", "range"]);
    for line in reduced(samples) {
        let cells = |stats: &Stats| {
            let Stats { mean, min, max, .. } = *stats;
            let deviation = stats.deviation().map_or_else(String::new, |std| format!("{std:.4}"));
            [format!("{mean:.4}"), deviation, format!("{min:.4} - {max:.4}")].map(number)
        };
        let end_to_end = line.end_to_end.as_ref().map(cells).into_iter().flatten();
        let words = [text(&line.task), text(&line.device), number(line.server.n)];
        shown.add_row(words.into_iter().chain(cells(&line.server)).chain(end_to_end));
    }
    shown.to_string()
}

/// One line on the terminal, or nothing.
struct Bar(ProgressBar);

impl Bar {
    fn new(plan: &Plan, output: Output) -> Self {
        let all = plan.kinds.len() as u64 * u64::from(plan.repeat + plan.warm_up);
        let bar = if output.is_json() { ProgressBar::hidden() } else { ProgressBar::new(all) };
        bar.set_style(style("  {msg:<40} {wide_bar} {pos}/{len} {elapsed}"));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    fn show(&self, event: &Event<'_>) {
        match event {
            Event::Preparing(kind) => self.0.set_message(format!("{}: keys", kind.name())),
            Event::Begin(kind, 0) => {
                self.0.set_message(format!("{}: warm-up", kind.name()));
                self.0.inc(1);
            }
            Event::Begin(kind, run) => self.0.set_message(format!("{}: run {run}", kind.name())),
            Event::Measured(_) => self.0.inc(1),
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

pub(super) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
