//! The steps of a random walk: each does the same to the model and to the store and compares the answers. What they
//! return are the blobs that the store gave up.

use cipherdeck::{
    store::{Beat, BeatAnswer, CancelOutcome, DeleteOutcome, DeleteUid, Enqueued, Outcome, RequeueOutcome, StoreError},
    task::{BlobRef, ClientId, Status, Task, Timestamp, Token, Uid, WorkerName},
};
use rand::RngExt as _;

use super::{
    engine::Engine,
    invariants::Listener,
    model::Refusal,
    random::{Walk, comparable},
    view::View,
    world::{USE_CASES, blob, failure, request, success_named},
};

impl<E: Engine> Walk<E> {
    pub(super) async fn enqueue(&mut self) -> Vec<BlobRef> {
        let uid = self.any_uid();
        let mut new = self.world.new_task(uid);
        let use_case = USE_CASES[self.rng.random_range(0..3)];
        (new.use_case, new.capability) = (use_case.to_owned(), use_case.to_owned());
        if self.chance(20) {
            new.priority = self.rng.random_range(-2..=2);
        }
        if self.chance(30) {
            // Few keys and inputs, so that they meet.
            new.idempotency_key = Some(format!("key {}", self.rng.random_range(0..4)));
            new.input.digest = blob(&format!("input {}", self.rng.random_range(0..2))).digest;
        }
        if self.chance(8) {
            new.id = self.any_id();
        }
        new.received = Timestamp::from_millis(new.received.millis() - self.rng.random_range(0..900));
        let expected = self.model.enqueue(&new);
        let answer = self.world.store().enqueue(new.clone()).await;
        self.note(format!("enqueue {} -> {expected:?}", new.id));
        match (&expected, &answer) {
            (Ok(expected), Ok(answer)) => assert_eq!(expected, answer),
            (Err(expected), Err(error)) => assert_eq!(*expected, refusal(error)),
            _ => panic!("{answer:?}, expected {expected:?}"),
        }
        if let Ok(Enqueued::New(id)) = expected {
            self.ids.push(id);
            // I7: again, the same.
            assert_eq!(self.world.store().enqueue(new).await.unwrap(), Enqueued::Existing(id));
        }
        Vec::new()
    }

    pub(super) async fn claim(&mut self) -> Vec<BlobRef> {
        let again = self.chance(10).then(|| self.any_claim().1);
        let mut request = request(again.unwrap_or_else(Token::random));
        request.worker = WorkerName(format!("host:1:w/{}", self.rng.random_range(0..3)));
        if self.chance(30) {
            let without = USE_CASES[self.rng.random_range(0..3)];
            request.capabilities.remove(without);
        }
        let expected = self.model.claim(&request);
        let claim = self.world.store().claim(request.clone()).await.unwrap();
        self.note(format!("claim {} -> {expected:?}", request.nonce));
        assert_eq!(claim.as_ref().map(|claim| claim.task.id), expected);
        if let Some(claim) = claim {
            assert_eq!(claim.token, request.nonce);
            let known = comparable(&self.model.find(claim.task.id).unwrap().task);
            assert_eq!(Task { progress: known.progress, ..comparable(&claim.task) }, known);
            let repeated = self.world.store().claim(request).await.unwrap();
            assert_eq!(repeated.map(|claim| claim.task.id), expected, "I7: the same nonce, another task");
        }
        Vec::new()
    }

    pub(super) async fn beat(&mut self) -> Vec<BlobRef> {
        let (task, token) = self.any_claim();
        let progress = self.rng.random_range(0..90) as f32 / 100.0;
        self.note(format!("beat {task} {progress}"));
        let live = self.model.find(task).is_some_and(|entry| entry.live_token() == Some(token));
        self.model.beat(task, token, progress);
        let answers = self.world.store().heartbeat(vec![Beat { task, token, progress }]).await.unwrap();
        assert_eq!(answers != [BeatAnswer::Lost], live);
        Vec::new()
    }

    pub(super) async fn finish(&mut self) -> Vec<BlobRef> {
        let (id, token) = self.any_claim();
        let outcome = match self.rng.random_range(0..10) {
            0..7 => success_named(id, token),
            7..9 => failure(),
            _ => Outcome::Revoked,
        };
        let expected = self.model.finish(id, token, &outcome);
        self.note(format!("finish {id} {token} -> {expected:?}"));
        for _ in 0..=self.rng.random_range(0..2) {
            assert_eq!(self.world.store().finish(id, token, outcome.clone()).await.unwrap(), expected);
        }
        Vec::new()
    }

    pub(super) async fn release(&mut self) -> Vec<BlobRef> {
        let (id, token) = self.any_claim();
        let expected = self.model.release(id, token);
        self.note(format!("release {id} {token} -> {expected}"));
        assert_eq!(self.world.store().release(id, token).await.unwrap(), expected);
        Vec::new()
    }

    pub(super) async fn cancel(&mut self) -> Vec<BlobRef> {
        let id = self.id_in(|status| !status.is_terminal());
        let owner = self.chance(50).then(|| self.any_uid());
        let expected = self.model.cancel(id, owner);
        self.note(format!("cancel {id} -> {expected:?}"));
        assert_eq!(self.world.store().cancel(id, owner).await.unwrap(), expected);
        if expected == CancelOutcome::Requested {
            assert_eq!(self.world.store().cancel(id, owner).await.unwrap(), expected);
        }
        Vec::new()
    }

    pub(super) async fn requeue(&mut self) -> Vec<BlobRef> {
        let id = self.id_in(Status::is_terminal);
        let expected = self.model.requeue(id);
        self.note(format!("requeue {id} -> {expected:?}"));
        match (self.world.store().requeue(id).await.unwrap(), expected) {
            (RequeueOutcome::Requeued { garbage }, RequeueOutcome::Requeued { .. }) => garbage,
            (answer, expected) => {
                assert_eq!(answer, expected);
                Vec::new()
            }
        }
    }

    pub(super) async fn fetched(&mut self) -> Vec<BlobRef> {
        let id = self.id_in(Status::has_result);
        let known = self.model.find(id).and_then(|entry| entry.task.finished);
        let finished = if self.chance(85) { known.unwrap_or(self.model.now) } else { self.model.now };
        let last_byte = self.model.now;
        self.note(format!("fetched {id} of {finished}"));
        self.model.fetched(id, finished, last_byte);
        self.world.store().fetched(id, finished, last_byte).await.unwrap();
        Vec::new()
    }

    pub(super) async fn delete(&mut self) -> Vec<BlobRef> {
        let id = self.any_id();
        let expected = self.model.delete(id);
        self.note(format!("delete {id} -> {expected:?}"));
        match (self.world.store().delete(id).await.unwrap(), expected) {
            (DeleteOutcome::Deleted { garbage }, DeleteOutcome::Deleted { .. }) => garbage,
            (answer, expected) => {
                assert_eq!(answer, expected);
                Vec::new()
            }
        }
    }

    pub(super) async fn set_priority(&mut self) -> Vec<BlobRef> {
        let id = self.id_in(|status| status == Status::Queued);
        let priority = self.rng.random_range(-2..=2);
        let expected = self.model.set_priority(id, priority);
        self.note(format!("priority {id} {priority} -> {expected}"));
        assert_eq!(self.world.store().set_priority(id, priority).await.unwrap(), expected);
        Vec::new()
    }

    pub(super) async fn pause(&mut self) -> Vec<BlobRef> {
        let (use_case, paused) = (USE_CASES[self.rng.random_range(0..3)], self.chance(35));
        self.note(format!("pause {use_case} {paused}"));
        if paused {
            self.model.paused.insert(use_case.to_owned());
        } else {
            self.model.paused.remove(use_case);
        }
        self.world.store().set_paused(use_case, paused).await.unwrap();
        Vec::new()
    }

    pub(super) async fn add_uid(&mut self) -> Vec<BlobRef> {
        let (uid, client) = (Uid::random(), ClientId(format!("client {}", self.rng.random_range(0..3))));
        let key = self.chance(70).then(|| self.any_key());
        let expected = self.model.add_uid(uid, client.clone(), key.clone());
        self.note(format!("add uid {} -> {expected:?}", uid.tag()));
        match (self.world.store().add_uid(uid, client, key).await, expected) {
            (Ok(used), Ok(expected)) => {
                assert_eq!(used, expected);
                self.uids.push(uid);
            }
            (Err(error), Err(expected)) => assert_eq!(refusal(&error), expected),
            (answer, expected) => panic!("{answer:?}, expected {expected:?}"),
        }
        Vec::new()
    }

    pub(super) async fn attach_key(&mut self) -> Vec<BlobRef> {
        let (uid, key) = (self.any_uid(), self.any_key());
        let expected = self.model.attach_key(uid, key.clone());
        self.note(format!("attach {} -> {expected:?}", uid.tag()));
        assert_eq!(self.world.store().attach_key(uid, key.clone()).await.unwrap(), expected);
        let named = self.world.store().referenced(vec![key.name.clone()]).await.unwrap();
        assert_eq!(!named.is_empty(), self.model.references().contains(&key.name));
        Vec::new()
    }

    /// Under a name of its own, as the vault publishes it; few different ones, so that uids share them.
    fn any_key(&mut self) -> BlobRef {
        BlobRef {
            name: format!("keys/{}", Uid::random().tag()),
            ..blob(&format!("key {}", self.rng.random_range(0..3)))
        }
    }

    pub(super) async fn delete_uid(&mut self) -> Vec<BlobRef> {
        let uid = self.any_uid();
        let expected = self.model.delete_uid(uid);
        self.note(format!("delete uid {} -> {expected:?}", uid.tag()));
        match (self.world.store().delete_uid(uid).await.unwrap(), expected) {
            (DeleteUid::Deleted { garbage, running }, DeleteUid::Deleted { running: expected, .. }) => {
                assert_eq!(running, expected);
                garbage
            }
            (answer, expected) => {
                assert_eq!(answer, expected);
                Vec::new()
            }
        }
    }

    pub(super) async fn sweep(&mut self) -> Vec<BlobRef> {
        let expected = self.model.sweep();
        self.note(format!("sweep -> {expected:?}"));
        let swept = self.world.store().sweep(1_000).await.unwrap();
        assert_eq!(((swept.tasks, swept.uids), swept.more), (expected, false));
        swept.garbage
    }

    pub(super) fn move_clock(&mut self) -> Vec<BlobRef> {
        let millis = match self.rng.random_range(0..10) {
            0..6 => self.rng.random_range(1..600_000),
            6..8 => self.rng.random_range(1..7_200_000),
            _ => -self.rng.random_range(1..3_600_000),
        };
        self.note(format!("the clock moves by {millis} ms"));
        self.world.step_clock(millis);
        Vec::new()
    }

    pub(super) async fn crash(&mut self) -> Vec<BlobRef> {
        self.note("crash".to_owned());
        self.model.crash();
        self.world.crash().await;
        self.events = self.world.store().events();
        self.listener = Listener::loaded(&View::read(self.world.store()).await);
        Vec::new()
    }
}

fn refusal(error: &StoreError) -> Refusal {
    match *error {
        StoreError::UnknownUid => Refusal::UnknownUid,
        StoreError::QueueFull { waiting, limit, per_client } => Refusal::QueueFull { waiting, limit, per_client },
        StoreError::IdempotencyConflict => Refusal::IdempotencyConflict,
        StoreError::TooManyUids { .. } => Refusal::TooManyUids,
        StoreError::TooManyUidsOfClient { .. } => Refusal::TooManyUidsOfClient,
        ref other => panic!("unexpected: {other}"),
    }
}
