//! K7: a submission that is repeated is one task.

use std::collections::BTreeSet;

use reqwest::multipart::{Form, Part};
use serde_json::Value;

use super::{
    clients::Clients,
    cluster::{Cluster, Kind},
    kills::stop,
    questions::Question,
};
use crate::support::wait::ended;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k7_fifty_submissions_at_two_servers_with_one_key_are_one_task() {
    let cluster = Cluster::new();
    let servers = ["api", "api", "worker"].map(|role| cluster.start(Kind::Real, role));
    let clients = Clients::register(&[&servers[0].url], 1, false).await;
    let input = clients.encrypted(&Question::ads(7));
    let submissions = (0..50).map(|number: usize| {
        let form = Form::new().text("uid", clients.uid(0).to_owned()).text("task_name", "ad_targeting");
        let form = form.part("encrypted_input", Part::bytes(input.clone()).file_name("input"));
        let request = clients.http().post(format!("{}/start_task", servers[number % 2].url)).multipart(form);
        async { request.header("Idempotency-Key", "once").send().await.unwrap().json::<Value>().await.unwrap() }
    });
    let answers = futures::future::join_all(submissions).await;
    let ids: BTreeSet<&str> = answers.iter().map(|answer| answer["task_id"].as_str().unwrap()).collect();
    assert_eq!((answers.len(), ids.len()), (50, 1));
    let store = cluster.store().await;
    let task = ended(&store, ids.first().unwrap().parse().unwrap()).await;
    assert_eq!(store.counts().await.unwrap().total(), 1);
    assert!(clients.is_answered(&servers[1].url, 0, &Question::ads(7), task.id).await);
    stop(servers.into());
    let inputs = std::fs::read_dir(cluster.file("blobs").join("inputs")).unwrap().count();
    eprintln!("K7: 50 submissions, 1 task, {inputs} input kept, {} result", cluster.results_of(task.id));
    assert_eq!((inputs, cluster.results_of(task.id), task.attempt), (1, 1, 1));
}
