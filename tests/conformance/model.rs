//! What a store has to do, said as simply as possible: vectors, no disk, no concurrency.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cipherdeck::{
    store::{ClaimRequest, Enqueued, FinishOutcome, NewTask, Outcome, StoreOptions},
    task::{BlobRef, ClientId, Run, RunOrigin, Status, Task, TaskId, Timestamp, Token, Uid},
};

/// A task and what is known beside its record.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) task: Task,
    pub(crate) vt: i64,
    pub(crate) seq: i64,
    pub(super) queued: Timestamp,
    pub(super) token: Option<Token>,
    pub(super) ended_as: Option<Status>,
    pub(super) run: Option<usize>,
    pub(super) key: Option<String>,
    pub(super) last_finished: Option<Timestamp>,
}

impl Entry {
    pub(crate) fn live_token(&self) -> Option<Token> {
        self.token.filter(|_| self.task.status == Status::Started)
    }
}

/// A uid.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    pub(crate) uid: Uid,
    pub(crate) client: ClientId,
    pub(crate) key: Option<BlobRef>,
    pub(crate) last_used: Timestamp,
    pub(crate) deleting: bool,
}

/// Why an enqueue or a new uid is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    UnknownUid,
    QueueFull { waiting: u64, limit: u64, per_client: bool },
    IdempotencyConflict,
    TooManyUids,
    TooManyUidsOfClient,
}

/// The store, as it should be.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) options: StoreOptions,
    pub(crate) now: Timestamp,
    pub(crate) tasks: Vec<Entry>,
    pub(crate) owners: Vec<Owner>,
    pub(crate) paused: BTreeSet<String>,
    pub(crate) runs: Vec<Run>,
    vclock: BTreeMap<i8, i64>,
    next_seq: i64,
    /// Every claim ever handed out.
    pub(crate) tokens: Vec<(TaskId, Token)>,
    /// Accepted cancels since the last requeue.
    pub(crate) cancelled: BTreeSet<TaskId>,
    /// Tasks that were requeued or removed in this step.
    pub(crate) left: BTreeSet<TaskId>,
    /// Blobs given up.
    pub(crate) garbage: BTreeSet<String>,
}

impl Model {
    pub(crate) fn new(options: StoreOptions) -> Self {
        let now = options.clock.now();
        Self {
            options,
            now,
            tasks: Vec::new(),
            owners: Vec::new(),
            paused: BTreeSet::new(),
            runs: Vec::new(),
            vclock: BTreeMap::new(),
            next_seq: 1,
            tokens: Vec::new(),
            cancelled: BTreeSet::new(),
            left: BTreeSet::new(),
            garbage: BTreeSet::new(),
        }
    }

    pub(crate) fn find(&self, id: TaskId) -> Option<&Entry> {
        self.tasks.iter().find(|entry| entry.task.id == id)
    }

    pub(super) fn index(&self, id: TaskId) -> Option<usize> {
        self.tasks.iter().position(|entry| entry.task.id == id)
    }

    pub(crate) fn owner(&self, uid: Uid) -> Option<&Owner> {
        self.owners.iter().find(|owner| owner.uid == uid && !owner.deleting)
    }

    pub(super) fn touch(&mut self, uid: Uid) {
        let now = self.now;
        for owner in self.owners.iter_mut().filter(|owner| owner.uid == uid) {
            owner.last_used = owner.last_used.max(now);
        }
    }

    /// The queue, first to run first.
    pub(crate) fn queue(&self) -> Vec<&Entry> {
        let mut queue: Vec<_> = self.tasks.iter().filter(|entry| entry.task.status == Status::Queued).collect();
        queue.sort_by_key(|entry| (-i16::from(entry.task.priority), entry.vt, entry.seq));
        queue
    }

    /// Names of every blob that some record refers to.
    pub(crate) fn references(&self) -> BTreeSet<String> {
        let inputs = self.tasks.iter().map(|entry| &entry.task.input);
        let results = self.tasks.iter().filter_map(|entry| entry.task.result.as_ref());
        let keys = self.owners.iter().filter_map(|owner| owner.key.as_ref());
        inputs.chain(results).chain(keys).map(|blob| blob.name.clone()).collect()
    }

    pub(super) fn place(&mut self, client: &ClientId, priority: i8) -> (i64, i64) {
        let alive = |entry: &&Entry| {
            !entry.task.status.is_terminal() && entry.task.client == *client && entry.task.priority == priority
        };
        let own = self.tasks.iter().filter(alive).map(|entry| entry.vt + 1).max().unwrap_or(0);
        let seq = self.next_seq;
        self.next_seq += 1;
        (own.max(self.vclock.get(&priority).copied().unwrap_or(0)), seq)
    }

    pub(super) fn end(&mut self, at: usize, status: Status) {
        let (now, ttl) = (self.now, self.options.result_ttl);
        let entry = &mut self.tasks[at];
        let finished = match entry.last_finished {
            Some(last) if last >= now => last.plus(Duration::from_millis(1)),
            _ => now,
        };
        entry.task.status = status;
        entry.task.progress = None;
        entry.task.finished = Some(finished);
        entry.task.expires = Some(finished.plus(ttl));
    }

    pub(crate) fn enqueue(&mut self, new: &NewTask) -> Result<Enqueued, Refusal> {
        if self.find(new.id).is_some() {
            return Ok(Enqueued::Existing(new.id));
        }
        if self.owner(new.uid).is_none() {
            return Err(Refusal::UnknownUid);
        }
        let same_key =
            |entry: &&Entry| entry.task.uid == new.uid && entry.key.is_some() && entry.key == new.idempotency_key;
        if let Some(entry) = self.tasks.iter().find(same_key) {
            let same = entry.task.input.digest == new.input.digest;
            return if same { Ok(Enqueued::Existing(entry.task.id)) } else { Err(Refusal::IdempotencyConflict) };
        }
        let queue = self.queue();
        let of_client = queue.iter().filter(|entry| entry.task.client == new.client).count() as u64;
        for (waiting, limit, per_client) in
            [(queue.len() as u64, self.options.waiting, false), (of_client, self.options.waiting_per_client, true)]
        {
            if waiting >= limit {
                return Err(Refusal::QueueFull { waiting, limit, per_client });
            }
        }
        let (vt, seq) = self.place(&new.client, new.priority);
        let task = Task {
            id: new.id,
            uid: new.uid,
            client: new.client.clone(),
            use_case: new.use_case.clone(),
            capability: new.capability.clone(),
            status: Status::Queued,
            priority: new.priority,
            attempt: 0,
            cancelling: false,
            input: new.input.clone(),
            result: None,
            failure: None,
            worker: None,
            device: None,
            progress: None,
            received: new.received,
            created: self.now,
            started: None,
            finished: None,
            fetched: None,
            expires: None,
        };
        let (queued, key) = (self.now, new.idempotency_key.clone());
        let entry = Entry { task, vt, seq, queued, token: None, ended_as: None, run: None, key, last_finished: None };
        // The id may be that of a task that was cancelled and has been removed since: this is a new one.
        self.cancelled.remove(&new.id);
        self.tasks.push(entry);
        self.touch(new.uid);
        Ok(Enqueued::New(new.id))
    }

    pub(crate) fn claim(&mut self, request: &ClaimRequest) -> Option<TaskId> {
        if let Some(entry) = self.tasks.iter().find(|entry| entry.token == Some(request.nonce)) {
            return entry.live_token().map(|_| entry.task.id);
        }
        let able =
            |task: &Task| request.capabilities.contains(&task.capability) && !self.paused.contains(&task.use_case);
        let id = self.queue().into_iter().find(|entry| able(&entry.task))?.task.id;
        let at = self.index(id)?;
        let now = self.now;
        let entry = &mut self.tasks[at];
        entry.token = Some(request.nonce);
        entry.ended_as = None;
        let (priority, vt, uid) = (entry.task.priority, entry.vt, entry.task.uid);
        let task = &mut entry.task;
        (task.status, task.attempt) = (Status::Started, task.attempt + 1);
        (task.worker, task.device) = (Some(request.worker.clone()), Some(request.device.clone()));
        (task.started, task.progress) = (Some(now), Some(0.0));
        let clock = self.vclock.entry(priority).or_default();
        *clock = vt.max(*clock);
        self.tokens.push((id, request.nonce));
        self.touch(uid);
        Some(id)
    }

    pub(crate) fn beat(&mut self, id: TaskId, token: Token, progress: f32) {
        if let Some(at) = self.index(id)
            && self.tasks[at].live_token() == Some(token)
        {
            let known = &mut self.tasks[at].task.progress;
            *known = Some(known.unwrap_or(0.0).max(progress));
        }
    }

    pub(crate) fn finish(&mut self, id: TaskId, token: Token, outcome: &Outcome) -> FinishOutcome {
        let Some(at) = self.index(id).filter(|&at| self.tasks[at].token == Some(token)) else {
            return FinishOutcome::Stale;
        };
        if self.tasks[at].task.status != Status::Started {
            return self.tasks[at].ended_as.map_or(FinishOutcome::Stale, FinishOutcome::Applied);
        }
        match outcome {
            Outcome::Success { result, server, bootstraps } if !self.tasks[at].task.cancelling => {
                self.end(at, Status::Success);
                let run = self.run(at, server.as_secs_f64(), *bootstraps);
                let entry = &mut self.tasks[at];
                entry.run = Some(self.runs.len());
                entry.task.result = Some(result.clone());
                self.runs.push(run);
            }
            Outcome::Success { .. } | Outcome::Revoked => self.end(at, Status::Revoked),
            Outcome::Failure(failure) => {
                self.end(at, Status::Failure);
                self.tasks[at].task.failure = Some(failure.clone());
            }
        }
        let status = self.tasks[at].task.status;
        self.tasks[at].ended_as = Some(status);
        FinishOutcome::Applied(status)
    }

    fn run(&self, at: usize, server_s: f64, bootstraps: u64) -> Run {
        let entry = &self.tasks[at];
        let task = &entry.task;
        Run {
            task: task.id,
            origin: RunOrigin::Task,
            use_case: task.use_case.clone(),
            device: task.device.clone().unwrap(),
            finished: task.finished.unwrap(),
            upload_s: task.created.since(task.received).as_secs_f64(),
            queue_s: task.started.unwrap().since(entry.queued).as_secs_f64(),
            server_s,
            end_to_end_s: None,
            bootstraps,
        }
    }

    pub(crate) fn release(&mut self, id: TaskId, token: Token) -> bool {
        let Some(at) = self.index(id).filter(|&at| self.tasks[at].live_token() == Some(token)) else { return false };
        self.tasks[at].token = None;
        if self.tasks[at].task.cancelling {
            self.end(at, Status::Revoked);
        } else {
            let task = &mut self.tasks[at].task;
            (task.status, task.attempt, task.started, task.progress) = (Status::Queued, task.attempt - 1, None, None);
        }
        true
    }
}
