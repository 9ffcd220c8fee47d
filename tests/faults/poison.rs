//! K5: an input that takes its worker's process with it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use cipherdeck::task::{FailureLabel, Status};

use super::{
    clients::{Clients, End, finished},
    cluster::{Cluster, Kind},
    kills::stop,
    questions::Question,
    rounds,
};
use crate::support::{process::ServerProcess, wait::ended};

/// A worker that is started again whenever it has died, as a supervisor does.
struct Kept {
    deaths: Arc<AtomicUsize>,
    ending: Arc<AtomicBool>,
    keeper: std::thread::JoinHandle<()>,
    now: Arc<parking_lot::Mutex<u32>>,
}

impl Kept {
    fn start(cluster: &Arc<Cluster>) -> Self {
        let (deaths, ending) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let begin = |cluster: &Cluster| cluster.start_with(Kind::Plain, "worker", &[("WORKER__ATTEMPTS", "3")]);
        let mut worker = begin(cluster);
        let now = Arc::new(parking_lot::Mutex::new(worker.id()));
        let (cluster, counted, told, known) =
            (Arc::clone(cluster), Arc::clone(&deaths), Arc::clone(&ending), Arc::clone(&now));
        let keeper = std::thread::spawn(move || {
            loop {
                worker.ended();
                if told.load(Ordering::SeqCst) {
                    return;
                }
                counted.fetch_add(1, Ordering::SeqCst);
                worker = begin(&cluster);
                *known.lock() = worker.id();
            }
        });
        Self { deaths, ending, keeper, now }
    }

    fn stop(self) -> usize {
        self.ending.store(true, Ordering::SeqCst);
        ServerProcess::signal_to(*self.now.lock(), "TERM");
        self.keeper.join().unwrap();
        self.deaths.load(Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k5_a_poisonous_input_fails_after_three_deaths_and_harms_no_other() {
    let (cluster, others) = (Arc::new(Cluster::new()), rounds(300, 40));
    let api = cluster.start_with(Kind::Plain, "api", &[("WORKER__ATTEMPTS", "3")]);
    let workers = [Kept::start(&cluster), Kept::start(&cluster)];
    let (clients, store) = (Clients::register(&[&api.url], 4, false).await, cluster.store().await);
    let poison = clients.ask(vec![Question::work("poison", "die")], 1);
    clients.acknowledged(1).await;
    let id = clients.tasks()[0].id;
    let jobs = (0..others).map(|number| Question::work(&format!("job{number}"), "run 20"));
    finished(clients.ask(jobs.collect(), 8)).await;
    let task = ended(&store, id).await;
    finished(poison).await;
    let deaths: usize = workers.into_iter().map(Kept::stop).sum();
    assert_eq!((task.status, task.attempt), (Status::Failure, 3));
    assert_eq!(task.failure.unwrap().label, FailureLabel::AttemptsExhausted);
    assert_eq!((deaths, cluster.runs("poison").len(), cluster.results_of(id)), (3, 3, 0));
    let mut harmed = 0;
    for entry in clients.tasks().into_iter().filter(|entry| entry.id != id) {
        let task = store.task(entry.id).await.unwrap().unwrap();
        harmed += usize::from(entry.end != Some(End::Right) || task.attempt != 1);
    }
    eprintln!("K5: poison failed after {deaths} deaths; {others} others, harmed {harmed}");
    assert_eq!(harmed, 0);
    stop(vec![api]);
}
