//! One client: encrypt, submit, wait, fetch, decrypt, check; and again.

use std::{
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Ground,
    crew::Member,
    tally::{End, Fault},
};
use crate::{
    bench::questions::{Draw, Kind, Question},
    client::{
        api::{ApiError, LONG_POLL, TaskResult, TaskStatus, Upload, Word},
        flow::Answer,
    },
    task::TaskId,
};

/// After something that cannot be helped by asking again.
const PAUSE: Duration = Duration::from_millis(250);
/// A busy server is left alone so long at most.
const LONGEST: Duration = Duration::from_secs(5);
/// A task that is to be cancelled is left alone so long at most.
const SECOND_THOUGHTS_MS: u64 = 2_000;
/// A server that does not answer a farewell is left.
const FAREWELL: Duration = Duration::from_secs(3);

/// Asks until the time is over.
pub(super) async fn work(ground: Arc<Ground>, member: Member, number: u64) {
    let mut client =
        Client { ground, member, draw: Draw(number.wrapping_mul(0x5851_f42d_4c95_7f2d)), asked: 0, number };
    while !client.is_over() {
        client.ask().await;
    }
}

struct Client {
    ground: Arc<Ground>,
    member: Member,
    draw: Draw,
    number: u64,
    asked: u64,
}

/// Why a task is not followed to its end.
enum Break {
    /// Ctrl-C.
    Stopped,
    /// The patience is over, or the server contradicts itself.
    Lost(String),
}

impl Client {
    fn is_over(&self) -> bool {
        self.ground.stop.is_cancelled() || Instant::now() >= self.ground.end
    }

    async fn ask(&mut self) {
        let kind = self.ground.plan.mix.draw(&mut self.draw);
        self.asked += 1;
        let wants_cancel = (self.draw.below(1_000_000) as f64) < self.ground.plan.cancel * 1e6;
        let Ok(question) = self.ground.oracle.question(kind, (self.number << 32) + self.asked) else { return };
        let began = Instant::now();
        let Some(input) = self.encrypt(&question).await else { return };
        let Some(task) = self.submit(kind, input).await else { return };
        self.ground.tally.lock().accepted(task);
        let done = if wants_cancel {
            self.cancelled(kind, task).await
        } else {
            self.answered(kind, task, &question, began).await
        };
        match done {
            Ok(()) => {}
            Err(Break::Lost(why)) => self.ground.tally.lock().spoilt(task, Fault::Lost, &why),
            Err(Break::Stopped) => {
                let farewell = self.ground.api.cancel_task(self.member.uid, task);
                let _left_alone = tokio::time::timeout(FAREWELL, farewell).await;
                self.ground.tally.lock().ended(task, End::Cancelled);
            }
        }
    }

    async fn encrypt(&self, question: &Question) -> Option<Vec<u8>> {
        let _core = self.ground.cores.acquire().await.ok()?;
        let (job, keys, catalogue) =
            (question.job.clone(), Arc::clone(&self.member.keys), self.ground.catalogue.clone());
        let work = tokio::task::spawn_blocking(move || job.encrypt(&keys, catalogue.as_deref()));
        if let Ok(Ok(input)) = work.await {
            return Some(input);
        }
        self.ground.tally.lock().error("encrypt", "invalid_input");
        tokio::time::sleep(PAUSE).await;
        None
    }

    /// Sends the input until the server takes it. The idempotency key makes that one task.
    async fn submit(&self, kind: Kind, input: Vec<u8>) -> Option<TaskId> {
        let (upload, once) = (Upload::new(input), uuid::Uuid::new_v4().to_string());
        while !self.is_over() {
            let began = Instant::now();
            let request = self.ground.api.start_task(self.member.uid, kind.name(), upload.clone(), &once);
            match request.await {
                Ok(task) => {
                    self.ground.tally.lock().submit.add(began.elapsed());
                    return Some(task);
                }
                Err(error) => {
                    self.ground.tally.lock().error("submit", error.label());
                    let again = self.pause(&error).await;
                    if again.is_break() {
                        tokio::time::sleep(PAUSE).await;
                        return None;
                    }
                }
            }
        }
        None
    }

    /// Waits as the error says; `Break` if asking again is of no use.
    async fn pause(&self, error: &ApiError) -> ControlFlow<()> {
        let wait = match error {
            ApiError::Refused(refusal) if refusal.is_temporary() => refusal.retry_after.unwrap_or(PAUSE).min(LONGEST),
            ApiError::Lost { .. } | ApiError::Unreachable { .. } => PAUSE,
            _ => return ControlFlow::Break(()),
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.ground.stop.cancelled() => {}
        }
        ControlFlow::Continue(())
    }

    /// A task whose client wants its answer.
    async fn answered(&self, kind: Kind, task: TaskId, question: &Question, began: Instant) -> Result<(), Break> {
        let status = self.until_over(task).await?;
        match status.status {
            Word::Success | Word::Completed => {}
            Word::Failure => {
                let mut tally = self.ground.tally.lock();
                tally.error("task", status.failure_label());
                tally.ended(task, End::Failed);
                return Ok(());
            }
            Word::Revoked => {
                self.ground.tally.lock().spoilt(task, Fault::Unexpected, "it was revoked, and nobody had cancelled it");
                return Ok(());
            }
            _ => return Err(Break::Lost("the server does not know it".to_owned())),
        }
        let result = self.fetch(kind, task).await?;
        let right = self.is_right(question, result).await;
        let mut tally = self.ground.tally.lock();
        match right {
            Ok(true) => tally.answered(task, kind, began.elapsed()),
            Ok(false) => tally.spoilt(task, Fault::Wrong, "the plain calculation gives another answer"),
            Err(problem) => tally.spoilt(task, Fault::Wrong, &problem),
        }
        Ok(())
    }

    /// A task that its client cancels after a while.
    async fn cancelled(&mut self, kind: Kind, task: TaskId) -> Result<(), Break> {
        let wait = Duration::from_millis(self.draw.below(SECOND_THOUGHTS_MS));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.ground.stop.cancelled() => return Err(Break::Stopped),
        }
        let accepted = loop {
            match self.ground.api.cancel_task(self.member.uid, task).await {
                Ok(status) => break status.details.starts_with("Successfully cancelled"),
                Err(error) => self.again("cancel", &error).await?,
            }
        };
        let end = self.until_over(task).await?.status;
        if !accepted && end == Word::Failure {
            self.ground.tally.lock().ended(task, End::Failed);
            return Ok(());
        }
        let result = self.fetch(kind, task).await?;
        let has_result = !matches!(result, TaskResult::NotReady(_));
        let mut tally = self.ground.tally.lock();
        match (accepted, end) {
            (true, Word::Revoked) if !has_result => tally.ended(task, End::Cancelled),
            (true, _) => tally.spoilt(task, Fault::Unexpected, "its cancellation was accepted, and it has an answer"),
            // It was faster than its client.
            (false, Word::Success | Word::Completed) if has_result => tally.ended(task, End::Cancelled),
            (false, _) => tally.spoilt(task, Fault::Unexpected, "it had not ended, and could not be cancelled"),
        }
        Ok(())
    }

    /// Once at once, then by long polls.
    async fn until_over(&self, task: TaskId) -> Result<TaskStatus, Break> {
        let mut wait = Duration::ZERO;
        loop {
            let began = Instant::now();
            let request = self.ground.api.task_status(self.member.uid, task, wait);
            let answer = tokio::select! {
                answer = request => answer,
                () = self.ground.stop.cancelled() => return Err(Break::Stopped),
            };
            match answer {
                Ok(status) => {
                    let mut tally = self.ground.tally.lock();
                    if wait.is_zero() {
                        tally.status.add(began.elapsed());
                    }
                    tally.queue(status.queue_length);
                    if status.status.is_over() {
                        return Ok(status);
                    }
                    if wait.is_zero() {
                        wait = LONG_POLL;
                        continue;
                    }
                }
                Err(error) => self.again("status", &error).await?,
            }
            self.patience()?;
            if began.elapsed() < PAUSE {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn fetch(&self, kind: Kind, task: TaskId) -> Result<TaskResult, Break> {
        loop {
            let mut got = |_| ();
            let request = self.ground.api.task_result(self.member.uid, task, kind.name(), Duration::ZERO, &mut got);
            match request.await {
                Ok(result) => return Ok(result),
                Err(error) => self.again("fetch", &error).await?,
            }
        }
    }

    /// Waits before a request is repeated; breaks if that is of no use.
    async fn again(&self, what: &str, error: &ApiError) -> Result<(), Break> {
        self.ground.tally.lock().error(what, error.label());
        if self.pause(error).await.is_break() {
            return Err(Break::Lost(format!("{what}: {error}")));
        }
        if self.ground.stop.is_cancelled() {
            return Err(Break::Stopped);
        }
        self.patience()
    }

    fn patience(&self) -> Result<(), Break> {
        let late = Instant::now().saturating_duration_since(self.ground.end);
        if late < self.ground.plan.patience {
            return Ok(());
        }
        Err(Break::Lost(format!("it has not ended {} s after the end", late.as_secs())))
    }

    async fn is_right(&self, question: &Question, result: TaskResult) -> Result<bool, String> {
        let _core = self.ground.cores.acquire().await.map_err(|error| error.to_string())?;
        let (question, keys) = (question.clone(), Arc::clone(&self.member.keys));
        let catalogue = self.ground.catalogue.clone();
        let work = tokio::task::spawn_blocking(move || {
            let answer: Answer = question.job.decrypt(&keys, catalogue, &result).map_err(|error| error.to_string())?;
            Ok(question.is_answered_by(&answer))
        });
        work.await.map_err(|error| error.to_string())?
    }
}
