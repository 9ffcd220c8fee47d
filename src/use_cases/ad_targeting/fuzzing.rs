//! Encrypted profiles that anybody may have written, and scores of servers that may be anybody's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a fuzz target fails by panicking")]

use std::sync::LazyLock;

use super::{layout::group_sizes, *};
use crate::{
    fuzzing::Script,
    use_cases::{
        fuzzing::{keys, refused, refused_result, repeated},
        wire::{ResultKind, write_result_header},
    },
};

const ADS: &[u8] = include_bytes!("../../../tests/vectors/ad_targeting.csv");

static CATALOGUE: LazyLock<Arc<Catalogue>> =
    LazyLock::new(|| Arc::new(Catalogue::parse("test vectors", ADS).expect("a catalogue")));

static CONTEXT: LazyLock<Context> =
    LazyLock::new(|| Context::new(Arc::new(rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread"))));

static PUBLIC: LazyLock<PublicCatalogue> =
    LazyLock::new(|| serde_json::from_slice(CATALOGUE.public_json()).expect("our own JSON"));

/// What follows the header: the right version and bits, then any seed and body.
pub(crate) fn complete(rest: &[u8]) -> Vec<u8> {
    let facts = CATALOGUE.facts();
    let mut document = facts.version.to_vec();
    document.extend_from_slice(&[facts.bits.plaintext, 0, 0, 0]);
    document.extend(repeated(rest, INPUT_BYTES - 8 - 36));
    document
}

/// What is accepted is computed, and the result is one that the client reads.
pub(crate) fn input(document: &[u8]) {
    let use_case = AdTargeting::new(Arc::clone(&CATALOGUE));
    match (use_case.check(document), Request::read(document, CATALOGUE.facts())) {
        (Ok(facts), Ok(request)) => {
            assert_eq!(facts.capability, use_case.capability());
            assert_eq!(request.to_bytes(CATALOGUE.facts()), document, "one request has one form");
            let Ok(Output::One(result)) = use_case.run(None, document, &CONTEXT) else { panic!("not computed") };
            let scores = decrypt(&keys(), &result, &PUBLIC).expect("a result of ours");
            assert_eq!(scores.len(), CATALOGUE.rows());
        }
        (Err(one), Err(other)) => refused(&one, &other),
        (check, read) => panic!("check and read disagree: {check:?}, {read:?}"),
    }
}

/// Whatever a server sends is one score for each ad or is refused.
pub(crate) fn result(mut script: Script<'_>) {
    let completed = script.u8() & 1 == 1;
    let rest = script.rest();
    let mut document = Vec::new();
    if completed {
        let facts = CATALOGUE.facts();
        write_result_header(&mut document, UseCaseId::AdTargeting, ResultKind::Rows);
        document.extend_from_slice(&facts.version);
        document.extend_from_slice(&[facts.bits.plaintext, facts.bits.result]);
        document.extend_from_slice(&(facts.rows as u32).to_le_bytes());
        let bits = usize::from(facts.bits.result);
        let bytes = group_sizes(facts.rows).map(|rows| ((2_048 + rows) * bits).div_ceil(64) * 8).sum();
        document.extend(repeated(rest, bytes));
    } else {
        document.extend_from_slice(rest);
    }
    match decrypt(&keys(), &document, &PUBLIC) {
        Ok(scores) => {
            let most = 1_u32 << CATALOGUE.facts().bits.plaintext;
            assert!(scores.len() == CATALOGUE.rows() && scores.iter().all(|score| u32::from(*score) < most));
        }
        Err(error) => refused_result(&error),
    }
}
