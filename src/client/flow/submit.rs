//! One task: started, followed to its end, fetched; cancelled on the server when the person stops waiting.

use std::time::{Duration, Instant};

use super::{Event, Job, Phase, Result, Session, access::Access, observer::Running, retry::IfLost};
use crate::{
    client::{
        ClientError,
        api::{LONG_POLL, TaskResult, TaskStatus, Word},
    },
    task::{TaskId, Uid},
};

/// So often a screen wants news of a running task.
const SCREEN: Duration = Duration::from_millis(250);
/// Between two long polls that were answered at once and brought no news, as from a draining server.
const NO_NEWS: Duration = Duration::from_millis(250);
/// How long an interrupted client still tries to be polite.
const FAREWELL: Duration = Duration::from_secs(3);

impl Session {
    /// Starts the task and waits for its success.
    pub(super) async fn submit_and_wait(&self, job: &Job, access: &Access, input: Vec<u8>) -> Result<TaskId> {
        let task = self.submit(job, access, input).await?;
        let followed = tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(ClientError::Interrupted { cancelled: false }),
            end = self.follow(access.uid, task) => end,
        };
        let status = match followed {
            Err(ClientError::Interrupted { .. }) => {
                return Err(ClientError::Interrupted { cancelled: self.cancel(access.uid, task).await });
            }
            other => other?,
        };
        {
            let mut course = self.course.lock();
            course.timing.queue_s += status.queue_s().unwrap_or_default();
            course.timing.server_s += status.server_s().unwrap_or_default();
        }
        match status.status {
            Word::Success | Word::Completed => Ok(task),
            Word::Failure => {
                Err(ClientError::TaskFailed { label: status.failure_label().to_owned(), details: status.details })
            }
            Word::Revoked => Err(ClientError::TaskRevoked),
            Word::Unknown | Word::Queued | Word::Reserved | Word::Started => Err(ClientError::TaskUnknown),
        }
    }

    /// Sends the input. The idempotency key makes it safe to send it again when the answer is lost. An interruption
    /// waits a moment for the task's id, because without it the task cannot be cancelled.
    async fn submit(&self, job: &Job, access: &Access, input: Vec<u8>) -> Result<TaskId> {
        let _phase = self.begin(Phase::InputUpload);
        let (began, bytes) = (Instant::now(), input.len() as u64);
        let upload = self.upload(Phase::InputUpload, input);
        let once = uuid::Uuid::new_v4().to_string();
        let start =
            self.patiently(IfLost::Repeat, || self.api.start_task(access.uid, job.name(), upload.clone(), &once));
        let farewell = async {
            self.stop.cancelled().await;
            tokio::time::sleep(FAREWELL).await;
        };
        let task = tokio::select! {
            task = start => task?,
            () = farewell => return Err(ClientError::Interrupted { cancelled: false }),
        };
        let mut course = self.course.lock();
        course.timing.upload_s += began.elapsed().as_secs_f64();
        course.sizes.input = bytes;
        Ok(task)
    }

    /// Long-polls until the task is over; meanwhile a screen gets its news.
    async fn follow(&self, uid: Uid, task: TaskId) -> Result<TaskStatus> {
        let mut shown = Shown { session: self, phase: None };
        if !self.observer.wants_progress() {
            return self.until_over(uid, task, &mut |status| shown.show(status)).await;
        }
        let (news, mut inbox) = tokio::sync::mpsc::channel(8);
        let mut unheard = |_: &TaskStatus| ();
        let over = self.until_over(uid, task, &mut unheard);
        let ticks = async {
            loop {
                if let Ok(status) = self.api.task_status(uid, task, Duration::ZERO).await
                    && news.send(status).await.is_err()
                {
                    return;
                }
                tokio::time::sleep(SCREEN).await;
            }
        };
        tokio::pin!(over, ticks);
        loop {
            tokio::select! {
                end = &mut over => return end,
                () = &mut ticks => {}
                Some(status) = inbox.recv() => shown.show(&status),
            }
        }
    }

    async fn until_over(
        &self,
        uid: Uid,
        task: TaskId,
        news: &mut (dyn FnMut(&TaskStatus) + Send),
    ) -> Result<TaskStatus> {
        let mut last: Option<TaskStatus> = None;
        loop {
            let asked = Instant::now();
            let status = self.patiently(IfLost::Repeat, || self.api.task_status(uid, task, LONG_POLL)).await?;
            if status.status.is_over() {
                return Ok(status);
            }
            news(&status);
            if last.as_ref() == Some(&status) && asked.elapsed() < NO_NEWS {
                self.sleep(NO_NEWS).await?;
            }
            last = Some(status);
        }
    }

    /// Fetches the result of a task that has succeeded.
    pub(super) async fn fetch(&self, job: &Job, access: &Access, task: TaskId) -> Result<TaskResult> {
        let _phase = self.begin(Phase::Download);
        let began = Instant::now();
        let result = self
            .patiently(IfLost::Repeat, || async move {
                let mut got = |bytes| self.observer.event(&Event::Received(bytes));
                self.api.task_result(access.uid, task, job.name(), LONG_POLL, &mut got).await
            })
            .await?;
        if let TaskResult::NotReady(status) = &result {
            return Err(match status.status {
                Word::Revoked => ClientError::TaskRevoked,
                _ => ClientError::TaskUnknown,
            });
        }
        let mut course = self.course.lock();
        course.timing.download_s += began.elapsed().as_secs_f64();
        course.sizes.output = result.len();
        Ok(result)
    }

    /// Did the server accept the cancellation?
    async fn cancel(&self, uid: Uid, task: TaskId) -> bool {
        match tokio::time::timeout(FAREWELL, self.api.cancel_task(uid, task)).await {
            Ok(Ok(status)) => status.status == Word::Revoked || status.details.starts_with("Successfully cancelled"),
            _ => false,
        }
    }
}

/// Turns statuses into phases and their progress.
struct Shown<'a> {
    session: &'a Session,
    phase: Option<(Phase, Running)>,
}

impl Shown<'_> {
    fn show(&mut self, status: &TaskStatus) {
        let (phase, event) = match status.status {
            Word::Queued | Word::Reserved => {
                (Phase::Queue, Event::Queued { position: status.position, length: status.queue_length })
            }
            Word::Started => (Phase::Computation, Event::Progress(status.progress.unwrap_or_default())),
            _ => return,
        };
        if self.phase.as_ref().is_none_or(|(current, _)| *current != phase) {
            self.phase = None; // ends before the next one begins
            self.phase = Some((phase, self.session.begin(phase)));
        }
        self.session.observer.event(&event);
    }
}
