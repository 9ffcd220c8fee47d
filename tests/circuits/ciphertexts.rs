//! The kernels on real ciphertexts, through the use cases' own interface.
//!
//! A few lists and nights in the normal suite; 64 lists of all classes of n and 40 nights with
//! `CIPHERDECK_THOROUGH=1 cargo test --release --test suite ciphertexts` (about 20 minutes on 2 cores).

use std::{
    sync::{Arc, LazyLock},
    thread,
    time::{Duration, Instant},
};

use cipherdeck::{
    fhe::{ClientKeys, Context, Interrupted, ServerKey, circuit::Plan},
    use_cases::{
        KernelError, Output, UseCase,
        sleep_quality::{self, Record, SleepQuality},
        weight_stats::{self, Statistics, WeightStats, rules::statistics},
    },
};
use rand::RngExt;

use super::random;
use crate::support::keys::{CLIENT, SERVER};

struct Client {
    keys: ClientKeys,
    server: ServerKey,
}

impl Client {
    /// The one whose keys the whole binary shares.
    fn shared() -> Self {
        Self { keys: CLIENT.clone(), server: SERVER.clone() }
    }

    /// Another one.
    fn new() -> Self {
        let keys = ClientKeys::generate();
        let server = ServerKey::from_compressed(&keys.compressed_server_key()).unwrap();
        Self { keys, server }
    }

    fn statistics(&self, weights: &[u16], context: &Context) -> Statistics {
        let input = weight_stats::encrypt(&self.keys, weights).unwrap();
        let Output::Named(documents) = WeightStats.run(Some(&self.server), &input, context).unwrap() else {
            panic!("three documents expected");
        };
        let bytes: usize = documents.iter().map(|(_, document)| document.len()).sum();
        assert!(bytes < 17_000, "a switched answer: {bytes} bytes");
        let [avg, min, max] = [0, 1, 2].map(|at| weight_stats::decrypt(&self.keys, &documents[at].1).unwrap());
        Statistics { min, max, avg }
    }

    fn scores(&self, nights: &[Vec<Record>], context: &Context) -> Vec<u8> {
        let input = sleep_quality::encrypt(&self.keys, nights).unwrap();
        let Output::One(document) = SleepQuality.run(Some(&self.server), &input, context).unwrap() else {
            panic!("one document expected");
        };
        sleep_quality::decrypt(&self.keys, &document).unwrap()
    }
}

static CLIENTS: [LazyLock<Client>; 2] = [LazyLock::new(Client::shared), LazyLock::new(Client::new)];
static POOL: LazyLock<Arc<rayon::ThreadPool>> =
    LazyLock::new(|| Arc::new(rayon::ThreadPoolBuilder::new().build().unwrap()));

fn context() -> Context {
    Context::new(Arc::clone(&POOL))
}

fn thorough() -> bool {
    std::env::var("CIPHERDECK_THOROUGH").is_ok()
}

fn expect(weights: &[u16]) {
    let context = context();
    assert_eq!(CLIENTS[0].statistics(weights, &context), statistics(weights).unwrap(), "{weights:?}");
    let planned = Plan::of(&weight_stats::circuit::circuit(weights.len())).bootstraps;
    assert_eq!(context.bootstraps(), planned, "n = {}", weights.len());
}

/// One n of each way to divide (1, 2, powers of 4, by 3, by 5, products, the reciprocal), small enough for every run.
#[test]
fn lists_of_every_class_have_exact_statistics() {
    let (classes, lists): (&[usize], _) = if thorough() {
        (&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 20, 25, 27, 30, 36, 49, 100], 3)
    } else {
        (&[1, 2, 3, 5, 7], 1)
    };
    for (seed, n) in classes.iter().enumerate() {
        let mut random = random(seed as u64);
        for kind in 0..lists {
            let weights: Vec<u16> = (0..*n)
                .map(|_| match kind {
                    0 => random.random_range(0..=16_383),
                    1 => 16_383 - random.random_range(0..2),
                    _ => random.random_range(600..=900),
                })
                .collect();
            expect(&weights);
        }
    }
}

fn night(seed: u64) -> Vec<Record> {
    let mut random = random(seed);
    let latency = [0, 15, 16, 30, 31, 60, 61, 100][random.random_range(0..8_usize)];
    let bed = random.random_range(300..700);
    let sleep = (bed * random.random_range(50..100) / 100).min(bed - latency).max(1);
    let mut records = vec![Record { stage: 0, start: 0, end: bed }];
    let mut begin = latency;
    let parts = random.random_range(1..12);
    for part in 0..parts {
        let end = begin + sleep / parts + i64::from(part == 0) * (sleep % parts);
        records.push(Record { stage: [1, 3, 4, 5][random.random_range(0..4_usize)], start: begin, end });
        if random.random_range(0..3) == 0 {
            records.push(Record { stage: 2, start: begin, end });
        }
        begin = end;
    }
    records
}

fn clear_score(night: &[Record]) -> u8 {
    let mut entries: Vec<_> = night.to_vec();
    entries.sort_by_key(|record| record.start);
    let base = entries[0].start;
    let entries: Vec<_> = entries
        .iter()
        .map(|record| sleep_quality::rules::Entry {
            stage: record.stage,
            start: (record.start - base) as u16,
            duration: (record.end - record.start) as u16,
        })
        .collect();
    sleep_quality::rules::score(&entries)
}

#[test]
fn nights_have_the_scores_of_the_rules() {
    let nights: Vec<Vec<Record>> = (0..if thorough() { 40 } else { 3 }).map(night).collect();
    for some in nights.chunks(4) {
        let context = context();
        let wanted: Vec<u8> = some.iter().map(|night| clear_score(night)).collect();
        assert_eq!(CLIENTS[0].scores(some, &context), wanted, "{some:?}");
        assert!(context.progress() > 0.99, "the plan was carried out: {}", context.progress());
    }
}

#[test]
fn two_clients_on_one_pool_at_once_get_their_own_answers() {
    thread::scope(|scope| {
        let tasks: Vec<_> = (0..4_usize)
            .map(|task| {
                scope.spawn(move || {
                    let weights = [700 + task as u16, 16_383, 3 * task as u16];
                    let client = &CLIENTS[task % 2];
                    assert_eq!(client.statistics(&weights, &context()), statistics(&weights).unwrap());
                })
            })
            .collect();
        for task in tasks {
            task.join().unwrap();
        }
    });
}

#[test]
fn a_stop_is_noticed_at_once_even_with_a_thousand_weights_and_progress_never_falls() {
    let client = &CLIENTS[0];
    let weights = weight_stats::encrypt(&client.keys, &vec![700; 1_000]).unwrap();
    let nights = sleep_quality::encrypt(&client.keys, &vec![night(1); 4]).unwrap();
    let cases: [(&dyn UseCase, &[u8]); 2] = [(&WeightStats, &weights), (&SleepQuality, &nights)];
    for (use_case, input) in cases {
        let context = context();
        let elapsed = thread::scope(|scope| {
            let running = context.clone();
            let kernel = scope.spawn(move || {
                let answer = use_case.run(Some(&client.server), input, &running);
                (answer, Instant::now())
            });
            let deadline = Instant::now() + Duration::from_mins(5);
            let mut progress = 0.0;
            while context.bootstraps() < 10 {
                assert!(Instant::now() < deadline, "the kernel never began");
                let now = context.progress();
                assert!(now >= progress);
                progress = now;
                thread::yield_now();
            }
            context.stop();
            let (stopped, done) = (Instant::now(), context.bootstraps());
            let (answer, ended) = kernel.join().unwrap();
            assert_eq!(answer, Err(KernelError::Interrupted(Interrupted)));
            // Only what was under way: one bootstrap a thread.
            let in_flight = context.bootstraps() - done;
            assert!(in_flight <= POOL.current_num_threads() as u64, "{in_flight} bootstraps after the stop");
            ended.duration_since(stopped)
        });
        eprintln!("{}: stopped after {elapsed:?}", use_case.info().name);
        // At most the bootstraps in flight; far less than 0.5 s where the machine is not shared with other programs.
        assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
        assert!(context.progress() < 0.5 && context.bootstraps() < 100);
    }
}

#[test]
fn kernels_that_share_a_thread_take_turns_and_each_is_stopped_at_its_next_step() {
    let client = &CLIENTS[0];
    let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap());
    let [long, short, late] = std::array::from_fn(|_| Context::new(Arc::clone(&pool)));
    let many = weight_stats::encrypt(&client.keys, &[700; 300]).unwrap();
    let planned = Plan::of(&weight_stats::circuit::circuit(300)).bootstraps;
    let deadline = Instant::now() + Duration::from_mins(5);
    let begun = |context: &Context| {
        while context.bootstraps() == 0 {
            assert!(Instant::now() < deadline, "the kernel never began");
            thread::yield_now();
        }
    };
    let run = |context| WeightStats.run(Some(&client.server), &many, context);
    thread::scope(|scope| {
        let first = scope.spawn(|| run(&long));
        begun(&long);
        // A short one behind a long one is not kept waiting for its end.
        assert_eq!(client.statistics(&[651, 700], &short), statistics(&[651, 700]).unwrap());
        let second = scope.spawn(|| run(&late));
        begun(&late);
        late.stop();
        assert_eq!(second.join().unwrap(), Err(KernelError::Interrupted(Interrupted)));
        assert!(long.bootstraps() < planned, "the long one has ended: nothing was shared");
        long.stop();
        assert_eq!(first.join().unwrap(), Err(KernelError::Interrupted(Interrupted)));
    });
}
