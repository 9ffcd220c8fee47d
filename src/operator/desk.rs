//! The one implementation of what operators do, for the local console, SSH sessions and HTTP alike.
//!
//! Every action leaves a row in the audit log, a refused one too. Those on tasks commit together with their rows; the
//! others write theirs right behind.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Instant,
};

use super::{Actor, Answer, Denied, Door, Role, denials::Denials};
use crate::{
    store::{AuditEntry, AuditFilter, AuditPage, Deed, Result, RunFilter, Signature, Store},
    task::{Run, RunOrigin, TaskId},
    text::sanitise,
    vault::KeyVault,
};

/// No object's name is longer in the log, in characters.
const NAME: usize = 128;

/// Does what operators ask for. Clones share everything: make one per process.
#[derive(Clone)]
pub struct Desk {
    store: Arc<dyn Store>,
    vault: KeyVault,
    use_cases: Arc<[String]>,
    denials: Arc<Denials>,
}

/// What became of runs that the bench command has measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Benched {
    /// Entered into the history.
    pub recorded: u64,
    /// There already.
    pub known: u64,
    /// Of tasks that are not among the newest rows of the history.
    pub gone: u64,
}

impl From<&Actor> for Signature {
    fn from(actor: &Actor) -> Self {
        Self {
            door: actor.door.word().to_owned(),
            name: sanitise(&actor.name, NAME),
            role: actor.role.word().to_owned(),
        }
    }
}

impl Desk {
    /// Tasks of one transaction: everybody else's writes wait meanwhile.
    pub const AT_ONCE: usize = 250;
    /// Runs of one request of the bench command.
    pub const BENCHED_AT_ONCE: usize = 1_000;
    /// The newest rows of the history, among which the bench command's tasks are looked for.
    const RUNS_LOOKED_AT: usize = 20_000;

    /// Over this store; `use_cases` are the names that can be paused.
    pub fn new(store: Arc<dyn Store>, vault: KeyVault, use_cases: Vec<String>) -> Self {
        Self { store, vault, use_cases: use_cases.into(), denials: Arc::default() }
    }

    /// Does one thing to each of these tasks; the answers are in the order of `ids`. Goes on to the end when the caller
    /// gives up: it was asked for. Blobs of what is requeued or deleted go with it. Whoever wants to show answers as
    /// they come hands in [`Desk::AT_ONCE`] at a time.
    ///
    /// # Errors
    /// [`Denied`]: one row in the log, nothing changed.
    pub async fn tasks(&self, actor: &Actor, deed: Deed, ids: Vec<TaskId>) -> std::result::Result<Vec<Answer>, Denied> {
        if let Err(denied) = allowed(actor) {
            let object = match ids.as_slice() {
                [one] => self.name_of(*one).await,
                many => format!("{} tasks", many.len()),
            };
            self.deny(actor, deed.word(), object).await;
            return Err(denied);
        }
        let (desk, actor, count) = (self.clone(), actor.clone(), ids.len());
        let work = tokio::spawn(async move { desk.each(&actor, deed, ids).await });
        Ok(work.await.unwrap_or_else(|error| {
            tracing::error!(%error, "an operator's action broke off");
            vec![Answer::Failed("it broke off; the log says why".to_owned()); count]
        }))
    }

    async fn each(&self, actor: &Actor, deed: Deed, ids: Vec<TaskId>) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(Self::AT_ONCE) {
            match self.store.operate(actor.into(), deed, chunk.to_vec()).await {
                Ok(operated) => {
                    let mut garbage = Vec::new();
                    for one in operated {
                        answers.push(one.effect.into());
                        garbage.extend(one.garbage);
                    }
                    self.vault.remove(garbage).await;
                }
                Err(error) => {
                    tracing::warn!(action = deed.word(), tasks = chunk.len(), %error, "an operator's action failed");
                    answers.extend(chunk.iter().map(|_| Answer::Failed(error.to_string())));
                }
            }
        }
        let done = answers.iter().filter(|answer| matches!(answer, Answer::Done | Answer::Stopping)).count();
        tracing::info!(action = deed.word(), tasks = done, of = ids.len(), by = %actor, "operator");
        answers
    }

    /// Does it to one task.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn task(&self, actor: &Actor, deed: Deed, id: TaskId) -> std::result::Result<Answer, Denied> {
        Ok(self.tasks(actor, deed, vec![id]).await?.pop().unwrap_or(Answer::Gone))
    }

    /// Pauses or resumes claiming of a use case; its running tasks go on. [`Answer::Gone`] if there is no such use
    /// case, though what is paused can always be resumed.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn pause(&self, actor: &Actor, use_case: &str, paused: bool) -> std::result::Result<Answer, Denied> {
        let action = if paused { "pause" } else { "resume" };
        let known = self.use_cases.iter().any(|name| name == use_case)
            || self.store.paused().await.is_ok_and(|names| names.iter().any(|name| name == use_case));
        let object = if known { use_case.to_owned() } else { shortened(use_case) };
        if let Err(denied) = allowed(actor) {
            self.deny(actor, action, object).await;
            return Err(denied);
        }
        let change =
            async { if known { self.store.set_paused(use_case, paused).await.map(|()| true) } else { Ok(false) } };
        Ok(self.settle(actor, action, object, change).await)
    }

    /// Asks a worker slot, or every slot of a node, to finish its task and to claim no more, or to go on. [`Answer::Gone`]
    /// if there is no worker of this name.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn drain(&self, actor: &Actor, worker: &str, draining: bool) -> std::result::Result<Answer, Denied> {
        let action = if draining { "drain" } else { "undrain" };
        if let Err(denied) = allowed(actor) {
            self.deny(actor, action, shortened(worker)).await;
            return Err(denied);
        }
        let change = async { Ok(!self.store.set_draining(worker, draining).await?.is_empty()) };
        Ok(self.settle(actor, action, sanitise(worker, NAME), change).await)
    }

    /// Takes the end-to-end times, in seconds, that the bench command has measured into the run history. Everything else
    /// of a row is what the server has recorded of that task itself, so that nobody enters what was not computed here.
    /// A time is entered once for each task.
    ///
    /// # Errors
    /// [`Denied`]; the store's errors within.
    pub async fn bench(&self, actor: &Actor, timed: &[(TaskId, f64)]) -> std::result::Result<Result<Benched>, Denied> {
        let object = format!("{} runs", timed.len());
        if let Err(denied) = allowed(actor) {
            self.deny(actor, "bench", object).await;
            return Err(denied);
        }
        let done = self.enter_runs(timed).await;
        let result = done.as_ref().map_or("failed", |done| if done.recorded > 0 { "done" } else { "gone" });
        tracing::info!(action = "bench", object, answer = result, by = %actor, "operator");
        self.record(actor, "bench", object, result).await;
        Ok(done)
    }

    async fn enter_runs(&self, timed: &[(TaskId, f64)]) -> Result<Benched> {
        let filter = RunFilter { limit: Self::RUNS_LOOKED_AT, ..RunFilter::default() };
        let (mut own, mut known) = (HashMap::new(), HashSet::new());
        for run in self.store.runs(filter).await? {
            if run.origin == RunOrigin::Bench {
                known.insert(run.task);
            } else {
                own.entry(run.task).or_insert(run);
            }
        }
        let mut benched = Benched::default();
        for (task, seconds) in timed {
            match own.get(task) {
                _ if known.contains(task) => benched.known += 1,
                None => benched.gone += 1,
                Some(run) => {
                    let run = Run { origin: RunOrigin::Bench, end_to_end_s: Some(*seconds), ..run.clone() };
                    self.store.record_run(run).await?;
                    known.insert(*task);
                    benched.recorded += 1;
                }
            }
        }
        Ok(benched)
    }

    /// Awaits a change that says whether its object exists, and writes its row.
    async fn settle(
        &self,
        actor: &Actor,
        action: &str,
        object: String,
        change: impl Future<Output = Result<bool>>,
    ) -> Answer {
        let answer = match change.await {
            Ok(true) => Answer::Done,
            Ok(false) => Answer::Gone,
            Err(error) => Answer::Failed(error.to_string()),
        };
        let object = if answer == Answer::Gone { shortened(&object) } else { object };
        tracing::info!(action, object, answer = answer.word(), by = %actor, "operator");
        self.record(actor, action, object, answer.word()).await;
        answer
    }

    /// Writes what somebody has done elsewhere: the server's start and stop, logins. A log that cannot be written is
    /// told of, not waited for.
    pub async fn record(&self, actor: &Actor, action: &str, object: impl Into<String>, result: &str) {
        if let Err(error) = self.store.audit(vec![entry(actor, action, &object.into(), result)]).await {
            tracing::error!(action, by = %actor, %error, "the audit log could not be written");
        }
    }

    /// Writes what has been done elsewhere to several objects: all of it, or nothing.
    ///
    /// # Errors
    /// [`crate::store::StoreError`].
    pub async fn enter(&self, actor: &Actor, acts: Vec<(&str, String)>) -> Result<()> {
        let entries = acts.into_iter().map(|(action, object)| entry(actor, action, &object, "done"));
        self.store.audit(entries.collect()).await
    }

    /// One page of the audit log, newest first. The caller has checked that the reader may look.
    ///
    /// # Errors
    /// [`crate::store::StoreError`], for a foreign cursor among others.
    pub async fn audited(&self, filter: AuditFilter, cursor: Option<String>, limit: usize) -> Result<AuditPage> {
        self.store.audited(filter, cursor, limit).await
    }

    async fn deny(&self, actor: &Actor, action: &str, object: String) {
        tracing::warn!(action, object, by = %actor, "denied");
        self.turned_away(actor, action, object).await;
    }

    /// Writes that somebody was not let in, or not to do something: so many rows a minute and no more.
    pub async fn turned_away(&self, actor: &Actor, action: &str, object: impl Into<String>) {
        if self.denials.admit(Instant::now()) {
            self.record(actor, action, object, "denied").await;
        }
    }

    /// A task's id, but only the beginning of one that names no task: it may be a uid in the wrong place.
    async fn name_of(&self, id: TaskId) -> String {
        match self.store.task(id).await {
            Ok(Some(_)) => id.to_string(),
            _ => shortened(&id.to_string()),
        }
    }
}

impl Actor {
    /// The server itself, for what it does to itself.
    pub fn server(node: &str) -> Self {
        Self { door: Door::Server, name: sanitise(node, NAME), role: Role::Operator }
    }
}

fn entry(actor: &Actor, action: &str, object: &str, result: &str) -> AuditEntry {
    let (action, object, result) = (action.to_owned(), sanitise(object, NAME), result.to_owned());
    AuditEntry { by: actor.into(), action, object, result }
}

fn allowed(actor: &Actor) -> std::result::Result<(), Denied> {
    if actor.role >= Role::Operator { Ok(()) } else { Err(Denied { role: actor.role }) }
}

/// The first 8 characters of a name that nothing has.
fn shortened(name: &str) -> String {
    sanitise(name, 8)
}
