//! A cluster in which a newer program has written: an older one leaves that alone, says so, and goes on.

use cipherdeck::task::Status;
use reqwest::StatusCode;
use serde_json::Value;

use super::{
    clients::{Clients, End},
    cluster::{Cluster, Kind},
    kills::stop,
    questions::Question,
};
use crate::support::{redis::PREFIX, wait::ended};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_node_leaves_records_of_a_newer_one_alone_and_warns() {
    let cluster = Cluster::new();
    let api = cluster.start(Kind::Plain, "api");
    let (clients, store) = (Clients::register(&[&api.url], 1, false).await, cluster.store().await);
    let waiting = clients.submitted(&api.url, 0, &Question::work("newer", "echo")).await;
    let key = format!("{PREFIX}task:{waiting}");
    cluster.redis.admin::<()>(&["HSET", &key, "v", "2", "shape", "unheard of"]);
    let before: Vec<String> = cluster.redis.admin(&["HGETALL", &key]);

    // A worker runs what is behind it, and a server answers that it cannot say.
    let worker = cluster.start(Kind::Plain, "worker");
    for number in 0..3 {
        let entry = clients.one(0, &Question::work(&format!("ours{number}"), "echo")).await;
        assert_eq!(entry.end, Some(End::Right));
    }
    let query = [("task_id", waiting.to_string()), ("uid", clients.uid(0).to_owned())];
    let status = clients.http().get(format!("{}/get_task_status", api.url)).query(&query).send().await.unwrap();
    assert_eq!(status.status(), StatusCode::SERVICE_UNAVAILABLE);
    let form = [("task_id", waiting.to_string()), ("uid", clients.uid(0).to_owned())];
    let cancel = clients.http().post(format!("{}/cancel_task", api.url)).form(&form).send().await.unwrap();
    assert_eq!(cancel.status(), StatusCode::SERVICE_UNAVAILABLE);
    let listed: Value =
        clients.http().get(format!("{}/operator/tasks", api.url)).send().await.unwrap().json().await.unwrap();
    assert_eq!(listed["tasks"].as_array().unwrap().len(), 3, "{listed}");
    api.says("a newer program wrote its record; this one leaves it alone");
    let line = api.log().lines().find(|line| line.contains("a newer program wrote its record")).map(str::to_owned);
    assert!(line.is_some_and(|line| line.contains("WARN") && line.contains(&waiting.to_string())));
    assert_eq!(cluster.redis.admin::<Vec<String>>(&["HGETALL", &key]), before);
    assert!(cluster.runs("newer").is_empty());

    // The newer program gives it back in the form that both know.
    cluster.redis.admin::<()>(&["HSET", &key, "v", "1"]);
    clients.one(0, &Question::work("wakes", "echo")).await;
    assert_eq!(ended(&store, waiting).await.status, Status::Success);
    stop(vec![worker, api]);
    store.close().await;
}
