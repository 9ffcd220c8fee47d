//! `cipherdeck bench load`.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::{
    Done,
    run::style,
    target::{Target, measure},
};
use crate::{
    bench::{
        BenchError,
        load::{self, End, Fault, Gauges, Latencies, Mix, Now, Outcome, Percentiles, Plan, Stage, share},
    },
    cli::{
        client::output::Output,
        remote::{number, table, text},
    },
};

pub(super) const HELP: &str = "\
Each client has a uid of its own and asks one thing after the other: encrypt, submit, wait,
fetch, decrypt, check. A few keys are shared among all clients, because making one takes
seconds. Clients and their cryptography share this machine with a server of its own.

Nothing may be wrong (another answer than the plain calculation's), lost (accepted, and without
an end or its answer), duplicated (started or computed twice) or unexpected (a cancelled task
with an answer): otherwise the exit code is 1. Ctrl-C cancels what is open and prints what was
seen; the exit code is then 130.

Examples:
  cipherdeck bench load
  cipherdeck bench load --clients 10 --seconds 30 --mix ads=1 --cancel 0
  cipherdeck bench load --url https://deck.example:8443 --token $TOKEN --json";

/// `cipherdeck bench load`
#[derive(Args)]
pub(super) struct LoadArgs {
    /// Clients at once
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    clients: u32,
    /// Start new tasks for so long
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// Use cases and how often each is asked, by whole weights
    #[arg(long, value_name = "MIX", default_value = "ads=8,weights=1,sleep=1")]
    mix: Mix,
    /// Share of the tasks that are cancelled again
    #[arg(long, value_name = "SHARE", default_value = "10%", value_parser = share)]
    cancel: f64,
    /// Distinct keys among the clients
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    keys: u32,
    /// Tasks that have not ended so many seconds after the end are lost
    #[arg(long, value_name = "S", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    patience: u64,
    #[command(flatten)]
    target: Target,
}

pub(super) fn run(args: LoadArgs, output: Output) -> Done {
    let LoadArgs { clients, seconds, mix, cancel, keys, patience, target } = args;
    let plan = Plan {
        clients: clients as usize,
        keys: keys.min(clients) as usize,
        time: Duration::from_secs(seconds),
        mix,
        cancel,
        patience: Duration::from_secs(patience),
    };
    measure(target, async |measured| {
        let outcome = {
            let bar = Bar::new(&plan, output);
            load::run(&measured.api, &measured.oracle, &plan, &bar, &measured.stop).await?
        };
        output.answer(|| as_json(&plan, &outcome), || shown(&plan, &outcome))?;
        for sentence in &outcome.tally.sentences {
            output.note(sentence);
        }
        let answered = outcome.tally.count(Some(End::Answered));
        if !outcome.is_sound() {
            output.note("NOT SOUND: not every accepted task had its one right answer");
        } else if outcome.stopped {
            return Err(BenchError::Interrupted.into());
        } else if answered == 0 {
            output.note("no task was answered");
        } else {
            return Ok(ExitCode::SUCCESS);
        }
        Ok(ExitCode::FAILURE)
    })
}

/// Name and times of everything that was timed.
fn timed(outcome: &Outcome) -> Vec<(String, Percentiles)> {
    let tally = &outcome.tally;
    let requests = [("submit", &tally.submit), ("status", &tally.status)];
    let requests = requests.into_iter().map(|(name, times)| (name.to_owned(), times));
    let whole = tally.end_to_end.iter().map(|(kind, times)| (format!("end to end {}", kind.name()), times));
    let reduced = |(name, times): (String, &Latencies)| Some((name, times.percentiles()?));
    requests.chain(whole).filter_map(reduced).collect()
}

fn as_json(plan: &Plan, outcome: &Outcome) -> Value {
    let tally = &outcome.tally;
    let answered = tally.count(Some(End::Answered));
    let faults: serde_json::Map<_, _> =
        Fault::ALL.iter().map(|fault| (fault.word().to_owned(), json!(tally.faults(*fault)))).collect();
    let latencies: serde_json::Map<_, _> =
        timed(outcome).into_iter().map(|(name, times)| (name, json!(times))).collect();
    let by_use_case: serde_json::Map<_, _> =
        tally.answered.iter().map(|(kind, count)| (kind.name().to_owned(), json!(count))).collect();
    json!({
        "clients": plan.clients,
        "keys": plan.keys,
        "mix": plan.mix.to_string(),
        "cancel": plan.cancel,
        "setup_s": outcome.setup_s,
        "load_s": outcome.load_s,
        "total_s": outcome.total_s,
        "stopped": outcome.stopped,
        "accepted": tally.total(),
        "answered": answered,
        "answered_by_use_case": by_use_case,
        "cancelled": tally.count(Some(End::Cancelled)),
        "failed": tally.count(Some(End::Failed)),
        "answers_per_s": answered as f64 / outcome.total_s,
        "peak_queue": tally.peak_queue,
        "latencies_s": latencies,
        "errors": tally.errors,
        "faults": faults,
        "server_history": outcome.audit.map(|audit| {
            json!({"looked_for": audit.looked_for, "missing": audit.missing, "duplicated": audit.duplicated})
        }),
        "sentences": tally.sentences,
        "sound": outcome.is_sound(),
    })
}

fn shown(plan: &Plan, outcome: &Outcome) -> String {
    let tally = &outcome.tally;
    let answered = tally.count(Some(End::Answered));
    let mut figures = table(&["load", ""]);
    let mut row = |name: &str, value: String| {
        figures.add_row([text(name), text(&value)]);
    };
    row("clients", format!("{} with {} distinct keys, set up in {:.1} s", plan.clients, plan.keys, outcome.setup_s));
    row("mix", format!("{}, {:.0} % cancelled", plan.mix, plan.cancel * 100.0));
    row(
        "time",
        format!("{:.1} s, and {:.1} s until the last task had ended", outcome.load_s, outcome.total_s - outcome.load_s),
    );
    row("accepted", tally.total().to_string());
    let by: Vec<String> = tally.answered.iter().map(|(kind, count)| format!("{} {count}", kind.name())).collect();
    row("answered rightly", format!("{answered} ({})", by.join(", ")));
    row("cancelled", tally.count(Some(End::Cancelled)).to_string());
    row("failed", tally.count(Some(End::Failed)).to_string());
    row("throughput", format!("{:.2} answers/s", answered as f64 / outcome.total_s));
    row("peak queue", tally.peak_queue.to_string());
    for fault in Fault::ALL {
        row(fault.word(), tally.faults(fault).to_string());
    }
    row(
        "server's history",
        match outcome.audit {
            None => "not looked at: that needs a viewer's token".to_owned(),
            Some(audit) => format!(
                "of {} tasks {} answers without a row, {} computed twice",
                audit.looked_for, audit.missing, audit.duplicated
            ),
        },
    );
    let mut latencies = table(&["seconds", "n", "p50", "p90", "p99", "max"]);
    for (name, times) in timed(outcome) {
        let seconds = [times.p50, times.p90, times.p99, times.max].map(|seconds| number(format!("{seconds:.3}")));
        latencies.add_row([text(&name), number(times.n)].into_iter().chain(seconds));
    }
    let mut errors = table(&["refused or failed", "times"]);
    for (what, count) in &tally.errors {
        errors.add_row([text(what), number(count)]);
    }
    let errors = if tally.errors.is_empty() { "no errors".to_owned() } else { errors.to_string() };
    format!("{figures}\n{latencies}\n{errors}")
}

/// One line on the terminal, or nothing.
struct Bar {
    bar: ProgressBar,
    seconds: u64,
}

impl Bar {
    fn new(plan: &Plan, output: Output) -> Self {
        let bar = if output.is_json() { ProgressBar::hidden() } else { ProgressBar::new(1) };
        bar.set_style(style("  {msg:<70} {wide_bar} {elapsed}"));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, seconds: plan.time.as_secs() }
    }

    fn at(&self, position: usize, length: usize) {
        self.bar.set_length(length as u64);
        self.bar.set_position(position as u64);
    }
}

impl Gauges for Bar {
    fn stage(&self, stage: Stage) {
        match stage {
            Stage::Keys(made, of) => {
                self.at(made, of);
                self.bar.set_message(format!("making key {} of {of}", made + 1));
            }
            Stage::Uids(made, of) => {
                self.at(made, of);
                self.bar.set_message(format!("client {made} of {of} registered"));
            }
            Stage::Load => {
                self.bar.reset_elapsed();
                self.at(0, self.seconds as usize);
            }
            Stage::Rest => {}
        }
    }

    fn now(&self, now: &Now) {
        self.bar.set_position(self.bar.elapsed().as_secs().min(self.seconds));
        let Now { answered, open, queue, errors, faults, .. } = now;
        self.bar
            .set_message(format!("{answered} answered, {open} open, {queue} wait, {errors} errors, {faults} faults"));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
