//! Everything an operator can change, typed into the whole program.

use std::time::Duration;

use cipherdeck::client::api::{Api, Upload, Word};

use super::{
    program::{status, submit},
    pty::Program,
    world::short,
};
use crate::support::keys::SERVER_KEY;

#[tokio::test]
async fn an_operator_changes_everything_there_is_to_change() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::serve(dir.path(), 140, 40, &[]);
    let api = Api::new(&program.url()).unwrap();
    program.screen.until("no tasks yet").await;

    // The only worker takes no more tasks.
    program.keys("2");
    program.screen.until("○ idle").await;
    program.keys("jD");
    program.screen.until("Drain 1 worker?").await;
    program.keys("y");
    program.screen.until("◌ draining").await;

    let uid = api.add_key(None, Some("weight_stats"), Some(Upload::new(SERVER_KEY.clone()))).await.unwrap();
    let mut ids = Vec::new();
    for weight in [680, 650, 700] {
        ids.push(submit(&api, uid, &[weight]).await);
    }
    program.keys("1");
    program.screen.until(&short(ids[2])).await;

    // Their queue is paused.
    program.keys("P");
    program.screen.until("ad_targeting").await;
    program.keys("P");
    program.screen.until("Pause the queue of weight_stats?").await;
    program.keys("y");
    program.screen.until("1 queue paused").await;

    // The last one overtakes.
    program.keys("G+");
    program.screen.until(&ids[2].to_string()).await;
    program.keys("y");
    program.screen.until("1 task raised").await;
    assert_eq!(api.task_status(uid, ids[2], Duration::ZERO).await.unwrap().position, Some(1));

    // All of them are cancelled, and deleted.
    program.keys("A");
    program.screen.until("3 selected").await;
    program.keys("C");
    program.screen.until("Cancel 3 tasks?").await;
    program.keys("y");
    program.screen.until("3 tasks cancelled").await;
    for id in &ids {
        assert_eq!(status(&api, uid, *id).await, Word::Revoked);
    }
    program.keys("A");
    program.screen.until("3 selected").await;
    program.keys("X");
    program.screen.until("Delete 3 tasks?").await;
    program.keys("y");
    program.screen.until("no tasks yet").await;
    for id in &ids {
        assert_eq!(status(&api, uid, *id).await, Word::Unknown);
    }

    // The queue goes on, and so does the worker: another task runs.
    program.keys("P");
    program.screen.until("0  paused").await;
    // No task is highlighted: the queues begin with the first use case, and this is the last.
    program.keys("jjP");
    program.screen.until("Resume the queue of").await;
    program.keys("y");
    program.screen.until("1 queue resumed").await;
    program.keys("2");
    program.screen.until("◌ draining").await;
    program.keys("D");
    program.screen.until("Undrain 1 worker?").await;
    program.keys("y");
    program.screen.until("○ idle").await;
    let id = submit(&api, uid, &[690]).await;
    let ended = loop {
        let status = api.task_status(uid, id, Duration::from_secs(30)).await.unwrap().status;
        if ![Word::Queued, Word::Started].contains(&status) {
            break status;
        }
    };
    assert_eq!(ended, Word::Success);

    // Its run is in the history, its lines are in the log, what was done in the audit log.
    program.keys("3");
    program.screen.until("weight_stats").await;
    program.keys("E");
    program.screen.until("1 run written to").await;
    assert!(dir.path().read_dir().unwrap().any(|entry| entry.unwrap().path().extension().is_some_and(|e| e == "csv")));
    program.keys("4");
    program.screen.until("task accepted").await;
    program.keys("5");
    let screen = program.screen.until("acts of operators").await;
    for action in ["export", "resume", "delete", "cancel", "priority", "pause", "drain"] {
        assert!(screen.contains(action), "{action} in:\n{screen}");
    }
    program.signal("TERM");
    assert!(program.ended().success());
}
