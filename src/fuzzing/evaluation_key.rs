//! Evaluation keys: bytes as they come, the beginning of a true key with changes, and a whole one with changes.
//!
//! A true key is 30 MB of random numbers with a few places between them where there is structure: the header, lengths,
//! parameters, which sub-keys there are. Changes are made there (`seams`), because everywhere else any bytes are a key.

use std::sync::LazyLock;

use super::{Script, assert_harmless};
use crate::fhe::{ServerKey, check_compressed_key};

#[cfg(test)]
use crate::fhe::test_keys::COMPRESSED;
#[cfg(not(test))]
static COMPRESSED: LazyLock<Vec<u8>> = LazyLock::new(|| crate::fhe::ClientKeys::generate().compressed_server_key());

/// Where random numbers end or begin.
static SEAMS: LazyLock<Vec<usize>> = LazyLock::new(|| seams(&COMPRESSED));

/// Bytes around a seam that are changed.
const NEAR: usize = 512;
/// A whole key takes some 50 ms, so it has to be asked for with this first byte.
const WHOLE: u8 = 0xFF;
/// The same, and the key is decompressed if it is accepted, which takes a second.
const USED: u8 = 0xFE;

/// Panics inside tfhe are caught and are refusals (`fhe::server_key`), so here, unlike in other targets, only a panic of
/// this file is a finding.
#[cfg(not(test))]
static CAUGHT: LazyLock<()> = LazyLock::new(|| {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.location().is_some_and(|place| place.file().ends_with(file!())) {
            tell(panic);
        }
    }));
});

/// The first byte says what of the key is read.
pub(super) fn run(bytes: &[u8]) {
    #[cfg(not(test))]
    LazyLock::force(&CAUGHT);
    let mut script = Script::new(bytes);
    match script.u8() {
        WHOLE => drop(check(&changed(COMPRESSED.clone(), &mut script))),
        USED => {
            let key = changed(COMPRESSED.clone(), &mut script);
            let (checked, used) = (check(&key), ServerKey::from_compressed(&key));
            assert_eq!(checked, used.is_ok(), "a key that passes the check is used");
        }
        kind if kind & 1 == 0 => drop(check(script.rest())),
        _ => {
            let length = usize::from(script.u16());
            let begin = COMPRESSED.get(..length).unwrap_or_default().to_vec();
            assert!(!check(&changed(begin, &mut script)), "half a key was accepted");
        }
    }
}

/// Is it accepted? A refusal is a sentence for the client.
fn check(key: &[u8]) -> bool {
    match check_compressed_key(key) {
        Ok(()) => true,
        Err(error) => {
            assert_harmless(&error.to_string(), 600);
            false
        }
    }
}

/// Changes of four bytes each: near which seam, where, how, and with which byte.
fn changed(mut key: Vec<u8>, script: &mut Script<'_>) -> Vec<u8> {
    let seams: Vec<usize> = SEAMS.iter().copied().filter(|seam| *seam < key.len()).chain([key.len()]).collect();
    let mut changes = 0;
    while !script.is_over() && changes < 32 && !key.is_empty() {
        changes += 1;
        let (seam, offset, how, byte) = (usize::from(script.u8()), usize::from(script.u8()), script.u8(), script.u8());
        let begin = seams[seam % seams.len()].saturating_sub(NEAR / 2);
        let place = (begin + offset + (usize::from(how >> 6) << 7)).min(key.len() - 1);
        match how % 8 {
            0 | 1 => key[place] = byte,
            2 | 3 => key[place] ^= byte,
            4 => key[place..].iter_mut().take(8).for_each(|it| *it = byte),
            5 => key.truncate(place),
            6 => drop(key.splice(place..place, std::iter::repeat_n(byte, 1 + usize::from(byte % 8)))),
            _ => drop(key.drain(place..(place + 1 + usize::from(byte % 8)).min(key.len()))),
        }
    }
    key
}

/// Random bytes have no eight zeroes in sixteen; lengths, tags and parameters have.
fn seams(key: &[u8]) -> Vec<usize> {
    let mut seams = vec![0];
    for (number, window) in key.chunks_exact(16).enumerate() {
        let place = 16 * number;
        let zeroes = window.iter().map(|byte| usize::from(*byte == 0)).sum::<usize>();
        if zeroes >= 8 && seams.last().is_none_or(|last| place > last + NEAR / 2) {
            seams.push(place);
        }
    }
    seams
}
