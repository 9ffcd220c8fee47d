//! The worker, which does what the test says.

use std::time::Duration;

use cipherdeck::{
    codec,
    store::{
        Beat, BeatAnswer, Claim, ClaimRequest, FinishOutcome, KeyCacheReport, NodeName, NodeReport, Outcome, SlotReport,
    },
    task::{FailureLabel, Status, TaskFailure, Timestamp, Token, WorkerName},
    use_cases::Output,
};

use super::Deck;

impl Deck {
    /// Claims the next task, as a worker does.
    pub(crate) async fn claim(&self) -> Claim {
        let request = ClaimRequest {
            worker: WorkerName("host:1:test/0".to_owned()),
            nonce: Token::random(),
            capabilities: self.state.use_cases.capabilities(),
            device: "cpu".to_owned(),
        };
        self.state.store.claim(request).await.unwrap().expect("a task waits")
    }

    /// A worker's sign of life.
    pub(crate) async fn beat(&self, claim: &Claim, progress: f32) -> BeatAnswer {
        let beat = Beat { task: claim.task.id, token: claim.token, progress };
        self.state.store.heartbeat(vec![beat]).await.unwrap()[0]
    }

    /// Publishes a result, as a worker does: the blob first.
    pub(crate) async fn succeed(&self, claim: &Claim, output: &Output) -> Status {
        let name = format!("results/{}/{}", claim.task.id, claim.token);
        let result = self.state.blobs.put(&name, codec::encode(output).unwrap().into()).await.unwrap();
        self.finish(claim, Outcome::Success { result, server: Duration::from_millis(1500), bootstraps: 3 }).await
    }

    pub(crate) async fn fail(&self, claim: &Claim) -> Status {
        let detail = "secret detail for the operator".to_owned();
        self.finish(claim, Outcome::Failure(TaskFailure { label: FailureLabel::TimeLimit, detail })).await
    }

    pub(crate) async fn finish(&self, claim: &Claim, outcome: Outcome) -> Status {
        match self.state.store.finish(claim.task.id, claim.token, outcome).await.unwrap() {
            FinishOutcome::Applied(status) => status,
            FinishOutcome::Stale => panic!("a stale claim"),
        }
    }

    /// An ended task with this output.
    pub(crate) async fn finished(&self, uid: &str, output: &Output) -> String {
        let task = self.task(uid).await;
        let claim = self.claim().await;
        assert_eq!(claim.task.id.to_string(), task);
        assert_eq!(self.succeed(&claim, output).await, Status::Success);
        task
    }
}

/// A node with one slot, as it announces itself.
pub(crate) fn worker() -> NodeReport {
    let (name, started) = (NodeName("host:1:test".to_owned()), Timestamp::now());
    let slot = SlotReport {
        worker: name.slot(0),
        device: "cpu".to_owned(),
        task: None,
        since: started,
        done: 0,
        failed: 0,
        computed: Duration::ZERO,
        busy: Duration::ZERO,
        draining: false,
    };
    NodeReport {
        name,
        version: "0".to_owned(),
        started,
        threads: 1,
        devices: vec!["cpu".to_owned()],
        slots: vec![slot],
        keys: KeyCacheReport::default(),
        bootstraps: 0,
        lease_ms: 60_000,
    }
}
