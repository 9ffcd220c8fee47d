//! The kernels and their building blocks: times, bootstraps, threads; and the same functions on tfhe's high-level
//! integers in the same run, so that their ratio does not depend on the machine.
//!
//! - `cargo bench --bench kernels` takes about 12 minutes on 2 cores, most of it for the baseline.
//! - `cargo bench --bench kernels -- block` (or `kernel`, `client`, `high-level`) measures one group.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

mod blocks;
mod high_level;
mod inputs;

use std::{
    cell::{Cell, OnceCell},
    collections::BTreeMap,
    hint::black_box,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use cipherdeck::{
    fhe::circuit::Plan,
    use_cases::{
        Output, UseCase,
        ad_targeting::{self, AdTargeting, Catalogue, FEATURES},
        sleep_quality::{self, SleepQuality},
        weight_stats::{self, WeightStats},
    },
};
use criterion::{Bencher, Criterion, SamplingMode, criterion_group, criterion_main};
use tfhe::get_pbs_count;

use inputs::{KEYS, SERVER, context, night, threads, weights};

/// Encrypts an input and gives the function that computes on it.
type Make = fn() -> Box<dyn Fn()>;

/// Every sample of the long benchmarks, for the summary: criterion shows no ratio between two of them.
static SAMPLES: Mutex<BTreeMap<String, Vec<Duration>>> = Mutex::new(BTreeMap::new());

fn timed(bencher: &mut Bencher, name: &str, work: impl Fn()) {
    bencher.iter_custom(|times| {
        let begin = Instant::now();
        (0..times).for_each(|_| work());
        let took = begin.elapsed();
        SAMPLES.lock().unwrap().entry(name.to_owned()).or_default().push(took / times as u32);
        took
    });
}

fn building_blocks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("block");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).measurement_time(Duration::from_secs(2));
    group.warm_up_time(Duration::from_millis(200));
    for piece in blocks::all() {
        let name = format!("{}, {} PBS, path {}", piece.name, piece.bootstraps, piece.critical_path);
        group.bench_function(name, |bencher| bencher.iter(|| piece.run()));
    }
    let switch = blocks::switch();
    group.bench_function("switch of 16 blocks, 1 thread", |bencher| bencher.iter(&switch));
}

/// A kernel with an input, and its bootstraps.
struct Case {
    name: String,
    kernel: Box<dyn UseCase>,
    input: Vec<u8>,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for n in [5, 30] {
        let plan = Plan::of(&weight_stats::circuit::circuit(n));
        cases.push(Case {
            name: format!("weight_stats of {n}, {} PBS, path {}", plan.bootstraps, plan.critical_path),
            kernel: Box::new(WeightStats),
            input: weight_stats::encrypt(&KEYS, &weights(n)).unwrap(),
        });
    }
    for records in [5, 17] {
        let plan = Plan::of(&sleep_quality::circuit::circuit(&[records]));
        cases.push(Case {
            name: format!("sleep_quality of {records}, {} PBS, path {}", plan.bootstraps, plan.critical_path),
            kernel: Box::new(SleepQuality),
            input: sleep_quality::encrypt(&KEYS, &[night(records)]).unwrap(),
        });
    }
    cases
}

fn kernels(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("kernel");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).measurement_time(Duration::from_secs(5));
    group.warm_up_time(Duration::from_millis(1));
    for Case { name, kernel, input } in cases() {
        for threads in [1, threads()] {
            let name = format!("{name}, threads {threads}");
            group.bench_function(&name, |bencher| {
                timed(bencher, &name, || {
                    black_box(kernel.run(Some(&SERVER), &input, &context(threads)).unwrap());
                });
            });
        }
    }
    let catalogue = Arc::new(Catalogue::load(Path::new("")).unwrap());
    let public = serde_json::from_slice(catalogue.public_json()).unwrap();
    let input =
        ad_targeting::encrypt(&KEYS, &std::array::from_fn::<_, FEATURES, _>(|at| at % 3 == 0), &public).unwrap();
    let kernel = AdTargeting::new(catalogue);
    for threads in [1, threads()] {
        group.bench_function(format!("ad_targeting, 0 PBS, threads {threads}"), |bencher| {
            bencher.iter(|| black_box(kernel.run(None, &input, &context(threads)).unwrap()));
        });
    }
}

fn client(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("client");
    group.sample_size(20);
    let input = weight_stats::encrypt(&KEYS, &weights(5)).unwrap();
    let output = WeightStats.run(Some(&SERVER), &input, &context(threads())).unwrap();
    let Output::Named(documents) = output else { return };
    group.bench_function("encrypt 5 weights", |bencher| {
        bencher.iter(|| black_box(weight_stats::encrypt(&KEYS, &weights(5)).unwrap()));
    });
    group.bench_function("decrypt a whole weight answer", |bencher| {
        bencher.iter(|| {
            for (_, document) in &documents {
                black_box(weight_stats::decrypt(&KEYS, document).unwrap());
            }
        });
    });
}

fn baseline(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("high-level");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).measurement_time(Duration::from_secs(1));
    group.warm_up_time(Duration::from_millis(1));
    let functions: [(&str, Make); 2] = [
        ("weight_stats of 5", || Box::new(high_level::weight_stats())),
        ("sleep_quality of 17", || Box::new(high_level::sleep_quality())),
    ];
    for (name, make) in functions {
        // Criterion calls the closure for every sample.
        let (run, counted) = (OnceCell::new(), Cell::new(0));
        group.bench_function(name, |bencher| {
            let run = run.get_or_init(make);
            timed(bencher, &format!("high-level {name}"), || {
                let before = get_pbs_count();
                run();
                counted.set(get_pbs_count() - before);
            });
        });
        if counted.get() > 0 {
            println!("{name}: {} PBS a pass", counted.get());
        }
    }
}

/// How many times as fast the kernels are, and two threads are, by medians of this run.
fn summary(_: &mut Criterion) {
    let samples = SAMPLES.lock().unwrap();
    let median = |start: &str, end: &str| {
        let (_, samples) = samples.iter().find(|(name, _)| name.starts_with(start) && name.ends_with(end))?;
        let mut samples = samples.clone();
        samples.sort_unstable();
        samples.get(samples.len() / 2).copied()
    };
    for name in ["weight_stats of 5", "weight_stats of 30", "sleep_quality of 5", "sleep_quality of 17"] {
        let start = format!("{name},");
        let (all, one) = (median(&start, &format!("threads {}", threads())), median(&start, "threads 1"));
        let baseline = median(&format!("high-level {name}"), "");
        let ratio = |slow: Option<Duration>| Some(slow?.as_secs_f64() / all?.as_secs_f64());
        if let Some(speedup) = ratio(one) {
            println!("{name}: {speedup:.2} times as fast on {} threads as on one", threads());
        }
        if let Some(ratio) = ratio(baseline) {
            println!("{name}: {ratio:.1} times as fast as on tfhe's high-level integers");
        }
    }
}

criterion_group!(all, building_blocks, kernels, client, baseline, summary);
criterion_main!(all);
