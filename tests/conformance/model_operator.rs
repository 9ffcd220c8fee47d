//! The model's second half: what operators, uids, time and crashes do.

use std::collections::BTreeSet;

use cipherdeck::{
    store::{AttachKey, CancelOutcome, DeleteOutcome, DeleteUid, RequeueOutcome},
    task::{BlobRef, ClientId, FailureLabel, Status, Task, TaskFailure, TaskId, Timestamp, Uid},
};

use super::model::{Entry, Model, Owner, Refusal};

impl Model {
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

    pub(crate) fn add_uid(
        &mut self,
        uid: Uid,
        client: ClientId,
        key: Option<BlobRef>,
    ) -> Result<Option<BlobRef>, Refusal> {
        let of_client = self.owners.iter().filter(|owner| owner.client == client).count() as u64;
        let limit = self.options.uids_per_client;
        if limit > 0 && of_client >= limit {
            return Err(Refusal::TooManyUidsOfClient);
        }
        let keyless = self.owners.iter().filter(|owner| owner.key.is_none()).count() as u64;
        if key.is_none() && keyless >= self.options.keyless_uids {
            return Err(Refusal::TooManyUids);
        }
        let key = key.map(|key| self.shared(key));
        self.owners.push(Owner { uid, client, key: key.clone(), last_used: self.now, deleting: false });
        Ok(key)
    }

    /// The blob of an equal key that somebody has, or this one.
    fn shared(&self, key: BlobRef) -> BlobRef {
        let mut keys = self.owners.iter().filter_map(|owner| owner.key.as_ref());
        keys.find(|other| other.digest == key.digest).cloned().unwrap_or(key)
    }

    pub(crate) fn attach_key(&mut self, uid: Uid, key: BlobRef) -> AttachKey {
        let (now, key) = (self.now, self.shared(key));
        match self.owners.iter_mut().find(|owner| owner.uid == uid && !owner.deleting) {
            None => AttachKey::Unknown,
            Some(Owner { key: Some(_), .. }) => AttachKey::HasKey,
            Some(owner) => {
                (owner.key, owner.last_used) = (Some(key.clone()), owner.last_used.max(now));
                AttachKey::Attached(key)
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
