//! The kernels beside the same functions on tfhe's high-level integers, in one run: times, bootstraps and their ratio.
//!
//! `cargo bench --bench side_by_side` takes about 4 minutes on 2 cores. It is a program of its own because one pass of
//! the high-level functions takes as long as a hundred measurements of other things.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a benchmark")]

use std::{
    hint::black_box,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use cipherdeck::{
    fhe::{ClientKeys, Context, ServerKey},
    use_cases::{
        UseCase,
        sleep_quality::{self, Record, SleepQuality},
        weight_stats::{self, WeightStats},
    },
};
use tfhe::{
    ConfigBuilder, FheBool, FheUint4, FheUint8, FheUint10, FheUint16, FheUint32, get_pbs_count, prelude::*,
    set_server_key, shortint::parameters::v1_8::V1_8_PARAM_MESSAGE_2_CARRY_2_KS32_PBS_TUNIFORM_2M128 as PARAMETERS,
};

static KEYS: LazyLock<ClientKeys> = LazyLock::new(ClientKeys::generate);
static SERVER: LazyLock<ServerKey> =
    LazyLock::new(|| ServerKey::from_compressed(&KEYS.compressed_server_key()).unwrap());
static POOL: LazyLock<Arc<rayon::ThreadPool>> =
    LazyLock::new(|| Arc::new(rayon::ThreadPoolBuilder::new().build().unwrap()));

fn context() -> Context {
    Context::new(Arc::clone(&POOL))
}

const WEIGHTS: [u16; 5] = [680, 650, 690, 700, 705];

/// Seventeen records: in bed, then sleep of all stages with pauses.
fn night() -> Vec<Record> {
    let stages = [0, 2, 3, 4, 5, 3, 2, 3, 5, 4, 3, 2, 5, 3, 4, 3, 1];
    let record = |(number, stage): (usize, u8)| {
        let start = 30 * number as i64;
        if stage == 0 { Record { stage, start: 0, end: 520 } } else { Record { stage, start, end: start + 30 } }
    };
    stages.into_iter().enumerate().map(record).collect()
}

fn run(use_case: &dyn UseCase, input: &[u8]) -> u64 {
    let context = context();
    black_box(use_case.run(Some(&SERVER), input, &context).unwrap());
    context.bootstraps()
}

fn high_level_statistics(weights: &[FheUint16]) {
    let (mut smallest, mut largest) = (weights[0].clone(), weights[0].clone());
    let mut sum = FheUint32::cast_from(weights[0].clone());
    for weight in &weights[1..] {
        smallest = smallest.min(weight);
        largest = largest.max(weight);
        sum += FheUint32::cast_from(weight.clone());
    }
    let n = weights.len() as u32;
    black_box((smallest, largest, (sum + n / 2) / n));
}

fn high_level_score(night: &[(FheUint4, FheUint10, FheUint10)]) {
    let zero = FheUint16::encrypt_trivial(0_u16);
    let nothing = FheUint10::encrypt_trivial(0_u16);
    let no = FheBool::encrypt_trivial(false);
    let (mut asleep, mut in_bed) = (zero.clone(), zero.clone());
    let (mut seen_sleep, mut seen_bed) = (no.clone(), no);
    let (mut first_sleep, mut first_bed) = (nothing.clone(), nothing);
    for (stage, start, duration) in night {
        let duration: FheUint16 = duration.clone().cast_into();
        let bed = stage.eq(0_u8);
        let sleep = !(&bed | stage.eq(2_u8) | stage.gt(5_u8));
        asleep += sleep.if_then_else(&duration, &zero);
        in_bed += bed.if_then_else(&duration, &zero);
        first_sleep = (&sleep & !&seen_sleep).if_then_else(start, &first_sleep);
        first_bed = (&bed & !&seen_bed).if_then_else(start, &first_bed);
        seen_sleep |= sleep;
        seen_bed |= bed;
    }
    let count =
        |flags: [FheBool; 3]| flags.into_iter().map(FheUint4::cast_from).reduce(|sum, flag| sum + flag).unwrap();
    let none = FheUint4::encrypt_trivial(0_u8);
    let time = count([asleep.gt(300_u16), asleep.gt(360_u16), asleep.gt(420_u16)]);
    let bed_seen = in_bed.ne(0_u16);
    let (sleep, bed): (FheUint32, FheUint32) = (asleep.cast_into(), in_bed.cast_into());
    let sleep = sleep * 100_u32;
    let efficiency = count([85_u32, 75, 65].map(|percent| sleep.gt(&bed * percent)));
    let efficiency = bed_seen.if_then_else(&efficiency, &none);
    let nothing = FheUint10::encrypt_trivial(0_u16);
    let latency = first_sleep.gt(&first_bed).if_then_else(&(&first_sleep - &first_bed), &nothing);
    let latency = count([latency.le(15_u16), latency.le(30_u16), latency.le(60_u16)]);
    let latency = (seen_sleep & seen_bed).if_then_else(&latency, &none);
    let passed: FheUint8 = (time + efficiency + latency).cast_into();
    black_box((FheUint8::encrypt_trivial(9_u8) - passed) * 4_u8 / 9_u8 + 1_u8);
}

fn timed(work: impl FnOnce()) -> (Duration, u64) {
    let (begin, before) = (Instant::now(), get_pbs_count());
    work();
    (begin.elapsed(), get_pbs_count() - before)
}

fn main() {
    let config = ConfigBuilder::with_custom_parameters(PARAMETERS).use_dedicated_oprf_key(false).build();
    let (client, server) = tfhe::generate_keys(config);
    POOL.broadcast(|_| set_server_key(server.clone()));
    let five = weight_stats::encrypt(&KEYS, &WEIGHTS).unwrap();
    let records = sleep_quality::encrypt(&KEYS, &[night()]).unwrap();
    let _ready = SERVER.memory_bytes();
    let weights: Vec<FheUint16> = WEIGHTS.iter().map(|weight| FheUint16::encrypt(*weight, &client)).collect();
    let entries: Vec<_> = night()
        .iter()
        .map(|record| {
            let [start, duration] = [record.start, record.end - record.start].map(|minutes| minutes as u16);
            (
                FheUint4::encrypt(record.stage, &client),
                FheUint10::encrypt(start, &client),
                FheUint10::encrypt(duration, &client),
            )
        })
        .collect();
    for round in 1..=2 {
        let kernel = timed(|| assert_ne!(run(&WeightStats, &five), 0));
        let plain = timed(|| POOL.install(|| high_level_statistics(&weights)));
        report(round, "weight_stats, 5 weights", kernel, plain);
        let kernel = timed(|| assert_ne!(run(&SleepQuality, &records), 0));
        let plain = timed(|| POOL.install(|| high_level_score(&entries)));
        report(round, "sleep_quality, 17 records", kernel, plain);
    }
}

fn report(round: u32, name: &str, kernel: (Duration, u64), high_level: (Duration, u64)) {
    println!(
        "{round}: {name}: {:.2} s, {} bootstraps; high-level API {:.2} s, {} bootstraps; {:.1} times as fast",
        kernel.0.as_secs_f64(),
        kernel.1,
        high_level.0.as_secs_f64(),
        high_level.1,
        high_level.0.as_secs_f64() / kernel.0.as_secs_f64()
    );
}
