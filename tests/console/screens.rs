//! The screens besides the tasks, over a real store: what they show and what their keys do there.

use std::{collections::BTreeSet, os::unix::fs::PermissionsExt as _, time::Duration};

use cipherdeck::{
    console::Host,
    monitor::logs::LogRing,
    operator::{Actor, Door, Role},
    store::{Deed, KeyCacheReport, NodeName, NodeReport, SlotReport, SlotTask},
    task::{Run, RunOrigin, TaskId, Timestamp},
};
use crossterm::event::KeyCode;
use tracing_subscriber::prelude::*;

use super::world::{Console, World, short};

/// A node whose first worker runs `task`.
fn report(task: Option<TaskId>, bootstraps: u64) -> NodeReport {
    let (name, now) = (NodeName("kepler:7:x".to_owned()), Timestamp::now());
    let slot = |index: usize| SlotReport {
        worker: name.slot(index),
        device: "cpu".to_owned(),
        task: task.filter(|_| index == 0).map(|id| SlotTask {
            id,
            use_case: "weight_stats".to_owned(),
            progress: 0.25,
        }),
        since: now,
        done: 3,
        failed: 1,
        computed: Duration::from_secs(6),
        busy: Duration::from_secs(7),
        draining: false,
    };
    let slots = vec![slot(0), slot(1)];
    let keys = KeyCacheReport { entries: 2, bytes: 150 << 20, capacity: 1 << 30, hits: 3, misses: 1 };
    let devices = vec!["cpu".to_owned()];
    NodeReport {
        name,
        version: "9.8.7".to_owned(),
        started: now,
        threads: 4,
        devices,
        slots,
        keys,
        bootstraps,
        lease_ms: 15_000,
    }
}

fn run(second: i64, server_s: f64) -> Run {
    Run {
        task: TaskId::random(),
        origin: RunOrigin::Task,
        use_case: "weight_stats".to_owned(),
        device: "cpu".to_owned(),
        finished: Timestamp::from_millis(Timestamp::now().millis() - (1_000 - second) * 1_000),
        upload_s: 0.1,
        queue_s: 0.1,
        server_s,
        end_to_end_s: Some(server_s + 1.0),
        bootstraps: 10,
    }
}

/// Writes into the ring what the program would.
fn log(ring: &LogRing, write: impl FnOnce()) {
    tracing::subscriber::with_default(tracing_subscriber::registry().with(ring.clone()), write);
}

fn other() -> Actor {
    Actor { door: Door::Http, name: "ci-token".to_owned(), role: Role::Operator }
}

#[tokio::test]
async fn a_process_without_workers_says_whether_others_have_some() {
    let world = World::new().await;
    let console = Console::open(Host { workers: 0, ..world.host() }, 100, 30);
    console.screen.until("no worker is alive: queued tasks wait").await;
    world.store.announce(report(None, 0)).await.unwrap();
    // It looks again by itself: nobody tells of nodes that come.
    console.screen.until_gone("no worker is alive").await;
    world.store.leave(report(None, 0).name).await.unwrap();
    console.screen.until("no worker is alive: queued tasks wait").await;
}

#[tokio::test]
async fn workers_are_seen_at_work_and_drained_and_taken_back() {
    let world = World::new().await;
    let task = TaskId::random();
    world.store.announce(report(Some(task), 100)).await.unwrap();
    let host = world.host();
    let fleet = host.fleet.clone();
    let mut console = Console::open(host, 160, 45);
    console.screen.until("no tasks yet").await;
    assert!(!fleet.is_running(), "nobody looks at the workers");
    console.keys("2").await;
    let screen = console.screen.until("kepler/0").await;
    for part in [&short(task), "9.8.7", "4 threads", "▸ busy", "○ idle", "25 %", "2.00 s", "now"] {
        assert!(screen.contains(part), "{part} in:\n{screen}");
    }
    console.screen.until("GPU").await;
    // The node, then its first worker.
    console.keys("jD").await;
    console.screen.until("Drain 1 worker?").await;
    console.keys("y").await;
    console.screen.until("1 worker draining").await;
    console.screen.until("◌ draining").await;
    let draining = world.store.nodes().await.unwrap().remove(0).draining;
    assert_eq!(draining, BTreeSet::from([NodeName("kepler:7:x".to_owned()).slot(0)]));
    console.keys("D").await;
    console.screen.until("Undrain 1 worker?").await;
    console.keys("y").await;
    console.screen.until_gone("◌ draining").await;
    assert!(world.store.nodes().await.unwrap().remove(0).draining.is_empty());
    console.keys("1").await;
    console.screen.until("no tasks yet").await;
    let stopped = async {
        while fleet.is_running() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), stopped).await.expect("nobody looks any more");
}

#[tokio::test]
async fn run_history_shows_figures_a_regression_and_what_is_new_and_goes_to_a_file() {
    let world = World::new().await;
    for n in 0..60 {
        world.store.record_run(run(n, if n < 40 { 2.0 } else { 3.0 })).await.unwrap();
    }
    let mut console = world.console(160, 45);
    console.screen.until("no tasks yet").await;
    console.keys("3").await;
    let screen = console.screen.until("slower").await;
    for part in ["weight_stats", "end-to-end", "1.50x slower", "60"] {
        assert!(screen.contains(part), "{part} in:\n{screen}");
    }
    console.keys("E").await;
    console.screen.until("60 runs written to").await;
    let file = std::fs::read_dir(world.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .expect("the file is in the data directory");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    let columns = "date;env;machine;task_name;server_execution_time(s);end_to_end_execution_time(s);device";
    assert_eq!((text.lines().next(), text.lines().count()), (Some(columns), 61));
    assert!(text.lines().nth(1).unwrap().contains(";weight_stats;2.000000;3.000000;cpu"), "oldest first: {text}");
    // A task that ends is another run.
    world.submit(1).await;
    world.succeed(&world.claim().await).await;
    console.screen.until("ad_targeting").await;
}

#[tokio::test]
async fn log_lines_come_live_are_searched_and_found_from_their_task() {
    let world = World::new().await;
    let id = world.submit(0).await;
    log(&world.logs, || {
        tracing::info!(task = %id, "task accepted");
        tracing::warn!("the disk is slow");
        tracing::info!("unrelated");
    });
    let mut console = world.console(120, 40);
    console.screen.until(&short(id)).await;
    console.keys("4").await;
    console.screen.until("unrelated").await;
    log(&world.logs, || tracing::error!("something broke"));
    console.screen.until("something broke").await;
    console.keys("/SLOW").await;
    console.key(KeyCode::Enter).await;
    let screen = console.screen.until_gone("unrelated").await;
    assert!(screen.contains("the disk is slow"), "{screen}");
    console.keys("1").await;
    console.screen.until(&short(id)).await;
    console.keys("o").await;
    let screen = console.screen.until("task accepted").await;
    assert!(!screen.contains("unrelated"), "{screen}");
    log(&world.logs, || tracing::info!(task = %id, "started"));
    console.screen.until("started").await;
}

#[tokio::test]
async fn details_show_the_log_lines_and_the_attempt_of_their_task() {
    let world = World::new().await;
    let id = world.submit(0).await;
    let claim = world.claim().await;
    log(&world.logs, || {
        tracing::info!(task = %id, attempt = 1, "begun");
        tracing::info!("unrelated");
    });
    let mut console = world.console(160, 60);
    console.screen.until("▸ started").await;
    console.key(KeyCode::Enter).await;
    let screen = console.screen.until("begun").await;
    assert!(!screen.contains("unrelated"), "{screen}");
    log(&world.logs, || tracing::warn!(task = %id, "slow input"));
    console.screen.until("slow input").await;
    world.succeed(&claim).await;
    console.screen.until("✓ success").await;
}

#[tokio::test]
async fn what_others_do_appears_in_the_audit_log_and_so_do_our_own_actions() {
    let world = World::new().await;
    let (one, two) = (world.submit(0).await, world.submit(1).await);
    let mut console = world.console(160, 45);
    console.screen.until(&short(two)).await;
    console.keys("5").await;
    console.screen.until("nobody has changed anything yet").await;
    world.desk.task(&other(), Deed::Cancel, one).await.unwrap();
    let screen = console.screen.until("ci-token").await;
    assert!(screen.contains(&one.to_string()) && screen.contains("http"), "{screen}");
    console.keys("1").await;
    console.screen.until("○ queued").await;
    console.keys("gC").await;
    console.screen.until("Cancel 1 task?").await;
    console.keys("y").await;
    console.screen.until("1 task cancelled").await;
    console.keys("5").await;
    let screen = console.screen.until(&two.to_string()).await;
    assert!(screen.contains("terminal"), "{screen}");
    console.keys("/CI-TOK").await;
    console.key(KeyCode::Enter).await;
    console.screen.until_gone(&two.to_string()).await;
    console.screen.until(&one.to_string()).await;
}

#[tokio::test]
async fn a_long_audit_log_is_paged() {
    let world = World::new().await;
    for n in 0..100 {
        world.desk.record(&other(), "export", format!("object-{n:03}"), "done").await;
    }
    let mut console = world.console(120, 40);
    console.screen.until("no tasks yet").await;
    console.keys("5").await;
    let screen = console.screen.until("object-099").await;
    assert!(!screen.contains("object-000"), "{screen}");
    // 31 rows a page.
    for first in ["object-068", "object-037", "object-006"] {
        console.key(KeyCode::PageDown).await;
        console.screen.until(first).await;
    }
    console.screen.until("object-000").await;
    console.key(KeyCode::Home).await;
    console.screen.until("object-099").await;
}

#[tokio::test]
async fn an_idle_dashboard_writes_nothing() {
    let world = World::new().await;
    world.submit(0).await;
    world.succeed(&world.claim().await).await;
    let console = world.console(120, 40);
    console.screen.until("✓ success").await;
    // From here on time flies whenever nobody has anything to do: the rate's five minutes pass first.
    tokio::time::pause();
    tokio::time::sleep(Duration::from_secs(400)).await;
    let before = console.screen.written();
    tokio::time::sleep(Duration::from_hours(24)).await;
    assert_eq!(console.screen.written(), before);
    drop(console);
}

#[tokio::test]
async fn whoever_comes_back_to_the_tasks_never_sees_what_was_there_before() {
    let world = World::new().await;
    let old = world.submit(0).await;
    let mut console = world.console(120, 40);
    console.screen.until(&short(old)).await;
    console.keys("2").await;
    console.screen.until("DEVICE").await;
    world.store.cancel(old, None).await.unwrap();
    world.store.delete(old).await.unwrap();
    console.screen.until("queued 0").await;
    console.screen.keep_frames();
    console.keys("1").await;
    console.screen.until("no tasks yet").await;
    let frames = console.screen.frames();
    assert!(frames.iter().all(|frame| !frame.contains(&short(old))), "{}", frames.join("\n---\n"));
}
