//! Each use case n times, one task after the other, from encryption to the checked answer.

use std::{collections::BTreeSet, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::{
    BenchError,
    questions::{Kind, Oracle, Question},
};
use crate::{
    client::{
        ClientError,
        api::{Api, ApiError, operator::Run},
        flow::{Quiet, Session, Sizes, Timing},
        wallet::Wallet,
    },
    task::{TaskId, Timestamp, Uid},
};

/// Rows of the server's history that are looked at for a task that has just ended.
const NEWEST: &str = "1000";

/// The device of a run, where the server does not say it.
pub const UNKNOWN_DEVICE: &str = "unknown";

/// What to measure.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Use cases, in this order.
    pub kinds: Vec<Kind>,
    /// Measured runs of each.
    pub repeat: u32,
    /// Runs of each before those.
    pub warm_up: u32,
}

/// One measured run.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Use case.
    pub kind: Kind,
    /// The task.
    pub task: TaskId,
    /// When it ended on the server.
    pub finished: Timestamp,
    /// `cpu`, `cuda` or [`UNKNOWN_DEVICE`].
    pub device: String,
    /// Is `server_s` from the server's run history (pure computation)? Without the right to read it: from the task's
    /// record, claim to end.
    pub recorded: bool,
    /// Seconds on the server.
    pub server_s: f64,
    /// Seconds of encryption, upload, wait, download and decryption, by the client's clock; the evaluation key is there
    /// already.
    pub end_to_end_s: f64,
    /// Bootstraps of the computation.
    pub bootstraps: u64,
    /// All phases.
    pub timing: Timing,
    /// Bytes on the wire.
    pub sizes: Sizes,
}

/// What happens.
#[derive(Debug)]
pub enum Event<'a> {
    /// Keys are made and uploaded.
    Preparing(Kind),
    /// A run begins: the how manieth of the plan's, from 1; 0 is a warm-up.
    Begin(Kind, u32),
    /// A measured run has ended.
    Measured(&'a Sample),
}

/// Hears what happens.
pub trait Watch: Send + Sync {
    /// It happens.
    fn event(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync> Watch for F {
    fn event(&self, event: &Event<'_>) {
        self(event);
    }
}

/// One benchmark of one server.
pub struct Bench<'a> {
    /// The server.
    pub api: &'a Api,
    /// The same, or its operators' listener: where its run history is.
    pub operators: &'a Api,
    /// What to ask.
    pub oracle: &'a Oracle,
    /// Ends it early.
    pub stop: &'a CancellationToken,
}

impl Bench<'_> {
    /// Measures, and pushes each run into `samples`, so that those before a failure are kept. What the server has kept
    /// for it is deleted again.
    ///
    /// # Errors
    /// [`BenchError`]; [`BenchError::Wrong`] for an answer that is not that of the plain calculation.
    pub async fn run(&self, plan: &Plan, watch: &dyn Watch, samples: &mut Vec<Sample>) -> Result<(), BenchError> {
        let dir = tempfile::Builder::new().prefix("cipherdeck-wallet-").tempdir();
        let dir = dir.map_err(|error| BenchError::file(&std::env::temp_dir(), error))?;
        let wallet = Wallet::at(dir.path().join("wallet"));
        let mut uids = BTreeSet::new();
        let done = self.measure(plan, &wallet, watch, samples, &mut uids).await;
        for uid in uids {
            if let Err(error) = self.api.delete_key(uid).await {
                tracing::warn!(%error, "the benchmark's uid is left on the server until it expires");
            }
        }
        done
    }

    async fn measure(
        &self,
        plan: &Plan,
        wallet: &Wallet,
        watch: &dyn Watch,
        samples: &mut Vec<Sample>,
        uids: &mut BTreeSet<Uid>,
    ) -> Result<(), BenchError> {
        check_server(self.api, self.oracle, &plan.kinds).await?;
        let mut number = 0;
        for &kind in &plan.kinds {
            watch.event(&Event::Preparing(kind));
            self.session(wallet).prepare(&self.oracle.question(kind, 0)?.job).await.map_err(stopped)?;
            for run in (0..plan.warm_up).map(|_| 0).chain(1..=plan.repeat) {
                number += 1;
                watch.event(&Event::Begin(kind, run));
                let question = self.oracle.question(kind, number)?;
                let sample = self.one(kind, wallet, question, uids).await?;
                if run > 0 {
                    watch.event(&Event::Measured(&sample));
                    samples.push(sample);
                }
            }
        }
        Ok(())
    }

    fn session(&self, wallet: &Wallet) -> Session {
        Session::new(self.api.clone(), wallet.clone(), Arc::new(Quiet), self.stop.clone())
    }

    async fn one(
        &self,
        kind: Kind,
        wallet: &Wallet,
        question: Question,
        uids: &mut BTreeSet<Uid>,
    ) -> Result<Sample, BenchError> {
        let report = self.session(wallet).run(question.job.clone()).await.map_err(stopped)?;
        uids.insert(report.uid);
        if !question.is_answered_by(&report.answer) {
            return Err(BenchError::Wrong { use_case: kind.name(), task: report.task.to_string() });
        }
        let row = self.row(kind, report.task).await?;
        let recorded = row.is_some();
        let row = row.unwrap_or_else(|| Run {
            device: UNKNOWN_DEVICE.to_owned(),
            server_s: report.timing.server_s,
            ..Run::default()
        });
        Ok(Sample {
            kind,
            task: report.task,
            finished: row.finished.unwrap_or_else(Timestamp::now),
            device: row.device,
            recorded,
            server_s: row.server_s,
            end_to_end_s: report.timing.end_to_end_s,
            bootstraps: row.bootstraps,
            timing: report.timing,
            sizes: report.sizes,
        })
    }

    /// The task's row in the server's history; `None` for a caller who may not look.
    async fn row(&self, kind: Kind, task: TaskId) -> Result<Option<Run>, BenchError> {
        let parameters = [("use_case", kind.name().to_owned()), ("limit", NEWEST.to_owned())];
        match self.operators.operators().history(&parameters).await {
            Ok(said) => {
                let task = task.to_string();
                let own = |run: &Run| run.task_id == task && run.origin != "bench";
                Ok(said.value.runs.into_iter().find(own))
            }
            Err(ApiError::Refused(_) | ApiError::NoOperators { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Does the server offer these use cases, with answers that can be checked?
pub(super) async fn check_server(api: &Api, oracle: &Oracle, kinds: &[Kind]) -> Result<(), BenchError> {
    let offered = api.use_cases().await?.names;
    if let Some(kind) = kinds.iter().find(|kind| !offered.iter().any(|name| name == kind.name())) {
        return Err(BenchError::NotOffered(kind.name()));
    }
    if kinds.contains(&Kind::Ads)
        && let Some(fetched) = api.ads(None).await?
    {
        oracle.knows(&fetched.catalogue.version)?;
    }
    Ok(())
}

fn stopped(error: ClientError) -> BenchError {
    match error {
        ClientError::Interrupted { .. } => BenchError::Interrupted,
        error => error.into(),
    }
}
