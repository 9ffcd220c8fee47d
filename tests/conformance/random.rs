//! Thousands of random steps, every answer compared with the model's and every invariant checked after each.
//!
//! A failure prints its seed and the last steps; `CONFORMANCE_SEED=<n>` runs that seed alone.

use std::{collections::VecDeque, time::Duration};

use cipherdeck::{
    store::{
        Beat, BeatAnswer, CancelOutcome, DeleteOutcome, DeleteUid, Enqueued, Events, ListFilter, ListOrder,
        RequeueOutcome, StoreError,
    },
    task::{BlobRef, ClientId, FailureLabel, Status, Task, TaskId, Token, Uid, WorkerName},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

use super::{
    engine::Engine,
    invariants::{self, Listener},
    model::{Model, Refusal},
    view::{View, all},
    world::{USE_CASES, World, blob, failure, request, success_named},
};

const STEPS: usize = 1_500;

pub(crate) async fn random_steps_with_seed_1<E: Engine>() {
    run::<E>(1).await;
}

pub(crate) async fn random_steps_with_seed_2<E: Engine>() {
    run::<E>(2).await;
}

pub(crate) async fn random_steps_with_seed_3<E: Engine>() {
    run::<E>(3).await;
}

pub(crate) async fn random_steps_with_a_fresh_seed<E: Engine>() {
    let chosen = std::env::var("CONFORMANCE_SEED").ok().and_then(|seed| seed.parse().ok());
    run::<E>(chosen.unwrap_or_else(|| rand::rng().random_range(1_000..u64::MAX))).await;
}

async fn run<E: Engine>(seed: u64) {
    let mut walk = Walk::<E>::new(seed).await;
    for _ in 0..STEPS {
        walk.step().await;
    }
    assert!(walk.model.runs.len() > 10, "the walk never got anywhere");
}

/// Says what led to a failure.
struct Diary {
    seed: u64,
    steps: usize,
    last: VecDeque<String>,
}

impl Drop for Diary {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}, step {}; the last steps:", self.seed, self.steps);
            for step in &self.last {
                eprintln!("  {step}");
            }
        }
    }
}

struct Walk<E> {
    world: World<E>,
    model: Model,
    rng: StdRng,
    diary: Diary,
    view: View,
    events: Events,
    listener: Listener,
    /// Uids that existed once, for calls that come too late.
    uids: Vec<Uid>,
    ids: Vec<TaskId>,
}

impl<E: Engine> Walk<E> {
    async fn new(seed: u64) -> Self {
        let world = World::<E>::with(|options| {
            options.attempts = 2;
            options.waiting = 14;
            options.waiting_per_client = 6;
            options.keyless_uids = 3;
            options.result_ttl = Duration::from_mins(60);
            options.key_ttl = Duration::from_mins(180);
            options.keyless_ttl = Duration::from_mins(40);
        })
        .await;
        let model = Model::new(world.options.clone());
        let view = View::read(world.store()).await;
        let (events, listener) = (world.store().events(), Listener::loaded(&view));
        let diary = Diary { seed, steps: 0, last: VecDeque::new() };
        let rng = StdRng::seed_from_u64(seed);
        Self { world, model, rng, diary, view, events, listener, uids: Vec::new(), ids: Vec::new() }
    }

    fn note(&mut self, step: String) {
        self.diary.steps += 1;
        self.diary.last.push_back(step);
        if self.diary.last.len() > 40 {
            self.diary.last.pop_front();
        }
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    async fn step(&mut self) {
        self.model.left.clear();
        self.model.now = self.world.now();
        let references = self.model.references();
        let given_up = match self.rng.random_range(0..100) {
            0..22 => self.enqueue().await,
            22..38 => self.claim().await,
            38..42 => self.beat().await,
            42..56 => self.finish().await,
            56..59 => self.release().await,
            59..65 => self.cancel().await,
            65..70 => self.requeue().await,
            70..76 => self.fetched().await,
            76..78 => self.delete().await,
            78..82 => self.set_priority().await,
            82..85 => self.pause().await,
            85..89 => self.add_uid().await,
            89..91 => self.attach_key().await,
            91..92 => self.delete_uid().await,
            92..95 => self.sweep().await,
            95..98 => self.move_clock(),
            _ => self.crash().await,
        };
        self.check(references, given_up).await;
    }

    /// Compares everything, and what was given up with what lost its last reference.
    async fn check(&mut self, references: std::collections::BTreeSet<String>, given_up: Vec<BlobRef>) {
        let remaining = self.model.references();
        let lost: Vec<&String> = references.difference(&remaining).collect();
        let mut named: Vec<&String> = given_up.iter().map(|blob| &blob.name).collect();
        named.sort();
        assert_eq!(named, lost, "blobs given up, and blobs that nothing refers to any more");
        self.model.garbage.extend(given_up.iter().map(|blob| blob.name.clone()));
        for name in &remaining {
            self.model.garbage.remove(name);
        }
        let probe: Vec<String> =
            remaining.iter().take(3).cloned().chain(self.model.garbage.iter().take(3).cloned()).collect();
        let expected: Vec<String> = probe.iter().filter(|name| remaining.contains(*name)).cloned().collect();
        let store = self.world.store();
        assert_eq!(store.referenced(probe).await.unwrap(), expected);

        let view = View::read(store).await;
        let shown: Vec<Task> = view.tasks.iter().map(comparable).collect();
        let known: Vec<Task> = self.model.tasks.iter().rev().map(|entry| comparable(&entry.task)).collect();
        assert_eq!(shown, known);
        let queue: Vec<TaskId> = self.model.queue().iter().map(|entry| entry.task.id).collect();
        assert_eq!(view.queue, queue, "the order of the queue");
        let paused: Vec<String> = self.model.paused.iter().cloned().collect();
        assert_eq!(store.paused().await.unwrap(), paused);
        invariants::check(store, &view, &self.view, &self.model, self.world.options.attempts).await;
        self.single_records().await;
        while let Ok(event) = self.events.try_recv() {
            self.listener.hear(event);
        }
        invariants::i11_events_tell_every_change(&view, &self.listener);
        self.view = view;
    }

    /// One task and one uid, asked for by name; and one list in small pages.
    async fn single_records(&mut self) {
        let store = self.world.store();
        if let Some(&id) = self.ids.choose(&mut self.rng) {
            let known = self.model.find(id).map(|entry| comparable(&entry.task));
            assert_eq!(store.task(id).await.unwrap().as_ref().map(comparable), known);
        }
        if let Some(&uid) = self.uids.choose(&mut self.rng) {
            let shown = store.key(uid).await.unwrap().map(|key| (key.key, key.last_used, key.tasks));
            let tasks = self.model.tasks.iter().filter(|entry| entry.task.uid == uid).count() as u64;
            let known = self.model.owner(uid).map(|owner| (owner.key.clone(), owner.last_used, tasks));
            assert_eq!(shown, known);
            let filter = ListFilter { uid: Some(uid), ..ListFilter::default() };
            let listed = all(store, ListOrder::Life, filter, 3).await;
            assert_eq!(listed.len() as u64, tasks);
        }
        assert_eq!(all(store, ListOrder::Life, ListFilter::default(), 7).await.len(), self.model.tasks.len());
    }

    /// Any task that is or was.
    fn any_id(&mut self) -> TaskId {
        let alive: Vec<TaskId> = self.model.tasks.iter().map(|entry| entry.task.id).collect();
        let late = self.chance(10);
        let from = if late || alive.is_empty() { &self.ids } else { &alive };
        from.choose(&mut self.rng).copied().unwrap_or_else(TaskId::random)
    }

    /// A task in this state, if there is one.
    fn id_in(&mut self, wanted: impl Fn(Status) -> bool) -> TaskId {
        let fitting: Vec<TaskId> =
            self.model.tasks.iter().filter(|entry| wanted(entry.task.status)).map(|entry| entry.task.id).collect();
        if self.chance(15) {
            self.any_id()
        } else {
            fitting.choose(&mut self.rng).copied().unwrap_or_else(TaskId::random)
        }
    }

    fn any_uid(&mut self) -> Uid {
        let alive: Vec<Uid> = self.model.owners.iter().map(|owner| owner.uid).collect();
        let late = self.chance(8);
        let from = if late || alive.is_empty() { &self.uids } else { &alive };
        from.choose(&mut self.rng).copied().unwrap_or_else(Uid::random)
    }

    /// A claim that lives (mostly), or one from before.
    fn any_claim(&mut self) -> (TaskId, Token) {
        let live: Vec<(TaskId, Token)> =
            self.model.tasks.iter().filter_map(|entry| Some((entry.task.id, entry.live_token()?))).collect();
        if live.is_empty() || self.chance(25) {
            let recent: Vec<_> = self.model.tokens.iter().rev().take(12).copied().collect();
            return recent.choose(&mut self.rng).copied().unwrap_or_else(|| (TaskId::random(), Token::random()));
        }
        *live.choose(&mut self.rng).unwrap()
    }

    async fn enqueue(&mut self) -> Vec<BlobRef> {
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
        new.received = cipherdeck::task::Timestamp::from_millis(new.received.millis() - self.rng.random_range(0..900));
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

    async fn claim(&mut self) -> Vec<BlobRef> {
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

    async fn beat(&mut self) -> Vec<BlobRef> {
        let (task, token) = self.any_claim();
        let progress = self.rng.random_range(0..90) as f32 / 100.0;
        self.note(format!("beat {task} {progress}"));
        let live = self.model.find(task).is_some_and(|entry| entry.live_token() == Some(token));
        self.model.beat(task, token, progress);
        let answers = self.world.store().heartbeat(vec![Beat { task, token, progress }]).await.unwrap();
        assert_eq!(answers != [BeatAnswer::Lost], live);
        Vec::new()
    }

    async fn finish(&mut self) -> Vec<BlobRef> {
        let (id, token) = self.any_claim();
        let outcome = match self.rng.random_range(0..10) {
            0..7 => success_named(id, token),
            7..9 => failure(),
            _ => cipherdeck::store::Outcome::Revoked,
        };
        let expected = self.model.finish(id, token, &outcome);
        self.note(format!("finish {id} {token} -> {expected:?}"));
        for _ in 0..=self.rng.random_range(0..2) {
            assert_eq!(self.world.store().finish(id, token, outcome.clone()).await.unwrap(), expected);
        }
        Vec::new()
    }

    async fn release(&mut self) -> Vec<BlobRef> {
        let (id, token) = self.any_claim();
        let expected = self.model.release(id, token);
        self.note(format!("release {id} {token} -> {expected}"));
        assert_eq!(self.world.store().release(id, token).await.unwrap(), expected);
        Vec::new()
    }

    async fn cancel(&mut self) -> Vec<BlobRef> {
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

    async fn requeue(&mut self) -> Vec<BlobRef> {
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

    async fn fetched(&mut self) -> Vec<BlobRef> {
        let id = self.id_in(Status::has_result);
        let known = self.model.find(id).and_then(|entry| entry.task.finished);
        let finished = if self.chance(85) { known.unwrap_or(self.model.now) } else { self.model.now };
        let last_byte = self.model.now;
        self.note(format!("fetched {id} of {finished}"));
        self.model.fetched(id, finished, last_byte);
        self.world.store().fetched(id, finished, last_byte).await.unwrap();
        Vec::new()
    }

    async fn delete(&mut self) -> Vec<BlobRef> {
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

    async fn set_priority(&mut self) -> Vec<BlobRef> {
        let id = self.id_in(|status| status == Status::Queued);
        let priority = self.rng.random_range(-2..=2);
        let expected = self.model.set_priority(id, priority);
        self.note(format!("priority {id} {priority} -> {expected}"));
        assert_eq!(self.world.store().set_priority(id, priority).await.unwrap(), expected);
        Vec::new()
    }

    async fn pause(&mut self) -> Vec<BlobRef> {
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

    async fn add_uid(&mut self) -> Vec<BlobRef> {
        let uid = Uid::random();
        // Few keys, so that uids share them.
        let key = self.chance(70).then(|| blob(&format!("keys/{}", self.rng.random_range(0..3))));
        let expected = self.model.add_uid(uid, key.clone());
        self.note(format!("add uid {} -> {expected:?}", uid.tag()));
        match (self.world.store().add_uid(uid, ClientId(uid.tag()), key).await, expected) {
            (Ok(()), Ok(())) => self.uids.push(uid),
            (Err(error), Err(expected)) => assert_eq!(refusal(&error), expected),
            (answer, expected) => panic!("{answer:?}, expected {expected:?}"),
        }
        Vec::new()
    }

    async fn attach_key(&mut self) -> Vec<BlobRef> {
        let (uid, key) = (self.any_uid(), blob(&format!("keys/{}", self.rng.random_range(0..3))));
        let expected = self.model.attach_key(uid, &key);
        self.note(format!("attach {} -> {expected:?}", uid.tag()));
        assert_eq!(self.world.store().attach_key(uid, key.clone()).await.unwrap(), expected);
        assert_eq!(self.world.store().key_in_use(&key).await.unwrap(), self.model.references().contains(&key.name));
        Vec::new()
    }

    async fn delete_uid(&mut self) -> Vec<BlobRef> {
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

    async fn sweep(&mut self) -> Vec<BlobRef> {
        let expected = self.model.sweep();
        self.note(format!("sweep -> {expected:?}"));
        let swept = self.world.store().sweep(1_000).await.unwrap();
        assert_eq!(((swept.tasks, swept.uids), swept.more), (expected, false));
        swept.garbage
    }

    fn move_clock(&mut self) -> Vec<BlobRef> {
        let millis = match self.rng.random_range(0..10) {
            0..6 => self.rng.random_range(1..600_000),
            6..8 => self.rng.random_range(1..7_200_000),
            _ => -self.rng.random_range(1..3_600_000),
        };
        self.note(format!("the clock moves by {millis} ms"));
        self.world.step_clock(millis);
        Vec::new()
    }

    async fn crash(&mut self) -> Vec<BlobRef> {
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
        ref other => panic!("unexpected: {other}"),
    }
}

/// A record without the one text that every engine words as it likes.
fn comparable(task: &Task) -> Task {
    let mut task = task.clone();
    if let Some(failure) = task.failure.as_mut().filter(|failure| failure.label == FailureLabel::AttemptsExhausted) {
        assert!(!failure.detail.is_empty());
        failure.detail.clear();
    }
    task
}
