//! Two nodes, all use cases, real ciphertexts, several clients at once.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    clients::{Clients, finished},
    cluster::{Cluster, Kind},
    kills::stop,
    ledger::Figures,
    questions::Question,
    rounds,
};
use crate::support::process::ServerProcess;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_answer_all_use_cases_and_the_record_says_who_computed_what() {
    let (cluster, times) = (Cluster::new(), rounds(4, 1));
    let nodes = ["all", "all"].map(|role| cluster.start(Kind::Real, role));
    let clients = Clients::register(&[&nodes[0].url, &nodes[1].url], 3, true).await;
    let mut questions = Vec::new();
    for round in 0..times {
        let more = round as u16;
        questions.extend([Question::Weights(vec![650 + more, 700]), Question::Weights(vec![812, 799 + more, 805])]);
        // Eight hours in bed, slept through, and half an hour, which is too little.
        questions.extend([Question::Night(480), Question::Night(30)]);
        questions.extend((0..6).map(|number| Question::ads(round * 6 + number)));
    }
    let count = questions.len();
    finished(clients.ask(questions, 6)).await;
    let mut by: BTreeMap<(String, u32), usize> = BTreeMap::new();
    for entry in clients.tasks() {
        let url = format!("{}/operator/tasks/{}", nodes[0].url, entry.id);
        let shown: Value = clients.http().get(url).send().await.unwrap().json().await.unwrap();
        let task = &shown["task"];
        let process = task["worker"].as_str().unwrap().split(':').nth(1).unwrap().parse().unwrap();
        *by.entry((task["use_case"].as_str().unwrap().to_owned(), process)).or_default() += 1;
    }
    let processes = nodes.each_ref().map(ServerProcess::id);
    assert!(by.keys().all(|(_, process)| processes.contains(process)), "{by:?}");
    let history = clients.http().get(format!("{}/operator/history", nodes[1].url));
    let history: Value = history.send().await.unwrap().json().await.unwrap();
    assert_eq!(history["runs"].as_array().unwrap().len(), count, "one run of each");
    for node in &nodes {
        let mine = by.iter().filter(|((_, process), _)| *process == node.id()).map(|(_, tasks)| tasks).sum::<usize>();
        assert!(mine > 0, "a node has computed nothing: {by:?}");
    }
    let tasks = clients.tasks().len();
    stop(nodes.into());
    let figures = Figures::of(&cluster, &clients).await;
    figures.settle("two nodes", &format!("who computed what (use case, process): {by:?}"));
    assert_eq!((tasks, figures.recovered), (count, 0));
}
