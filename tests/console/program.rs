//! The whole program in a pseudo-terminal: real tasks over HTTP, real keys.

use std::time::Duration;

use cipherdeck::{
    client::api::{Api, Upload, Word},
    task::{TaskId, Uid},
    use_cases::weight_stats,
};

use super::{pty::Program, world::short};
use crate::support::keys::{CLIENT, SERVER_KEY};

/// Weighing so many takes minutes: the task is still running when it is cancelled.
const MANY: [u16; 1_000] = [700; 1_000];

pub(super) async fn submit(api: &Api, uid: Uid, weights: &[u16]) -> TaskId {
    let input = weight_stats::encrypt(&CLIENT, weights).unwrap();
    api.start_task(uid, "weight_stats", Upload::new(input), &TaskId::random().to_string()).await.unwrap()
}

pub(super) async fn status(api: &Api, uid: Uid, id: TaskId) -> Word {
    api.task_status(uid, id, Duration::ZERO).await.unwrap().status
}

#[tokio::test]
async fn tasks_are_seen_run_cancelled_and_requeued_and_the_server_drains() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::serve(dir.path(), 120, 40, &[]);
    let api = Api::new(&program.url()).unwrap();
    let screen = program.screen.until("no tasks yet").await;
    assert!(program.screen.is_alternate() && screen.contains("● live"), "{screen}");

    let uid = api.add_key(None, Some("weight_stats"), Some(Upload::new(SERVER_KEY.clone()))).await.unwrap();
    let running = submit(&api, uid, &MANY).await;
    program.screen.until(&short(running)).await;
    program.screen.until("▸ started").await;
    let waiting = submit(&api, uid, &[680, 650]).await;
    program.screen.until(&short(waiting)).await;
    program.screen.until("○ queued").await;

    // The second row waits: cancelled at once.
    program.keys("jC");
    program.screen.until(&waiting.to_string()).await;
    program.keys("y");
    program.screen.until("1 task cancelled").await;
    let status = api.task_status(uid, waiting, Duration::from_secs(30)).await.unwrap();
    assert_eq!(status.status, Word::Revoked);

    // The first one runs: it stops at its next step.
    program.keys("kC");
    program.screen.until(&running.to_string()).await;
    program.keys("y");
    let status = loop {
        let status = api.task_status(uid, running, Duration::from_secs(30)).await.unwrap();
        if status.status != Word::Started {
            break status;
        }
    };
    assert_eq!(status.status, Word::Revoked);
    program.screen.until("Revoked 2").await;

    // Queued again with its original input, the short one gives its result.
    program.keys(&format!("/{waiting}\r"));
    program.screen.until("1–1 of 1").await;
    program.keys("R");
    program.screen.until("Requeue 1 task?").await;
    program.keys("y");
    program.screen.until("1 task queued again").await;
    program.screen.until("✓ success").await;

    program.resize(80, 24);
    program.keys("\x1b");
    // The filter is gone. (Until then, escape and the next key would be one: Alt and that key.)
    program.screen.until("1–2 of 2").await;
    program.screen.until("All 2").await;
    program.keys("q");
    program.screen.until("Leave the dashboard?").await;
    program.keys("D");
    let screen = program.screen.clone();
    assert!(program.ended().success());
    screen.until_restored().await;
}

#[tokio::test]
async fn leaving_the_dashboard_leaves_the_server_running_and_says_how_to_stop_it() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::serve(dir.path(), 80, 24, &[]);
    let url = program.url();
    program.screen.until("no tasks yet").await;
    program.keys("\x03");
    program.screen.until("Leave the dashboard?").await;
    program.keys("\x03");
    let screen = program.screen.until("Ctrl-C drains").await;
    assert!(!program.screen.is_alternate(), "{screen}");
    program.screen.until_restored().await;
    Api::new(&url).unwrap().use_cases().await.expect("it still serves");
    // Not in raw mode any more: Ctrl-C is a signal again.
    program.keys("\x03");
    assert!(program.ended().success());
}

#[tokio::test]
async fn sigterm_restores_the_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::serve(dir.path(), 80, 24, &[("NO_COLOR", "1")]);
    program.screen.until("no tasks yet").await;
    program.signal("TERM");
    let screen = program.screen.clone();
    assert!(program.ended().success());
    screen.until_restored().await;
}

#[tokio::test]
async fn sighup_closes_the_dashboard_and_the_server_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::serve(dir.path(), 80, 24, &[]);
    let url = program.url();
    program.screen.until("no tasks yet").await;
    program.signal("HUP");
    program.screen.until_restored().await;
    Api::new(&url).unwrap().use_cases().await.expect("it still serves");
    program.signal("TERM");
    assert!(program.ended().success());
}

#[tokio::test]
async fn a_resize_and_a_key_in_the_same_moment_are_both_seen() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::serve(dir.path(), 80, 24, &[]);
    program.screen.until("no tasks yet").await;
    // Held still meanwhile, so that it finds both at once when it goes on.
    program.signal("STOP");
    program.resize(120, 40);
    program.keys("t");
    program.signal("CONT");
    let screen = program.screen.clone();
    let redrawn = |screen: &vt100::Screen| {
        let text = screen.contents();
        text.contains("colours: light") && text.lines().nth(39).is_some_and(|line| line.contains("quit"))
    };
    tokio::task::spawn_blocking(move || screen.wait("the larger screen", redrawn)).await.expect("it came");
    program.signal("TERM");
    assert!(program.ended().success());
}
