//! Clients: they come with a key or without, ask, check the answer, and leave.

use std::{sync::Arc, time::Duration};

use cipherdeck::{
    client::{
        api::{Api, ApiError, Upload, Word},
        flow::Job,
    },
    task::{TaskId, Uid},
};
use tokio::time::{Instant, timeout};

use super::{
    after,
    plan::{KEY_TTL, RESULT_TTL, SWEEP},
    question::Question,
    site::{Person, Site, Visit},
    warden::Gone,
};

/// Long enough for whatever is computed here, also beside other work.
const PATIENCE: Duration = Duration::from_secs(300);
/// One long poll.
const POLL: Duration = Duration::from_secs(30);
/// An impatient client's.
const BLINK: Duration = Duration::from_millis(100);

/// A client with its connections and its uid.
struct Guest<'a> {
    site: &'a Site,
    api: Api,
    person: Arc<Person>,
    uid: Uid,
}

/// Comes with a real key, asks for weights and a night, and leaves. Every other one comes without, asks for ads first, and
/// brings its key then.
pub(super) async fn stay(site: &Site, round: u64) -> Visit {
    let person = Arc::clone(&site.people[round as usize % site.people.len()]);
    let guest = if round.is_multiple_of(2) {
        Guest::with_key(site, person).await?
    } else {
        let guest = Guest::without_key(site, person).await?;
        guest.ask(&Question::ads(round)).await?;
        let same = guest.api.add_key(Some(guest.uid), None, Some(guest.key())).await;
        if same.map_err(|error| failed("a key for a uid", &error))? != guest.uid {
            return Err("a key for a uid gave another uid".to_owned());
        }
        guest
    };
    site.tally.keys.add();
    site.turn().await;
    guest.ask(&Question::weights(round)).await?;
    site.turn().await;
    guest.ask(&Question::night(round)).await?;
    guest.leave(round).await
}

/// Comes without a key, asks for ads a few times, and leaves.
pub(super) async fn glance(site: &Site, round: u64) -> Visit {
    let person = Arc::clone(&site.people[round as usize % site.people.len()]);
    let guest = Guest::without_key(site, person).await?;
    for number in 0..3 {
        site.turn().await;
        guest.ask(&Question::ads(3 * round + number)).await?;
    }
    guest.leave(round).await
}

/// Starts what takes minutes, a second one behind it, watches for a moment, and cancels both.
pub(super) async fn change_of_mind(site: &Site, round: u64) -> Visit {
    let person = Arc::clone(&site.people[round as usize % site.people.len()]);
    let guest = Guest::with_key(site, person).await?;
    site.tally.keys.add();
    let many = Job::WeightStats(vec![700; 1_000]);
    let (running, waiting) = (guest.start(&many, "one").await?, guest.start(&many, "two").await?);
    guest.until(running, |word| word == Word::Started).await?;
    // It breaks off a long poll: the server must not keep it.
    if timeout(BLINK, guest.api.task_status(guest.uid, running, POLL)).await.is_err() {
        site.tally.broken_polls.add();
    }
    for task in [waiting, running] {
        guest.api.cancel_task(guest.uid, task).await.map_err(|error| failed("cancel_task", &error))?;
        let end = guest.until(task, Word::is_over).await?;
        if end != Word::Revoked {
            return Err(format!("{task} was cancelled and is {end:?}"));
        }
        site.tally.cancelled.add();
    }
    guest.leave(round).await
}

impl<'a> Guest<'a> {
    async fn with_key(site: &'a Site, person: Arc<Person>) -> Result<Self, String> {
        let (api, key) = (site.api(), Upload::new(person.evaluation.clone()));
        let uid =
            api.add_key(None, Some("weight_stats"), Some(key)).await.map_err(|error| failed("add_key", &error))?;
        site.tally.uids.add();
        Ok(Self { site, api, person, uid })
    }

    async fn without_key(site: &'a Site, person: Arc<Person>) -> Result<Self, String> {
        let api = site.api();
        let uid = api.add_key(None, Some("ad_targeting"), None).await.map_err(|error| failed("a uid", &error))?;
        site.tally.uids.add();
        Ok(Self { site, api, person, uid })
    }

    fn key(&self) -> Upload {
        Upload::new(self.person.evaluation.clone())
    }

    /// Encrypts and submits.
    async fn start(&self, job: &Job, once: &str) -> Result<TaskId, String> {
        let (job, person, catalogue) = (job.clone(), Arc::clone(&self.person), Arc::clone(&self.site.catalogue));
        let name = job.name();
        let encrypted = tokio::task::spawn_blocking(move || job.encrypt(&person.secret, Some(&catalogue)));
        let input = Upload::new(encrypted.await.unwrap().map_err(|error| error.to_string())?);
        let task =
            self.api.start_task(self.uid, name, input, once).await.map_err(|error| failed("start_task", &error))?;
        self.site.tally.accepted.add();
        Ok(task)
    }

    /// Long polls until a task's status is as wanted.
    async fn until(&self, task: TaskId, wanted: impl Fn(Word) -> bool) -> Result<Word, String> {
        // A long poll waits for another status than the one that it finds, so the first question is none.
        let (end, mut wait) = (Instant::now() + PATIENCE, Duration::ZERO);
        loop {
            let status = self.api.task_status(self.uid, task, std::mem::replace(&mut wait, POLL)).await;
            let word = status.map_err(|error| failed("get_task_status", &error))?.status;
            if wanted(word) {
                return Ok(word);
            }
            if word.is_over() || Instant::now() >= end {
                return Err(format!("{task} is {word:?}"));
            }
        }
    }

    /// Asks one thing and checks the answer.
    async fn ask(&self, question: &Question) -> Visit {
        let job = question.job();
        let task = self.start(&job, &TaskId::random().to_string()).await?;
        self.until(task, |word| word == Word::Success).await?;
        let result = self.api.task_result(self.uid, task, job.name(), Duration::ZERO, &mut |_| ()).await;
        let result = result.map_err(|error| failed("get_task_result", &error))?;
        let (person, catalogue) = (Arc::clone(&self.person), Arc::clone(&self.site.catalogue));
        let decrypted = tokio::task::spawn_blocking(move || job.decrypt(&person.secret, Some(catalogue), &result));
        let answer = decrypted.await.unwrap().map_err(|error| error.to_string())?;
        if !question.is_right(&answer) {
            return Err(format!("{task}: a wrong answer"));
        }
        self.site.tally.right.add();
        self.site.doomed.lock().push((Gone::Task(self.uid, task), after(RESULT_TTL + SWEEP)));
        Ok(())
    }

    /// Deletes its uid, or leaves it to its time.
    async fn leave(self, round: u64) -> Visit {
        if self.site.is_left(round) {
            let due = after(KEY_TTL + RESULT_TTL + SWEEP);
            self.site.doomed.lock().push((Gone::Uid(self.uid), due));
            return Ok(());
        }
        self.api.delete_key(self.uid).await.map_err(|error| failed("delete_key", &error))?;
        match self.api.key_status(self.uid).await {
            Err(error) if is_refused(&error, "unknown_uid") => {
                self.site.tally.deleted.add();
                Ok(())
            }
            other => Err(format!("a deleted uid: {:?}", other.map(|it| it.expires.is_some()))),
        }
    }
}

/// Was it refused with this label?
pub(super) fn is_refused(error: &ApiError, label: &str) -> bool {
    matches!(error, ApiError::Refused(refusal) if refusal.label == label)
}

pub(super) fn failed(what: &str, error: &ApiError) -> String {
    format!("{what}: {error:?}")
}
