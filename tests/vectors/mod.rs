//! The published vectors (`tests/vectors/README.md`): read here from the formats' text alone, with plain integers, as a
//! client in another language would, and by the program's own client.

use cipherdeck::{
    fhe::{ClientKeys, DigitStream, SEED_BYTES},
    use_cases::{ad_targeting, sleep_quality, weight_stats},
};

const KEY: &[u8] = include_bytes!("client.key");
const WEIGHTS_INPUT: &[u8] = include_bytes!("weight_stats.input");
const WEIGHTS_RESULT: [(&[u8], u16); 3] = [
    (include_bytes!("weight_stats.avg"), 685),
    (include_bytes!("weight_stats.min"), 650),
    (include_bytes!("weight_stats.max"), 705),
];
const NIGHTS_INPUT: &[u8] = include_bytes!("sleep_quality.input");
const NIGHTS_RESULT: &[u8] = include_bytes!("sleep_quality.result");
const SCORES: [u8; 2] = [1, 5];
const ADS_INPUT: &[u8] = include_bytes!("ad_targeting.input");
const ADS_RESULT: &[u8] = include_bytes!("ad_targeting.result");
const ADS_JSON: &[u8] = include_bytes!("ad_targeting.json");
const ADS_SCORES: [u16; 3] = [27, 10, 0];

/// Values of `width` bits, least significant bit first.
fn packed(bytes: &[u8], width: usize) -> Vec<u64> {
    let bit = |at: usize| u64::from(bytes[at / 8] >> (at % 8) & 1);
    (0..bytes.len() * 8 / width).map(|value| (0..width).map(|at| bit(value * width + at) << at).sum()).collect()
}

/// 2,048 and 918 bits, after the magic and the parameter set.
fn secrets() -> (Vec<u64>, Vec<u64>) {
    (packed(&KEY[6..262], 1), packed(&KEY[262..377], 1)[..918].to_vec())
}

fn switched(block: &[u8], small: &[u64]) -> u64 {
    let coefficients = packed(block, 12);
    let product: u64 = coefficients.iter().zip(small).map(|(a, s)| a * s).sum();
    (coefficients[918].wrapping_sub(product).wrapping_add(64) % 4_096) >> 7
}

/// The values of a result of kind 2, output by output.
fn outputs(document: &[u8], use_case: u8) -> Vec<Vec<u64>> {
    let (_, small) = secrets();
    assert_eq!(document[..9], [b'C', b'D', b'R', b'1', use_case, 1, 1, 0, 2]);
    let blocks = usize::from(document[11]);
    let values: Vec<u64> = document[12..].chunks(1_379).map(|block| switched(block, &small)).collect();
    assert_eq!(values.len(), usize::from(u16::from_le_bytes([document[9], document[10]])) * blocks);
    values.chunks(blocks).map(<[u64]>::to_vec).collect()
}

/// The digits of an input: their masks come from the seed.
fn digits(document: &[u8], seed_at: usize) -> Vec<u64> {
    let (large, _) = secrets();
    let (seed, bodies) = document[seed_at..].split_at(SEED_BYTES);
    let bodies: Vec<u64> = bodies.chunks(8).map(|body| u64::from_le_bytes(body.try_into().unwrap())).collect();
    let phase = |words: &[u64]| {
        words[..2_048].iter().zip(&large).fold(words[2_048], |phase, (a, s)| phase.wrapping_sub(a.wrapping_mul(*s)))
    };
    let stream = DigitStream::new(seed.try_into().unwrap(), &bodies);
    stream.blocks().iter().map(|block| phase(block.as_ref()).wrapping_add(1 << 58) >> 59).collect()
}

#[test]
fn weights_are_read_from_the_text_of_the_formats() {
    assert_eq!(WEIGHTS_INPUT[..12], [b'C', b'D', b'K', b'1', 1, 1, 1, 0, 5, 0, 0, 0]);
    let weights: Vec<u64> =
        digits(WEIGHTS_INPUT, 12).chunks(7).map(|weight| weight.iter().rev().fold(0, |sum, d| 4 * sum + d)).collect();
    assert_eq!(weights, [680, 650, 690, 700, 705]);
    for (document, expected) in WEIGHTS_RESULT {
        let value = outputs(document, 1)[0].iter().rev().fold(0, |sum, block| 16 * sum + block);
        assert_eq!(value, u64::from(expected));
        assert_eq!(weight_stats::decrypt(&ClientKeys::from_bytes(KEY).unwrap(), document), Ok(expected));
    }
}

#[test]
fn nights_are_read_from_the_text_of_the_formats() {
    assert_eq!(NIGHTS_INPUT[..16], [b'C', b'D', b'K', b'1', 2, 1, 1, 0, 2, 0, 0, 0, 5, 0, 2, 0]);
    let entries: Vec<[u64; 3]> = digits(NIGHTS_INPUT, 16)
        .chunks(11)
        .map(|entry| {
            let minutes = |digits: &[u64]| digits.iter().rev().fold(0, |sum, d| 4 * sum + d);
            [entry[0], minutes(&entry[1..6]), minutes(&entry[6..])]
        })
        .collect();
    let (first, second) = entries.split_at(5);
    assert_eq!(first, [[0, 0, 480], [3, 12, 188], [2, 200, 15], [4, 215, 115], [5, 330, 140]]);
    assert_eq!(second, [[0, 0, 480], [3, 100, 120]]);
    let scores: Vec<u64> = outputs(NIGHTS_RESULT, 2).concat();
    assert_eq!(scores, SCORES.map(u64::from));
    assert_eq!(sleep_quality::decrypt(&ClientKeys::from_bytes(KEY).unwrap(), NIGHTS_RESULT), Ok(SCORES.to_vec()));
}

#[test]
fn ads_are_read_from_the_text_of_the_formats() {
    let (large, _) = secrets();
    assert_eq!(ADS_RESULT[..9], [b'C', b'D', b'R', b'1', 3, 1, 1, 0, 3]);
    assert_eq!(ADS_RESULT[9..41], ADS_INPUT[8..40], "the version of the catalogue");
    let [p, q] = [ADS_RESULT[41], ADS_RESULT[42]].map(usize::from);
    assert_eq!((p, q, &ADS_RESULT[43..47]), (8, 16, [3, 0, 0, 0].as_slice()));
    let coefficients = packed(&ADS_RESULT[47..], q);
    let scores: Vec<u64> = (0..3)
        .map(|row| {
            let position = 62 * row + 61;
            let mut phase = coefficients[2_048 + row];
            for (k, s) in large.iter().enumerate() {
                phase = if k <= position {
                    phase.wrapping_sub(coefficients[position - k] * s)
                } else {
                    phase.wrapping_add(coefficients[2_048 + position - k] * s)
                };
            }
            ((phase % (1 << q) + (1 << (q - p - 1))) >> (q - p)) % (1 << p)
        })
        .collect();
    assert_eq!(scores, ADS_SCORES.map(u64::from));
    let catalogue = serde_json::from_slice(ADS_JSON).unwrap();
    let read = ad_targeting::decrypt(&ClientKeys::from_bytes(KEY).unwrap(), ADS_RESULT, &catalogue);
    assert_eq!(read, Ok(ADS_SCORES.to_vec()));
}

#[test]
fn masks_begin_with_the_words_of_the_readme() {
    let readme = include_str!("README.md");
    for (name, document, seed_at) in [("weight_stats", WEIGHTS_INPUT, 12), ("sleep_quality", NIGHTS_INPUT, 16)] {
        let seed = document[seed_at..][..SEED_BYTES].try_into().unwrap();
        let mask = DigitStream::new(seed, &[0]).blocks()[0].as_ref()[..3].to_vec();
        let words: Vec<String> = mask.iter().map(|word| format!("`{word:016x}`")).collect();
        let row = format!("| `{name}.input` | {} |", words.join(" "));
        assert!(readme.contains(&row), "{row}");
    }
}
