//! Log lines say which request or task they belong to: on stderr, as text and as JSON, and in what `/logs` shows.

use serde_json::Value;

use super::session::Session;
use crate::http::harness::patiently;

/// Makes the server log an error within a request: the result's blob is gone. Answers that request's id, and the task's.
async fn fail(session: &Session) -> (String, String) {
    let answer = session.ads();
    let task = session.tasks().await.pop().expect("a task");
    let results = session.data().join("blobs/results").join(&task);
    std::fs::remove_dir_all(&results).unwrap();
    let uid = answer["uid"].as_str().unwrap();
    let refused = session.get(&format!("/get_task_result?task_name=ad_targeting&task_id={task}&uid={uid}")).await;
    let id = refused.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(refused.json::<Value>().await.unwrap()["label"], "blob_missing");
    (id, task)
}

#[tokio::test]
async fn a_line_within_a_request_or_a_task_shows_its_id_in_logs_and_on_stderr() {
    let session = Session::start(&[]);
    let (id, task) = fail(&session).await;
    let page = session.text("/logs?lines=1000").await;
    let line = |words: &str| {
        let found = page.lines().find(|line| line.contains(words));
        found.unwrap_or_else(|| panic!("no line {words:?}:\n{page}"))
    };
    let error = line("blob storage failed");
    assert!(error.contains(&format!("method=GET path=/get_task_result request_id={id}")), "{error}");
    let request = line("ERROR cipherdeck::api::guard");
    assert!(request.contains("status=500") && request.ends_with(&format!("request_id={id}")), "{request}");
    for words in ["cipherdeck::worker::job: started", "cipherdeck::worker::job::ending: ended"] {
        let shown = line(words);
        let parts =
            [format!("task={task}"), "use_case=ad_targeting".to_owned(), "/0".to_owned(), "attempt=1".to_owned()];
        assert!(parts.iter().all(|part| shown.contains(part)), "{shown}");
    }
    assert!(line("result fetched").contains("request_id="), "the body belongs to its request");
    assert!(line("task accepted").contains("path=/start_task request_id="), "so does what is done to the end");
    session.server.says("result fetched");
    let stderr = session.server.log();
    let written = |words: &str, context: String| {
        assert!(stderr.lines().any(|line| line.contains(words) && line.contains(&context)), "{words}:\n{stderr}");
    };
    written("blob storage failed", format!("request{{method=\"GET\" path=\"/get_task_result\" request_id=\"{id}\"}}"));
    written("started", format!("task{{task={task} "));
}

#[tokio::test]
async fn json_lines_carry_the_ids_as_fields_of_their_spans() {
    let session = Session::start(&[("CIPHERDECK__LOG__FORMAT", "json")]);
    let (id, task) = fail(&session).await;
    let spans = async |message: &str| {
        loop {
            let log = session.server.log();
            let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            if let Some(line) = lines.into_iter().find(|line| line["message"] == message) {
                return line["spans"][0].clone();
            }
            tokio::task::yield_now().await;
        }
    };
    let request = patiently(spans("blob storage failed")).await;
    assert_eq!((request["name"].as_str(), request["request_id"].as_str()), (Some("request"), Some(id.as_str())));
    assert_eq!((request["method"].as_str(), request["path"].as_str()), (Some("GET"), Some("/get_task_result")));
    let run = patiently(spans("started")).await;
    assert_eq!((run["name"].as_str(), run["task"].as_str()), (Some("task"), Some(task.as_str())));
    assert!(run["worker"].as_str().unwrap().ends_with("/0") && run["client"].as_str().unwrap().len() == 8, "{run}");
}
