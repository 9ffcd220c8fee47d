//! The level of the log is changed while the server runs.

use serde_json::{Value, json};

use super::session::Session;
use crate::{client::command::program, http::harness::refused};

/// Does a poll that goes well leave a line? It does at `debug`.
async fn polls_are_logged(session: &Session) -> bool {
    let id = session.get("/get_use_cases").await.headers()["x-request-id"].to_str().unwrap().to_owned();
    session.text("/logs?lines=1000").await.contains(&id)
}

#[tokio::test]
async fn the_command_changes_which_lines_there_are_and_a_bad_filter_changes_nothing() {
    let session = Session::start(&[]);
    let command = |arguments: &[&str]| program(&[&["log-level", "--url", &session.server.url], arguments].concat());
    assert_eq!(command(&[]).stdout, "info\n");
    assert!(!polls_are_logged(&session).await);
    let done = command(&["warn,cipherdeck::api=debug"]);
    assert_eq!((done.code, done.stdout.as_str()), (0, "warn,cipherdeck::api=debug\n"), "{}", done.stderr);
    assert!(done.stderr.contains("it was info"), "{}", done.stderr);
    assert!(polls_are_logged(&session).await);

    let url = format!("{}/operator/log_level", session.server.url);
    for bad in ["inof", "a=b=c", "", "info,cipherdeck=loud"] {
        let answer = session.http.post(&url).json(&json!({"level": bad})).send().await.unwrap();
        assert!(refused(answer, 422, "invalid_parameter").await.contains("cipherdeck::worker=debug"), "{bad}");
    }
    let done = command(&["inof"]);
    assert_ne!(done.code, 0);
    let now: Value = serde_json::from_str(&session.text("/operator/log_level").await).unwrap();
    assert_eq!(now, json!({"level": "warn,cipherdeck::api=debug"}));
    assert!(polls_are_logged(&session).await, "nothing has changed");

    assert_eq!(command(&["info", "--json"]).stdout.trim(), r#"{"before":"warn,cipherdeck::api=debug","level":"info"}"#);
    assert!(!polls_are_logged(&session).await);
    let audit: Value = serde_json::from_str(&session.text("/operator/audit?action=log_level").await).unwrap();
    let rows = audit["rows"].as_array().unwrap().iter().map(|row| (&row["object"], &row["result"]));
    let rows: Vec<_> = rows.map(|(object, result)| (object.as_str().unwrap(), result.as_str().unwrap())).collect();
    assert_eq!(rows.first(), Some(&("info", "done")));
    assert_eq!(rows.last(), Some(&("warn,cipherdeck::api=debug", "done")));
    assert_eq!(rows.iter().filter(|(_, result)| *result == "refused").count(), 5);
}
