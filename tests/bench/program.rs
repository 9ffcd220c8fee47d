//! The commands as processes, with real ciphertexts.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use cipherdeck::{
    config::{self, Overrides},
    store::{self, RunFilter},
    task::RunOrigin,
};
use serde_json::Value;

use crate::{
    operator::commands::run,
    support::process::{PROGRAM, ServerProcess},
};

async fn json(arguments: &[&str]) -> Value {
    let done = run(&[&["bench", "--json"], arguments].concat(), "").await;
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&done.stdout).unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn runs_on_a_server_of_its_own_are_kept_and_reported() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let place = ["--data-dir", path(&data)];
    let plan = ["run", "--repeat", "2", "--warm-up", "0", "--use-case", "ads", "--use-case", "weight_stats"];
    let figures = json(&[&plan[..], &place].concat()).await;
    let runs = figures["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 4);
    for run in runs {
        let (server, whole) = (run["server_s"].as_f64().unwrap(), run["end_to_end_s"].as_f64().unwrap());
        assert!(0.0 < server && server < whole, "{run}");
        assert_eq!((&run["device"], &run["server_s_from"]), (&Value::from("cpu"), &Value::from("history")));
        assert_eq!(run["bytes"]["key"], 0, "the key was uploaded before");
    }
    assert_eq!(runs[3]["bootstraps"], 81);
    assert_eq!(figures["history"]["entered"], true);

    let settings = config::load(Overrides { data_dir: Some(data.clone()), ..Overrides::default() }).unwrap();
    let store = store::open(&settings).await.unwrap();
    let kept = store.runs(RunFilter { limit: 100, ..RunFilter::default() }).await.unwrap();
    let audited = store.audited(Default::default(), None, 10).await.unwrap().rows;
    store.close().await;
    assert_eq!(kept.len(), 4);
    assert!(kept.iter().all(|run| run.origin == RunOrigin::Bench && run.end_to_end_s.is_some()));
    assert_eq!((audited[0].entry.action.as_str(), audited[0].entry.object.as_str()), ("bench", "4 runs"));

    let (readme, chart) = (dir.path().join("README.md"), dir.path().join("docs/benchmark"));
    std::fs::write(&readme, "# A\n<!-- BENCHMARK_TABLE_START -->\n<!-- BENCHMARK_TABLE_END -->\nrest\n").unwrap();
    let report = ["report", "--readme", path(&readme), "--chart", path(&chart), "--on", "a test"];
    let written = json(&[&report[..], &place].concat()).await;
    assert_eq!(written["written"].as_array().unwrap().len(), 3);
    let text = std::fs::read_to_string(&readme).unwrap();
    for part in
        ["\nad_targeting | cpu | 0.", "\nweight_stats | cpu | ", "On a test, 2", "](docs/benchmark.svg)", "\nrest\n"]
    {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    assert!(std::fs::read(dir.path().join("docs/benchmark.png")).unwrap().starts_with(b"\x89PNG"));
    assert!(std::fs::read_to_string(dir.path().join("docs/benchmark.svg")).unwrap().contains("weight_stats"));
}

#[tokio::test]
async fn a_running_servers_history_has_the_runs_and_nothing_else_is_left_there() {
    let dir = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(&dir.path().join("server"), &[]);
    let data = dir.path().join("own");
    let arguments = ["run", "--url", &server.url, "--use-case", "ads", "--repeat", "2", "--data-dir", path(&data)];
    let figures = json(&arguments).await;
    assert_eq!(figures["history"]["entered"], true);
    assert!(data.join("benchmark.csv").exists() && !data.join("store.sqlite").exists());
    let bench = run(&["history", "--json", "--origin", "bench", "--url", &server.url], "").await;
    let bench: Value = serde_json::from_str(&bench.stdout).unwrap();
    assert_eq!(bench["runs"].as_array().unwrap().len(), 2);
    let tasks = run(&["tasks", "list", "--json", "--url", &server.url], "").await;
    let tasks: Value = serde_json::from_str(&tasks.stdout).unwrap();
    assert_eq!(tasks["counts"]["total"], 0, "the benchmark's tasks are deleted again");
    let report = json(&["report", "--url", &server.url]).await;
    assert!(report["table"].as_str().unwrap().contains("\nad_targeting | cpu | "), "{report}");
}

#[tokio::test]
async fn while_a_server_uses_the_data_directory_the_file_has_the_runs_and_the_reason_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let _server = ServerProcess::start(dir.path(), &[]);
    let arguments = ["run", "--use-case", "ads", "--repeat", "1", "--warm-up", "0", "--data-dir", path(dir.path())];
    let figures = json(&arguments).await;
    assert_eq!(figures["history"]["entered"], false);
    assert!(figures["history"]["problem"].as_str().unwrap().contains("is using the data directory"), "{figures}");
    assert_eq!(std::fs::read_to_string(dir.path().join("benchmark.csv")).unwrap().lines().count(), 2);
}

#[tokio::test]
async fn a_readme_without_markers_stays_as_it_is_and_so_does_everything_else() {
    let dir = tempfile::tempdir().unwrap();
    let (csv, readme, chart) = (dir.path().join("b.csv"), dir.path().join("README.md"), dir.path().join("chart"));
    let rows = "date;env;machine;task_name;server_execution_time(s);end_to_end_execution_time(s);device\n\
        2026-11-23T01:00:00.000Z;dev;m;weight_stats;0.8;1.2;cpu\n";
    std::fs::write(&csv, rows).unwrap();
    std::fs::write(&readme, "# nothing here\n").unwrap();
    let csv = ["bench", "report", "--csv", path(&csv)];
    let done = run(&[&csv[..], &["--readme", path(&readme), "--chart", path(&chart)]].concat(), "").await;
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("no line <!-- BENCHMARK_TABLE_START -->"), "{}", done.stderr);
    assert_eq!(std::fs::read_to_string(&readme).unwrap(), "# nothing here\n");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    let shown = run(&csv, "").await;
    assert_eq!((shown.code, shown.stdout.lines().count()), (0, 3), "{}", shown.stderr);
    let none = run(&["bench", "report", "--csv", "no/such.csv"], "").await;
    assert_eq!((none.code, none.stdout.as_str()), (1, ""));
}

#[tokio::test]
async fn load_gives_each_task_its_one_right_answer() {
    let dir = tempfile::tempdir().unwrap();
    let plan =
        ["load", "--clients", "4", "--seconds", "4", "--keys", "2", "--mix", "ads=6,weights=1", "--cancel", "20%"];
    let figures = json(&[&plan[..], &["--data-dir", path(dir.path())]].concat()).await;
    let number = |name: &str| figures[name].as_u64().unwrap_or_else(|| panic!("{name} in {figures}"));
    assert_eq!((&figures["sound"], &figures["stopped"]), (&Value::from(true), &Value::from(false)), "{figures}");
    assert!(number("answered") > 0 && number("cancelled") > 0, "{figures}");
    assert_eq!(number("accepted"), number("answered") + number("cancelled") + number("failed"));
    for fault in ["wrong", "lost", "duplicated", "unexpected"] {
        assert_eq!(figures["faults"][fault], 0, "{figures}");
    }
    let history = &figures["server_history"];
    assert_eq!((&history["looked_for"], &history["missing"]), (&figures["accepted"], &Value::from(0)));
    for times in ["submit", "status", "end to end ad_targeting"] {
        let times = &figures["latencies_s"][times];
        let [p50, p99, max] = ["p50", "p99", "max"].map(|name| times[name].as_f64().unwrap());
        assert!(0.0 < p50 && p50 <= p99 && p99 <= max, "{figures}");
    }
    assert!(!dir.path().join("store.sqlite").exists(), "load keeps nothing");
}

#[tokio::test]
async fn wrong_words_are_wrong_usage() {
    for (arguments, part) in [
        (&["run", "--use-case", "steps"][..], "weight_stats"),
        (&["load", "--mix", "ads=0"], "above 0"),
        (&["load", "--cancel", "110%"], "a share is like"),
        (&["run", "--repeat", "0"], "1.."),
        (&["run", "--url", "nonsense"], "no URL"),
        (&["run", "--url", "http://127.0.0.1:1", "--threads", "2"], "--threads"),
    ] {
        let done = run(&[&["bench"], arguments].concat(), "").await;
        assert_eq!(done.code, 2, "{arguments:?}: {}", done.stderr);
        assert!(done.stderr.contains(part), "{arguments:?}: {}", done.stderr);
    }
}

#[tokio::test]
async fn load_that_is_interrupted_says_so_and_shows_what_it_saw() {
    let dir = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(dir.path(), &[]);
    let load = ["bench", "load", "--json", "--clients", "2", "--keys", "1", "--seconds", "3600", "--mix", "ads=1"];
    let child = Command::new(PROGRAM)
        .args(load)
        .args(["--url", &server.url])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    server.says("task accepted");
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let done = child.wait_with_output().unwrap();
    let (stdout, stderr) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap());
    assert_eq!(done.status.code(), Some(130), "{stdout}{stderr}");
    let figures: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&figures["stopped"], &figures["sound"]), (&Value::from(true), &Value::from(true)), "{figures}");
    assert!(stderr.contains("interrupted"), "{stderr}");
}
