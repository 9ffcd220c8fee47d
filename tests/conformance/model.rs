//! What a store has to do, said as simply as possible: vectors, no disk, no concurrency.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cipherdeck::{
    store::{
        AttachKey, CancelOutcome, ClaimRequest, DeleteOutcome, DeleteUid, Enqueued, FinishOutcome, NewTask, Outcome,
        RequeueOutcome, StoreOptions,
    },
    task::{BlobRef, ClientId, FailureLabel, Run, RunOrigin, Status, Task, TaskFailure, TaskId, Timestamp, Token, Uid},
};

/// A task and what is known beside its record.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) task: Task,
    pub(crate) vt: i64,
    pub(crate) seq: i64,
    queued: Timestamp,
    token: Option<Token>,
    ended_as: Option<Status>,
    run: Option<usize>,
    key: Option<String>,
    last_finished: Option<Timestamp>,
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

    fn index(&self, id: TaskId) -> Option<usize> {
        self.tasks.iter().position(|entry| entry.task.id == id)
    }

    pub(crate) fn owner(&self, uid: Uid) -> Option<&Owner> {
        self.owners.iter().find(|owner| owner.uid == uid && !owner.deleting)
    }

    fn touch(&mut self, uid: Uid) {
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

    fn place(&mut self, client: &ClientId, priority: i8) -> (i64, i64) {
        let alive = |entry: &&Entry| {
            !entry.task.status.is_terminal() && entry.task.client == *client && entry.task.priority == priority
        };
        let own = self.tasks.iter().filter(alive).map(|entry| entry.vt + 1).max().unwrap_or(0);
        let seq = self.next_seq;
        self.next_seq += 1;
        (own.max(self.vclock.get(&priority).copied().unwrap_or(0)), seq)
    }

    fn end(&mut self, at: usize, status: Status) {
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

    pub(crate) fn cancel(&mut self, id: TaskId, owner: Option<Uid>) -> CancelOutcome {
        let Some(at) = self.index(id).filter(|&at| owner.is_none_or(|uid| uid == self.tasks[at].task.uid)) else {
            return CancelOutcome::Unknown;
        };
        match self.tasks[at].task.status {
            Status::Queued => {
                self.end(at, Status::Revoked);
                self.cancelled.insert(id);
                CancelOutcome::Revoked
            }
            Status::Started => {
                self.tasks[at].task.cancelling = true;
                self.cancelled.insert(id);
                CancelOutcome::Requested
            }
            ended => CancelOutcome::Ended(ended),
        }
    }

    /// The blobs given up are told by [`Model::references`].
    pub(crate) fn requeue(&mut self, id: TaskId) -> RequeueOutcome {
        let Some(at) = self.index(id) else { return RequeueOutcome::Unknown };
        let status = self.tasks[at].task.status;
        if !status.is_terminal() {
            return RequeueOutcome::Refused(status);
        }
        let Task { uid, client, priority, .. } = self.tasks[at].task.clone();
        if self.owner(uid).is_none() {
            return RequeueOutcome::Unknown;
        }
        let (vt, seq) = self.place(&client, priority);
        let now = self.now;
        let entry = &mut self.tasks[at];
        entry.last_finished = entry.task.finished.max(entry.last_finished);
        (entry.vt, entry.seq, entry.queued) = (vt, seq, now);
        (entry.token, entry.ended_as, entry.run) = (None, None, None);
        let task = &mut entry.task;
        (task.status, task.attempt, task.cancelling) = (Status::Queued, 0, false);
        (task.result, task.failure, task.worker, task.device) = (None, None, None, None);
        (task.started, task.finished, task.fetched, task.expires) = (None, None, None, None);
        self.cancelled.remove(&id);
        self.left.insert(id);
        self.touch(uid);
        RequeueOutcome::Requeued { garbage: Vec::new() }
    }

    pub(crate) fn fetched(&mut self, id: TaskId, finished: Timestamp, last_byte: Timestamp) {
        let Some(at) = self.index(id) else { return };
        let entry = &mut self.tasks[at];
        if entry.task.status == Status::Success && entry.task.finished == Some(finished) {
            (entry.task.status, entry.task.fetched) = (Status::Completed, Some(last_byte));
            let run = &mut self.runs[entry.run.unwrap()];
            run.end_to_end_s = Some(last_byte.since(entry.task.received).as_secs_f64());
        }
    }

    fn remove(&mut self, gone: impl Fn(&Entry) -> bool) -> u64 {
        let before = self.tasks.len();
        self.left.extend(self.tasks.iter().filter(|entry| gone(entry)).map(|entry| entry.task.id));
        self.tasks.retain(|entry| !gone(entry));
        (before - self.tasks.len()) as u64
    }

    pub(crate) fn delete(&mut self, id: TaskId) -> DeleteOutcome {
        match self.find(id).map(|entry| entry.task.status) {
            None => DeleteOutcome::Unknown,
            Some(status) if !status.is_terminal() => DeleteOutcome::Refused(status),
            Some(_) => {
                self.remove(|entry| entry.task.id == id);
                DeleteOutcome::Deleted { garbage: Vec::new() }
            }
        }
    }

    pub(crate) fn set_priority(&mut self, id: TaskId, priority: i8) -> bool {
        let queued = |&at: &usize| self.tasks[at].task.status == Status::Queued;
        let Some(at) = self.index(id).filter(queued) else { return false };
        if self.tasks[at].task.priority != priority {
            let client = self.tasks[at].task.client.clone();
            let (vt, seq) = self.place(&client, priority);
            let entry = &mut self.tasks[at];
            (entry.vt, entry.seq, entry.task.priority) = (vt, seq, priority);
        }
        true
    }

    pub(crate) fn add_uid(&mut self, uid: Uid, key: Option<BlobRef>) -> Result<(), Refusal> {
        let keyless = self.owners.iter().filter(|owner| owner.key.is_none()).count() as u64;
        if key.is_none() && keyless >= self.options.keyless_uids {
            return Err(Refusal::TooManyUids);
        }
        self.owners.push(Owner { uid, key, last_used: self.now, deleting: false });
        Ok(())
    }

    pub(crate) fn attach_key(&mut self, uid: Uid, key: &BlobRef) -> AttachKey {
        let now = self.now;
        match self.owners.iter_mut().find(|owner| owner.uid == uid && !owner.deleting) {
            None => AttachKey::Unknown,
            Some(Owner { key: Some(_), .. }) => AttachKey::HasKey,
            Some(owner) => {
                (owner.key, owner.last_used) = (Some(key.clone()), owner.last_used.max(now));
                AttachKey::Attached
            }
        }
    }

    pub(crate) fn delete_uid(&mut self, uid: Uid) -> DeleteUid {
        if self.owner(uid).is_none() {
            return DeleteUid::Unknown;
        }
        self.remove(|entry| entry.task.uid == uid && entry.task.status != Status::Started);
        let mut running = 0;
        for entry in self.tasks.iter_mut().filter(|entry| entry.task.uid == uid) {
            entry.task.cancelling = true;
            self.cancelled.insert(entry.task.id);
            running += 1;
        }
        for owner in self.owners.iter_mut().filter(|owner| owner.uid == uid) {
            owner.deleting = true;
        }
        if running == 0 {
            self.owners.retain(|owner| owner.uid != uid);
        }
        DeleteUid::Deleted { garbage: Vec::new(), running }
    }

    /// Tasks and uids removed.
    pub(crate) fn sweep(&mut self) -> (u64, u64) {
        let now = self.now;
        let tasks = self.remove(|entry| entry.task.expires.is_some_and(|expires| expires <= now));
        let before = self.owners.len();
        let running: BTreeSet<Uid> =
            self.tasks.iter().filter(|e| e.task.status == Status::Started).map(|e| e.task.uid).collect();
        let done = |owner: &Owner| owner.deleting && !running.contains(&owner.uid);
        let gone: BTreeSet<Uid> = self.owners.iter().filter(|owner| done(owner)).map(|owner| owner.uid).collect();
        self.remove(|entry| gone.contains(&entry.task.uid));
        let busy: BTreeSet<Uid> = self.tasks.iter().map(|entry| entry.task.uid).collect();
        let options = &self.options;
        self.owners.retain(|owner| {
            let ttl = if owner.key.is_some() { options.key_ttl } else { options.keyless_ttl };
            let unused = !owner.deleting && !busy.contains(&owner.uid) && owner.last_used.plus(ttl) <= now;
            !gone.contains(&owner.uid) && !unused
        });
        (tasks, (before - self.owners.len()) as u64)
    }

    /// The process has died and started again.
    pub(crate) fn crash(&mut self) {
        for at in 0..self.tasks.len() {
            if self.tasks[at].task.status != Status::Started {
                continue;
            }
            self.tasks[at].token = None;
            let attempt = self.tasks[at].task.attempt;
            if self.tasks[at].task.cancelling {
                self.end(at, Status::Revoked);
            } else if attempt >= self.options.attempts {
                self.end(at, Status::Failure);
                let detail = format!("its worker was lost {attempt} times");
                self.tasks[at].task.failure = Some(TaskFailure { label: FailureLabel::AttemptsExhausted, detail });
            } else {
                let task = &mut self.tasks[at].task;
                (task.status, task.started, task.progress) = (Status::Queued, None, None);
            }
        }
    }
}
