//! Inputs as clients write them, and results as servers do. The first byte is the use case, the second whether the
//! document is taken as it is or made as long as its header says, so that the fuzzer need not find the lengths.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a fuzz target fails by panicking")]

use super::{
    InputError,
    wire::{PayloadError, UseCaseId, write_input_header, write_result_header},
};
use crate::{
    fhe::ClientKeys,
    fuzzing::{Script, assert_harmless},
};

/// The key of the test vectors.
const CLIENT_KEY: &[u8] = include_bytes!("../../tests/vectors/client.key");

pub(crate) fn keys() -> ClientKeys {
    ClientKeys::from_bytes(CLIENT_KEY).expect("the key of the test vectors")
}

/// Is a document completed before it is read?
fn is_completed(script: &mut Script<'_>) -> bool {
    script.u8() & 1 == 1
}

/// An input document: parsed, and if it is accepted, computed in the clear.
pub(crate) fn input(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let use_case = script.u8() % 3;
    let completed = is_completed(&mut script);
    let rest = script.rest();
    let document = |use_case, complete: fn(&[u8]) -> Vec<u8>| {
        if !completed {
            return rest.to_vec();
        }
        let mut document = Vec::new();
        write_input_header(&mut document, use_case);
        document.extend(complete(rest));
        document
    };
    match use_case {
        0 => super::weight_stats::fuzzing::input(&document(
            UseCaseId::WeightStats,
            super::weight_stats::fuzzing::complete,
        )),
        1 => super::sleep_quality::fuzzing::input(&document(
            UseCaseId::SleepQuality,
            super::sleep_quality::fuzzing::complete,
        )),
        _ => super::ad_targeting::fuzzing::input(&document(
            UseCaseId::AdTargeting,
            super::ad_targeting::fuzzing::complete,
        )),
    }
}

/// A result document, or an answer of the HTTP interface, read by a client.
pub(crate) fn result(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    match script.u8() % 4 {
        0 => super::weight_stats::fuzzing::result(&blocks(UseCaseId::WeightStats, &mut script)),
        1 => super::sleep_quality::fuzzing::result(&blocks(UseCaseId::SleepQuality, &mut script)),
        2 => super::ad_targeting::fuzzing::result(script),
        _ => crate::client::api::fuzzing::answer(script),
    }
}

/// A document of blocks: as it is, or with the right header and as many bytes as its counts want.
fn blocks(use_case: UseCaseId, script: &mut Script<'_>) -> Vec<u8> {
    if !is_completed(script) {
        return script.clone().rest().to_vec();
    }
    let kinds = [
        (super::wire::ResultKind::Full, super::blocks::FULL_BLOCK_BYTES),
        (super::wire::ResultKind::Switched, super::blocks::SWITCHED_BLOCK_BYTES),
    ];
    let (kind, size) = kinds[usize::from(script.u8() & 1)];
    let (outputs, per_output) = (script.u16() % 40, script.u8() % 8);
    let mut document = Vec::new();
    write_result_header(&mut document, use_case, kind);
    document.extend_from_slice(&outputs.to_le_bytes());
    document.push(per_output);
    document.extend(repeated(script.clone().rest(), usize::from(outputs) * usize::from(per_output) * size));
    document
}

/// `count` bytes: these, again and again.
pub(crate) fn repeated(bytes: &[u8], count: usize) -> impl Iterator<Item = u8> {
    bytes.iter().copied().chain([0]).cycle().take(count)
}

/// A refusal is a sentence, and the same wherever the document is read.
pub(crate) fn refused(one: &InputError, other: &InputError) {
    assert_eq!(one, other);
    assert_harmless(&one.to_string(), 400);
}

/// Likewise of a result.
pub(crate) fn refused_result(error: &PayloadError) {
    assert_harmless(&error.0, 400);
}
