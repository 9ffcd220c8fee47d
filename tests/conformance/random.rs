//! Thousands of random steps, every answer compared with the model's and every invariant checked after each.
//!
//! A failure prints its seed and the last steps; `CONFORMANCE_SEED=<n>` runs that seed alone.

use std::{collections::VecDeque, time::Duration};

use cipherdeck::{
    store::{Events, ListFilter, ListOrder},
    task::{BlobRef, FailureLabel, Status, Task, TaskId, Token, Uid},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

use super::{
    engine::Engine,
    invariants::{self, Listener},
    model::Model,
    view::{View, all},
    world::World,
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
pub(super) struct Diary {
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

pub(super) struct Walk<E> {
    pub(super) world: World<E>,
    pub(super) model: Model,
    pub(super) rng: StdRng,
    pub(super) diary: Diary,
    pub(super) view: View,
    pub(super) events: Events,
    pub(super) listener: Listener,
    /// Uids that existed once, for calls that come too late.
    pub(super) uids: Vec<Uid>,
    pub(super) ids: Vec<TaskId>,
}

impl<E: Engine> Walk<E> {
    async fn new(seed: u64) -> Self {
        let world = World::<E>::with(|options| {
            options.attempts = 2;
            options.waiting = 14;
            options.waiting_per_client = 6;
            options.keyless_uids = 3;
            options.uids_per_client = 4;
            options.result_ttl = Duration::from_hours(1);
            options.key_ttl = Duration::from_hours(3);
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

    pub(super) fn note(&mut self, step: String) {
        self.diary.steps += 1;
        self.diary.last.push_back(step);
        if self.diary.last.len() > 40 {
            self.diary.last.pop_front();
        }
    }

    pub(super) fn chance(&mut self, percent: u32) -> bool {
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
            self.listener.hear(&event);
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
            let shown = store.key(uid).await.unwrap().map(|key| (key.key, key.last_used));
            let tasks = self.model.tasks.iter().filter(|entry| entry.task.uid == uid).count() as u64;
            let known = self.model.owner(uid).map(|owner| (owner.key.clone(), owner.last_used));
            let counted = if known.is_some() { tasks } else { 0 };
            assert_eq!((shown, store.tasks_of(uid).await.unwrap()), (known, counted));
            let filter = ListFilter { uid: Some(uid), ..ListFilter::default() };
            let listed = all(store, ListOrder::Life, filter, 3).await;
            assert_eq!(listed.len() as u64, tasks);
        }
        assert_eq!(all(store, ListOrder::Life, ListFilter::default(), 7).await.len(), self.model.tasks.len());
    }

    /// Any task that is or was.
    pub(super) fn any_id(&mut self) -> TaskId {
        let alive: Vec<TaskId> = self.model.tasks.iter().map(|entry| entry.task.id).collect();
        let late = self.chance(10);
        let from = if late || alive.is_empty() { &self.ids } else { &alive };
        from.choose(&mut self.rng).copied().unwrap_or_else(TaskId::random)
    }

    /// A task in this state, if there is one.
    pub(super) fn id_in(&mut self, wanted: impl Fn(Status) -> bool) -> TaskId {
        let fitting: Vec<TaskId> =
            self.model.tasks.iter().filter(|entry| wanted(entry.task.status)).map(|entry| entry.task.id).collect();
        if self.chance(15) {
            self.any_id()
        } else {
            fitting.choose(&mut self.rng).copied().unwrap_or_else(TaskId::random)
        }
    }

    pub(super) fn any_uid(&mut self) -> Uid {
        let alive: Vec<Uid> = self.model.owners.iter().map(|owner| owner.uid).collect();
        let late = self.chance(8);
        let from = if late || alive.is_empty() { &self.uids } else { &alive };
        from.choose(&mut self.rng).copied().unwrap_or_else(Uid::random)
    }

    /// A claim that lives (mostly), or one from before.
    pub(super) fn any_claim(&mut self) -> (TaskId, Token) {
        let live: Vec<(TaskId, Token)> =
            self.model.tasks.iter().filter_map(|entry| Some((entry.task.id, entry.live_token()?))).collect();
        if live.is_empty() || self.chance(25) {
            let recent: Vec<_> = self.model.tokens.iter().rev().take(12).copied().collect();
            return recent.choose(&mut self.rng).copied().unwrap_or_else(|| (TaskId::random(), Token::random()));
        }
        *live.choose(&mut self.rng).unwrap()
    }
}

/// A record without the one text that every engine words as it likes.
pub(super) fn comparable(task: &Task) -> Task {
    let mut task = task.clone();
    if let Some(failure) = task.failure.as_mut().filter(|failure| failure.label == FailureLabel::AttemptsExhausted) {
        assert!(!failure.detail.is_empty());
        failure.detail.clear();
    }
    task
}
