//! From a person's numbers to the decrypted answer.
//!
//! keys -> uid -> encrypt -> start -> wait -> fetch -> decrypt, with what a server may answer on the way:
//!
//! | the server says | the flow does |
//! |---|---|
//! | `unknown_uid`, or a task fails with `key_missing` | registers again (and uploads the key), starts again |
//! | `key_required` | attaches the key to the uid, starts again |
//! | `catalogue_changed` | fetches the catalogue, encrypts and starts again |
//! | 429, 503 | waits as long as `Retry-After` says, a bounded number of times |
//! | nothing, while it restarts | keeps asking for half a minute; the queue survives a restart |
//!
//! Each recovery is tried once, so that a server that contradicts itself cannot keep a client busy.

mod access;
mod catalogue;
mod course;
mod job;
mod observer;
mod retry;
mod submit;

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

pub use course::{Sizes, Timing};
pub use job::{Answer, Job};
pub use observer::{Event, Observer, Phase, Quiet};

use self::{access::Access, course::Course};
use super::{
    ClientError,
    api::{Api, labels},
    wallet::Wallet,
};
use crate::{
    task::{TaskId, Uid},
    use_cases::ad_targeting::PublicCatalogue,
};

/// A task failure: the server lost the key after it had accepted the task.
const KEY_MISSING: &str = "key_missing";

/// Result of a step.
pub type Result<T> = std::result::Result<T, ClientError>;

/// One command's work with one server and one wallet.
pub struct Session {
    api: Api,
    wallet: Wallet,
    observer: Arc<dyn Observer>,
    stop: CancellationToken,
    course: Mutex<Course>,
}

/// An answer, and how it came about.
#[derive(Debug)]
pub struct Report {
    /// Name of the use case on the wire.
    pub use_case: &'static str,
    /// The caller's uid on that server.
    pub uid: Uid,
    /// The task.
    pub task: TaskId,
    /// What came out.
    pub answer: Answer,
    /// Seconds per phase.
    pub timing: Timing,
    /// Bytes that went over the wire.
    pub sizes: Sizes,
}

impl Session {
    /// Cancelling `stop` ends the work at its next step, and cancels a running task on the server.
    pub fn new(api: Api, wallet: Wallet, observer: Arc<dyn Observer>, stop: CancellationToken) -> Self {
        Self { api, wallet, observer, stop, course: Mutex::default() }
    }

    /// The server.
    pub const fn api(&self) -> &Api {
        &self.api
    }

    /// The wallet.
    pub const fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    /// Makes keys, registers and uploads what a job like this needs, so that its run begins with the encryption.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn prepare(&self, job: &Job) -> Result<()> {
        let prepare = async { tokio::try_join!(self.access(job), self.catalogue_for(job)) };
        self.unless_stopped(prepare).await.map(drop)
    }

    /// Does it all.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn run(&self, job: Job) -> Result<Report> {
        let began = Instant::now();
        let job = Arc::new(job);
        let prepare = async { tokio::try_join!(self.access(&job), self.catalogue_for(&job)) };
        let (mut access, mut catalogue) = self.unless_stopped(prepare).await?;
        let mut tried = BTreeSet::new();
        let task = loop {
            let input = self.encrypt(&job, &access, catalogue.clone()).await?;
            match self.submit_and_wait(&job, &access, input).await {
                Ok(task) => break task,
                Err(error) => {
                    let Some(label) = recoverable(&error).filter(|label| tried.insert(*label)) else {
                        return Err(error);
                    };
                    let (new_access, new_catalogue) = self.unless_stopped(self.recover(label, &job, &access)).await?;
                    access = new_access;
                    catalogue = new_catalogue.or(catalogue);
                }
            }
        };
        let result = self.unless_stopped(self.fetch(&job, &access, task)).await?;
        let answer = self.decrypt(&job, &access, catalogue, result).await?;
        let mut course = self.course.lock().clone();
        course.timing.end_to_end_s = began.elapsed().as_secs_f64();
        let Course { timing, sizes } = course;
        Ok(Report { use_case: job.name(), uid: access.uid, task, answer, timing, sizes })
    }

    /// Repairs what a label says is missing.
    async fn recover(&self, label: &str, job: &Job, access: &Access) -> Result<(Access, Option<Arc<PublicCatalogue>>)> {
        tracing::debug!(label, "recovering");
        match label {
            labels::CATALOGUE_CHANGED => {
                let catalogue = self.fetch_catalogue().await?;
                return Ok((access.clone(), Some(catalogue)));
            }
            labels::KEY_REQUIRED => self.remember_keyless(access.uid).await?,
            _ => self.forget_uid(access.uid).await?,
        }
        Ok((self.access(job).await?, None))
    }

    /// `work`, unless the person wants to stop first.
    ///
    /// # Errors
    /// [`ClientError::Interrupted`], or what `work` says.
    pub async fn unless_stopped<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(ClientError::Interrupted { cancelled: false }),
            done = work => done,
        }
    }

    async fn encrypt(
        &self,
        job: &Arc<Job>,
        access: &Access,
        catalogue: Option<Arc<PublicCatalogue>>,
    ) -> Result<Vec<u8>> {
        let _phase = self.begin(Phase::Encryption);
        let (began, job, secret) = (Instant::now(), Arc::clone(job), Arc::clone(&access.secret));
        let work = blocking(move || Ok(job.encrypt(secret.keys(), catalogue.as_deref())?));
        let input = self.unless_stopped(work).await?;
        self.course.lock().timing.encrypt_s += began.elapsed().as_secs_f64();
        Ok(input)
    }

    async fn decrypt(
        &self,
        job: &Arc<Job>,
        access: &Access,
        catalogue: Option<Arc<PublicCatalogue>>,
        result: super::api::TaskResult,
    ) -> Result<Answer> {
        let _phase = self.begin(Phase::Decryption);
        let (began, job, secret) = (Instant::now(), Arc::clone(job), Arc::clone(&access.secret));
        let work = blocking(move || Ok(job.decrypt(secret.keys(), catalogue, &result)?));
        let answer = self.unless_stopped(work).await?;
        self.course.lock().timing.decrypt_s += began.elapsed().as_secs_f64();
        Ok(answer)
    }

    /// The phase lasts until the guard is dropped.
    fn begin(&self, phase: Phase) -> observer::Running {
        observer::Running::new(Arc::clone(&self.observer), phase)
    }
}

/// The label, if the flow can repair what it says.
fn recoverable(error: &ClientError) -> Option<&'static str> {
    if matches!(error, ClientError::TaskFailed { label, .. } if label == KEY_MISSING) {
        return Some(KEY_MISSING);
    }
    let known = [labels::UNKNOWN_UID, labels::KEY_REQUIRED, labels::CATALOGUE_CHANGED];
    known.into_iter().find(|label| error.refused(label))
}

/// Runs cryptography and disk work away from the network's thread.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ClientError::Internal(error.to_string()))?
}
