//! Whole answers, as the client command gives them.

use std::{path::Path, process::Command, time::Instant};

use serde_json::Value;

use crate::{
    report::{Aim, Report},
    support::process::{PROGRAM, ServerProcess},
};

/// One night of 5 records.
const NIGHT: &str = "[[0, 0, 480], [3, 12, 200], [2, 200, 215], [4, 215, 330], [5, 330, 470]]";

pub async fn measure(report: &mut Report) {
    report.note("whole answers");
    let (data, wallet) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = ServerProcess::start(data.path(), &[]);
    let ads = ["ad-targeting", "--gender", "female", "--age", "34", "--language", "French", "--country", "France"];
    let ads = [&ads[..], &["--interest", "Books", "--interest", "Travel"]].concat();
    let (wall, first) = run(&server.url, &wallet.path().join("first"), &ads);
    report.line("first ad answer from an empty wallet, whole command", wall * 1e3, "ms", Aim::Below(500.0));
    report.line(
        "claim after enqueue on an idle worker",
        first["timing"]["queue_s"].as_f64().unwrap() * 1e3,
        "ms",
        Aim::Below(20.0),
    );
    let night = wallet.path().join("night.json");
    std::fs::write(&night, NIGHT).unwrap();
    for (name, arguments) in [
        ("ad_targeting", ads),
        ("weight_stats, 5 weights", vec!["weight-stats", "68.0", "65.0", "69.0", "70.0", "70.5"]),
        ("sleep_quality, 5 records", vec!["sleep-quality", night.to_str().unwrap()]),
    ] {
        // Twice: the first run generates and uploads the key where one is needed.
        run(&server.url, &wallet.path().join("wallet"), &arguments);
        let (wall, answer) = run(&server.url, &wallet.path().join("wallet"), &arguments);
        for phase in ["encrypt_s", "upload_s", "queue_s", "server_s", "download_s", "decrypt_s", "end_to_end_s"] {
            let seconds = answer["timing"][phase].as_f64().unwrap_or_else(|| panic!("{answer}"));
            report.line(&format!("{name}: {}", phase.trim_end_matches("_s")), seconds * 1e3, "ms", Aim::None);
        }
        report.line(&format!("{name}: whole command"), wall * 1e3, "ms", Aim::None);
    }
    let size = std::fs::metadata(PROGRAM).unwrap().len();
    report.line("size of the binary", size as f64 / 1e6, "MB", Aim::None);
}

fn run(url: &str, wallet: &Path, arguments: &[&str]) -> (f64, Value) {
    let began = Instant::now();
    let output = Command::new(PROGRAM)
        .args(["client", "--url", url, "--json", "--wallet"])
        .arg(wallet)
        .args(arguments)
        .output()
        .unwrap();
    let wall = began.elapsed().as_secs_f64();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (wall, serde_json::from_slice(&output.stdout).unwrap())
}
