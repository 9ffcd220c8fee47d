//! `cipherdeck client` as a process.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use cipherdeck::use_cases::ad_targeting::PublicCatalogue;
use serde_json::Value;

use super::mock::Mock;

/// What a command left behind.
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cipherdeck"));
    command
        .args(arguments)
        .env_remove("CIPHERDECK_URL")
        .env_remove("CIPHERDECK_WALLET")
        .env("COLUMNS", "100")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn done(output: std::process::Output) -> Done {
    Done {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs the program with these arguments and no input.
pub(crate) fn program(arguments: &[&str]) -> Done {
    done(command(arguments).output().unwrap())
}

/// Runs `cipherdeck client` with these arguments and no input.
pub(crate) fn client(arguments: &[&str]) -> Done {
    program(&[&["client"], arguments].concat())
}

fn with_input(arguments: &[&str], input: &str) -> Done {
    let mut child = command(&[&["client"], arguments].concat()).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    done(child.wait_with_output().unwrap())
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

const ADS: [&str; 7] = ["ad-targeting", "--gender", "female", "--language", "french", "--interest", "Art"];

#[test]
fn ads_are_a_table_for_people_and_one_object_for_programs() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    let scores = dir.path().join("scores.txt");
    let base = ["--url", &mock.url, "--wallet", path(dir.path())];
    let people = client(&[&base[..], &ADS, &["--top", "2", "--scores", path(&scores)]].concat());
    assert_eq!(people.code, 0, "{}", people.stderr);
    // Art weighs (row % 5) + 1, French and female 10 each; row 4 is the first even one with 5.
    insta::assert_snapshot!(people.stdout, @r"
    ┌───────┬──────────┐
    │ score ┆ ad       │
    ╞═══════╪══════════╡
    │    25 ┆ Title 4  │
    │    25 ┆ Title 14 │
    └───────┴──────────┘
    ");
    assert!(people.stderr.starts_with("answered in "), "{}", people.stderr);

    let programs = client(&[&["--json"], &base[..], &ADS].concat());
    assert_eq!((programs.code, programs.stderr.as_str()), (0, ""));
    assert_eq!(programs.stdout.lines().count(), 1);
    let json: Value = serde_json::from_str(&programs.stdout).unwrap();
    assert_eq!(json["use_case"], "ad_targeting");
    assert_eq!(json["uid"].as_str().unwrap(), mock.uids()[0]);
    assert_eq!(json["task_id"].as_str().unwrap().len(), 36);
    assert_eq!(json["result"]["ads"].as_array().unwrap().len(), 5);
    assert_eq!(json["result"]["ads"][0], serde_json::json!({"id": "ad4", "title": "Title 4", "score": 25}));
    for name in ["keygen", "encrypt", "upload", "queue", "server", "download", "decrypt", "end_to_end"] {
        assert!(json["timing"][format!("{name}_s")].is_number(), "{name}");
    }
    assert_eq!(json["bytes"]["key"], 0);
    assert!(json["bytes"]["input"].as_u64().unwrap() > 8192 && json["bytes"]["output"].as_u64().unwrap() > 1000);

    let lines: Vec<u16> = std::fs::read_to_string(scores).unwrap().lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(lines.len(), 40);
    assert_eq!((lines[4], lines[0]), (25, 21));
}

#[test]
fn the_whole_way_can_be_gone_with_another_http_program() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    let (input, output, ads) = (dir.path().join("in.cdk"), dir.path().join("out.cdr"), dir.path().join("ads.json"));
    let base = ["--url", "http://127.0.0.1:1", "--wallet", path(dir.path())];
    std::fs::write(&ads, mock.catalogue().public_json()).unwrap();
    let encrypt = ["encrypt", "ad_targeting", "--interest", "Art", "--catalogue", path(&ads), "--out", path(&input)];
    let encrypted = client(&[&base[..], &encrypt].concat());
    assert_eq!(encrypted.code, 0, "{}", encrypted.stderr);
    assert!(std::fs::read(&input).unwrap().starts_with(b"CDK1"));

    // What curl would do, done by the use case itself.
    let use_case = cipherdeck::use_cases::ad_targeting::AdTargeting::new(mock.catalogue());
    let pool = std::sync::Arc::new(rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap());
    let context = cipherdeck::fhe::Context::new(pool);
    let result = cipherdeck::use_cases::UseCase::run(&use_case, None, &std::fs::read(&input).unwrap(), &context);
    let Ok(cipherdeck::use_cases::Output::One(document)) = result else { panic!("{result:?}") };
    std::fs::write(&output, document).unwrap();

    let decrypt = ["decrypt", "ad-targeting", path(&output), "--catalogue", path(&ads), "--top", "1", "--json"];
    let decrypted = client(&[&base[..], &decrypt].concat());
    assert_eq!(decrypted.code, 0, "{}", decrypted.stderr);
    let json: Value = serde_json::from_str(&decrypted.stdout).unwrap();
    assert_eq!(json["result"]["ads"][0]["score"], 5);

    std::fs::write(&output, r#"{"status": "queued", "details": "Task is queued, position 2 of 3"}"#).unwrap();
    let too_early = client(&[&base[..], &decrypt].concat());
    assert_eq!(too_early.code, 1);
    assert!(too_early.stderr.contains("holds no result; the server answered: Task is queued, position 2 of 3"));
}

#[test]
fn the_catalogue_is_cached_for_decryption() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    let base = ["--url", &mock.url, "--wallet", path(dir.path())];
    assert_eq!(client(&[&base[..], &ADS].concat()).code, 0);
    let cached: Vec<_> = std::fs::read_dir(dir.path().join("catalogues")).unwrap().map(Result::unwrap).collect();
    assert_eq!(cached.len(), 1);
    let catalogue: PublicCatalogue = serde_json::from_slice(&std::fs::read(cached[0].path()).unwrap()).unwrap();
    assert_eq!(catalogue.version, mock.catalogue().version());
}

#[test]
fn forget_deletes_on_the_server_and_with_all_the_key_files_too() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    let base = ["--url", &mock.url, "--wallet", path(dir.path())];
    assert_eq!(client(&[&base[..], &ADS].concat()).code, 0);
    let forgotten = client(&[&base[..], &["forget"]].concat());
    assert_eq!(
        (forgotten.code, forgotten.stdout),
        (0, format!("{} has deleted your key, tasks and results\n", mock.url))
    );
    assert!(mock.uids().is_empty() && dir.path().join("client.key").exists());
    let again = client(&[&base[..], &["forget", "--json"]].concat());
    assert_eq!(again.stdout, format!("{{\"deleted\":false,\"server\":\"{}\"}}\n", mock.url));

    assert_eq!(client(&[&base[..], &ADS].concat()).code, 0);
    let unconfirmed = client(&[&base[..], &["forget", "--all"]].concat());
    assert_eq!(unconfirmed.code, 2, "{}", unconfirmed.stderr);
    assert!(unconfirmed.stderr.contains("--yes") && dir.path().join("client.key").exists());
    let all = client(&[&base[..], &["forget", "--all", "--yes"]].concat());
    assert_eq!(all.code, 0, "{}", all.stderr);
    assert!(mock.uids().is_empty() && !dir.path().join("client.key").exists());
}

#[test]
fn forgetting_what_a_server_no_longer_has_is_fine_but_an_unreachable_one_is_said() {
    let (mut mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    let url = mock.url.clone();
    let base = ["--url", &url, "--wallet", path(dir.path())];
    assert_eq!(client(&[&base[..], &ADS].concat()).code, 0);
    mock.forget_all();
    let gone = client(&[&base[..], &["forget"]].concat());
    assert_eq!((gone.code, gone.stdout), (0, format!("{url} had nothing of yours any more\n")));

    assert_eq!(client(&[&base[..], &ADS].concat()).code, 0);
    mock.kill();
    drop(mock);
    let failed = client(&[&base[..], &["forget"]].concat());
    assert_eq!(failed.code, 1);
    assert!(failed.stderr.contains("is it running? start it with `cipherdeck serve`"), "{}", failed.stderr);
    let all = client(&[&base[..], &["forget", "--all", "--yes", "--json"]].concat());
    let json: Value = serde_json::from_str(&all.stdout).unwrap();
    assert_eq!((all.code, json["servers"]["not_reached"][0].as_str()), (0, Some(url.as_str())));
    assert!(!dir.path().join("client.key").exists());
}

#[test]
fn failures_are_sentences_for_people_and_one_object_for_programs() {
    let dir = tempfile::tempdir().unwrap();
    let base = ["--url", "http://127.0.0.1:1", "--wallet", path(dir.path())];
    let people = client(&[&base[..], &ADS].concat());
    assert_eq!((people.code, people.stdout.as_str()), (1, ""));
    assert!(people.stderr.starts_with("error: no server answers at http://127.0.0.1:1 ("), "{}", people.stderr);
    assert!(people.stderr.contains("is it running? start it with `cipherdeck serve`"));
    let programs = client(&[&base[..], &ADS, &["--json"]].concat());
    let json: Value = serde_json::from_str(&programs.stderr).unwrap();
    assert_eq!((programs.code, json["error"]["label"].as_str()), (1, Some("unreachable")));
}

#[test]
fn wrong_usage_exits_with_2_and_says_what_to_write() {
    let dir = tempfile::tempdir().unwrap();
    for (arguments, sentence) in [
        (&["weight-stats", "68,5"][..], "with a point, such as 68.5"),
        (&["weight-stats", "-5"], "negative"),
        (&["weight-stats", "1638.4"], "largest weight is 1638.3"),
        (&["weight-stats"], "required"),
        (&["weight-stats", "68", "--file", "x"], "cannot be used with"),
        (&["sleep-quality"], "required"),
        (&["ad-targeting"], "at least one thing"),
        (&["ad-targeting", "--age", "131"], "from 0 to 130"),
        (&["ad-targeting", "--interest", "Musik"], "did you mean Music?"),
        (&["ad-targeting", "--kids", "--top", "0"], "invalid value '0'"),
        (&["--url", "localhost:8082", "keygen"], "http://127.0.0.1:8082"),
        (&["encrypt", "weight-stats", "68"], "--out"),
        (&["forget", "--yes"], "--all"),
        (&["dance"], "unrecognized subcommand"),
    ] {
        let done = client(&[&["--wallet", path(&dir.path().join("w"))], arguments].concat());
        assert_eq!(done.code, 2, "{arguments:?}: {}", done.stderr);
        assert!(done.stderr.contains(sentence), "{arguments:?}: {}", done.stderr);
    }
    assert!(!dir.path().join("w").exists(), "nothing was made");
}

#[test]
fn inputs_from_files_and_standard_input_are_checked_with_their_place() {
    let dir = tempfile::tempdir().unwrap();
    let base = ["--wallet", path(dir.path())];
    for (arguments, input, sentence) in [
        (&["weight-stats", "--file", "-"][..], "68\n68,5\n", "standard input, line 2: `68,5` has a comma"),
        (&["sleep-quality", "-"], "[[1, 9, 8]]", "standard input, night 1, record 1: ends (8) before it starts (9)"),
        (&["sleep-quality", "-"], "1,dozing,1,2\n", "standard input, line 1: `dozing` is no stage"),
        (&["sleep-quality", "no/such.json"], "", "no/such.json: "),
    ] {
        let done = with_input(&[&base[..], arguments].concat(), input);
        assert_eq!(done.code, 1, "{arguments:?}");
        assert!(done.stderr.contains(sentence), "{arguments:?}: {}", done.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_secret_key_that_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    let base = ["--url", &mock.url, "--wallet", path(dir.path())];
    assert_eq!(client(&[&base[..], &ADS].concat()).code, 0);
    let key = dir.path().join("client.key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = client(&[&base[..], &ADS].concat());
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains(&format!("chmod 600 {}", key.display())), "{}", refused.stderr);
}

#[cfg(unix)]
#[test]
fn ctrl_c_cancels_the_task_and_exits_with_130() {
    let (mock, dir) = (Mock::start(), tempfile::tempdir().unwrap());
    mock.hold();
    let child =
        command(&[&["client", "--url", &mock.url, "--wallet", path(dir.path())], &ADS[..]].concat()).spawn().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(mock.called("get_task_status"));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let waited = runtime.block_on(async {
        let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
        tokio::time::timeout(Duration::from_secs(30), output).await.expect("it ends in time").unwrap()
    });
    let done = done(waited);
    assert_eq!(done.code, 130, "{}", done.stderr);
    assert_eq!(done.stderr, "interrupted; the task was cancelled on the server\n");
    assert_eq!(mock.tasks(), ["revoked"]);
}
