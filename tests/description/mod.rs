//! The server does what `/openapi.json` says: schemathesis makes requests from it, valid and not, and looks at every
//! answer. `tests/run` installs it.

use std::{path::Path, process::Command};

use crate::support::process::ServerProcess;

#[test]
fn every_endpoint_answers_as_the_description_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = root.join("target/schemathesis/bin/schemathesis");
    assert!(program.exists(), "{} is missing: `bash tests/run` installs it", program.display());
    let dir = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(dir.path(), &[]);
    let run = Command::new(program)
        .current_dir(dir.path())
        .arg("--config-file")
        .arg(root.join("tests/description/schemathesis.toml"))
        .args(["run", "--no-color", &format!("{}/openapi.json", server.url)])
        .output()
        .unwrap();
    let report = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{report}");
    // Whatever else changes, it has really been at work.
    let tested = report.lines().find_map(|line| line.trim().strip_prefix("Tested: ")?.parse::<u32>().ok());
    assert!(tested.is_some_and(|operations| operations >= 30), "{report}");
    eprintln!("{}", report.split("= SUMMARY =").last().unwrap_or_default());
}
