//! The baseline: the functions of `rules.rs` as anybody would write them on tfhe's high-level integers, on the same
//! pool and the same parameters.

use std::{hint::black_box, sync::LazyLock};

use tfhe::{
    ClientKey, ConfigBuilder, FheBool, FheUint4, FheUint8, FheUint10, FheUint16, FheUint32, prelude::*, set_server_key,
    shortint::parameters::v1_8::V1_8_PARAM_MESSAGE_2_CARRY_2_KS32_PBS_TUNIFORM_2M128 as PARAMETERS,
};

use crate::inputs;

/// tfhe's integers read the server key of their thread.
static CLIENT: LazyLock<ClientKey> = LazyLock::new(|| {
    let config = ConfigBuilder::with_custom_parameters(PARAMETERS).use_dedicated_oprf_key(false).build();
    let (client, server) = tfhe::generate_keys(config);
    inputs::pool(inputs::threads()).broadcast(|_| set_server_key(server.clone()));
    client
});

/// Encrypted weights, as a function that computes on them.
pub(crate) fn weight_stats() -> impl Fn() {
    let weights: Vec<FheUint16> = inputs::WEIGHTS.iter().map(|weight| FheUint16::encrypt(*weight, &*CLIENT)).collect();
    move || inputs::pool(inputs::threads()).install(|| statistics(&weights))
}

/// An encrypted night, as a function that computes on it.
pub(crate) fn sleep_quality() -> impl Fn() {
    let entry = |record: &cipherdeck::use_cases::sleep_quality::Record| {
        let [start, duration] = [record.start, record.end - record.start].map(|minutes| minutes as u16);
        (
            FheUint4::encrypt(record.stage, &*CLIENT),
            FheUint10::encrypt(start, &*CLIENT),
            FheUint10::encrypt(duration, &*CLIENT),
        )
    };
    let night: Vec<_> = inputs::night(17).iter().map(entry).collect();
    move || inputs::pool(inputs::threads()).install(|| score(&night))
}

fn statistics(weights: &[FheUint16]) {
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

fn score(night: &[(FheUint4, FheUint10, FheUint10)]) {
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
