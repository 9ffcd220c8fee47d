//! `cipherdeck bench report`.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use color_eyre::eyre::WrapErr as _;
use serde_json::json;

use super::{COMMON, Done, Failure, run::CSV};
use crate::{
    bench::{
        BenchError,
        book::{self, Row},
        questions::Kind,
        report::{self, Caption, Line},
    },
    cli::{client::output::Output, place::Place, server::Access},
    client::api::operator::Run,
    config::Thing,
    monitor::sampler::{describe, node_name},
    task::Timestamp,
    text::sanitise,
};

pub(super) const HELP: &str = "\
Prints the table, and writes what it is told to: a README gets it between the lines
  <!-- BENCHMARK_TABLE_START -->
  <!-- BENCHMARK_TABLE_END -->
with machine and date; a chart becomes NAME.svg and NAME.png, to which the README then refers.
Files are written whole.

The runs are those of the newest one's machine in the CSV file of `bench run`, or with --url the
`bench` rows of a server's run history (a viewer's token).

Examples:
  cipherdeck bench report
  cipherdeck bench report --readme README.md --chart docs/benchmark
  cipherdeck bench report --csv bench.csv --last 20 --on 'c5.4xlarge, 16 vCPUs'
  cipherdeck bench report --url https://deck.example:8443 --token $TOKEN --json";

/// The most that the history endpoint gives.
const ROWS: &str = "100000";

/// `cipherdeck bench report`
#[derive(Args)]
pub(super) struct ReportArgs {
    /// The file of `bench run` [default: benchmark.csv in the data directory]
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    csv: Option<PathBuf>,
    /// Write the table into this file, between its markers
    #[arg(long, value_name = "FILE")]
    readme: Option<PathBuf>,
    /// Draw the chart: NAME.svg and NAME.png
    #[arg(long, value_name = "NAME")]
    chart: Option<PathBuf>,
    /// Only the newest runs of each use case and device
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    last: Option<u32>,
    /// What the machine is [default: this machine's processor and memory, if it is the one]
    #[arg(long, value_name = "TEXT")]
    on: Option<String>,
    /// The run history of this server instead of a file
    #[arg(long, value_name = "URL", help_heading = COMMON)]
    url: Option<String>,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    place: Place,
}

/// Runs, and what they ran on.
struct Runs {
    rows: Vec<Row>,
    machine: String,
    /// Rows of other machines, which are left out.
    others: usize,
}

pub(super) fn run(mut args: ReportArgs, output: Output) -> Done {
    let runs = if let Some(url) = args.url.take() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.wrap_err("cannot start the runtime")?.block_on(of_server(&url, &args))
    } else {
        let csv = match args.csv.take() {
            Some(csv) => csv,
            None => args.place.clone().of(Thing::DataDir)?.join(CSV),
        };
        of_file(&csv)
    };
    Ok(runs.and_then(|runs| report(&runs, &args, output)))
}

fn of_file(csv: &Path) -> Result<Runs, Failure> {
    if !csv.exists() {
        let problem = "there is no such file: `cipherdeck bench run` writes it, --csv names another one";
        return Err(BenchError::file(csv, problem).into());
    }
    let mut rows = book::read(csv)?;
    let newest = rows.iter().max_by_key(|row| row.date).map(|row| row.machine.clone());
    let machine = newest.ok_or_else(|| BenchError::Nothing(format!("there are no runs in {}", csv.display())))?;
    let all = rows.len();
    rows.retain(|row| row.machine == machine);
    Ok(Runs { others: all - rows.len(), rows, machine })
}

async fn of_server(url: &str, args: &ReportArgs) -> Result<Runs, Failure> {
    let api = args.access.api(url)?;
    let parameters = [("origin", "bench".to_owned()), ("limit", ROWS.to_owned())];
    let runs = api.operators().history(&parameters).await?.value.runs;
    let machine = super::target::machine(url);
    let row = |run: Run| {
        let date = run.finished.unwrap_or(Timestamp::from_millis(0));
        let [use_case, device] = [&run.use_case, &run.device].map(|text| sanitise(text, 64));
        let (server_s, end_to_end_s) = (run.server_s, run.end_to_end_s);
        Row { date, env: String::new(), machine: machine.clone(), use_case, server_s, end_to_end_s, device }
    };
    let rows: Vec<Row> = runs.into_iter().map(row).collect();
    if rows.is_empty() {
        return Err(BenchError::Nothing("this server's run history has no runs of `bench run`".to_owned()).into());
    }
    Ok(Runs { rows, machine, others: 0 })
}

fn report(runs: &Runs, args: &ReportArgs, output: Output) -> Result<ExitCode, Failure> {
    let lines = report::lines(&runs.rows, args.last.map(|last| last as usize));
    let on = match &args.on {
        Some(text) => sanitise(text, 120),
        None if runs.machine == node_name() => describe(),
        None => runs.machine.clone(),
    };
    let date = runs.rows.iter().map(|row| row.date).max().map(day).unwrap_or_default();
    let caption = Caption { title: "One answer at a time".to_owned(), subtitle: format!("{on} · {date}") };
    // Before anything is written: a README without markers, or a chart that cannot be drawn, changes nothing.
    let readme = args.readme.as_ref().map(|path| with_table(path, &section(&lines, &on, &date, args, path)));
    let readme = readme.transpose()?;
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    if let Some(chart) = &args.chart {
        files.push((extended(chart, "svg"), report::svg(&lines, &caption)?.into_bytes()));
        files.push((extended(chart, "png"), report::png(&lines, &caption)?));
    }
    files.extend(args.readme.clone().zip(readme));
    for (path, bytes) in &files {
        report::write(path, bytes)?;
    }
    let written: Vec<String> = files.iter().map(|(path, _)| path.display().to_string()).collect();
    let table = report::markdown(&lines);
    output.answer(
        || json!({"machine": on, "date": date, "table": table, "written": written, "left_out": runs.others}),
        || table.clone(),
    )?;
    for path in &written {
        output.note(format!("written: {path}"));
    }
    if runs.others > 0 {
        output.note(format!("left out: {} of other machines", report::runs(runs.others as u64)));
    }
    Ok(ExitCode::SUCCESS)
}

fn with_table(path: &Path, section: &str) -> Result<Vec<u8>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| BenchError::file(path, error))?;
    let text = report::replace(&text, section).map_err(|problem| BenchError::file(path, problem))?;
    Ok(text.into_bytes())
}

/// What stands between the markers.
fn section(lines: &[Line], on: &str, date: &str, args: &ReportArgs, readme: &Path) -> String {
    let counts: Vec<u64> = lines.iter().map(|line| line.server.n).collect();
    let (least, most) = (counts.iter().min().copied().unwrap_or(0), counts.iter().max().copied().unwrap_or(0));
    let counts = if least == most { report::runs(most) } else { format!("{least} to {most} runs") };
    let sizes: Vec<String> = Kind::ALL.iter().map(|kind| format!("`{}` {}", kind.name(), kind.size())).collect();
    let mut text = report::markdown(lines);
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\n\nOn {on}, {date}, cipherdeck {}, {counts} each, one after the other: {}. Server time is pure computation; \
         E2E (end to end) adds encryption, upload, waiting, download and decryption, with the evaluation key already there.",
        env!("CARGO_PKG_VERSION"),
        sizes.join(", ")
    );
    if let Some(chart) = &args.chart {
        let _ = write!(text, "\n\n![Server and end-to-end times]({})", beside(readme, &extended(chart, "svg")));
    }
    text
}

/// A chart's path as the README refers to it: both are relative to where the command runs, as a rule.
fn beside(readme: &Path, chart: &Path) -> String {
    let dir = readme.parent().unwrap_or_else(|| Path::new(""));
    let relative = chart.strip_prefix(dir).unwrap_or(chart);
    relative.display().to_string().replace(' ', "%20")
}

fn extended(name: &Path, extension: &str) -> PathBuf {
    // Whoever names one of the two files means both.
    let bare = name.extension().is_some_and(|given| given == "svg" || given == "png");
    let mut file = if bare { name.with_extension("") } else { name.to_owned() }.into_os_string();
    file.push(".");
    file.push(extension);
    PathBuf::from(file)
}

fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_readme_refers_to_the_chart_from_where_it_lies() {
        let refers = |readme: &str, chart: &str| beside(Path::new(readme), Path::new(chart));
        assert_eq!(refers("README.md", "docs/benchmark.svg"), "docs/benchmark.svg");
        assert_eq!(refers("/a/README.md", "/a/docs/my chart.svg"), "docs/my%20chart.svg");
        assert_eq!(extended(Path::new("docs/v1.2"), "png"), Path::new("docs/v1.2.png"));
    }
}
