//! Sleep quality, encrypted.

use cipherdeck::use_cases::{
    Output, UseCase,
    sleep_quality::{Record, SleepQuality, decrypt, encrypt},
};

use super::{CLIENT, SERVER, context};

fn record((stage, start, end): (u8, i64, i64)) -> Record {
    Record { stage, start, end }
}

fn scores(nights: &[&[(u8, i64, i64)]]) -> Vec<u8> {
    let nights: Vec<Vec<Record>> = nights.iter().map(|night| night.iter().copied().map(record).collect()).collect();
    let input = encrypt(&CLIENT, &nights).unwrap();
    SleepQuality.check(&input).unwrap();
    let context = context();
    let Output::One(document) = SleepQuality.run(Some(&SERVER), &input, &context).unwrap() else {
        panic!("one document expected");
    };
    assert!(context.progress() > 0.99, "the plan was carried out: {}", context.progress());
    decrypt(&CLIENT, &document).unwrap()
}

/// In bed at 22:40 and asleep ten minutes later, up at 6:50: 450 of 490 minutes asleep.
const GOOD: &[(u8, i64, i64)] = &[
    (0, 1_360, 1_850),
    (3, 1_370, 1_450),
    (4, 1_450, 1_520),
    (5, 1_520, 1_580),
    (2, 1_580, 1_600),
    (3, 1_600, 1_700),
    (5, 1_700, 1_760),
    (3, 1_760, 1_840),
];

/// Two hours awake before four hours of broken sleep in nine hours in bed.
const BAD: &[(u8, i64, i64)] =
    &[(0, 0, 540), (2, 0, 120), (3, 120, 200), (2, 200, 300), (3, 300, 380), (2, 380, 460), (4, 460, 540)];

#[test]
fn a_poor_and_an_excellent_night_in_one_request() {
    assert_eq!(scores(&[BAD, GOOD]), [5, 1]);
}

#[test]
fn awake_is_not_sleep() {
    // Seven and a half hours, awake throughout, then a quarter of an hour asleep.
    assert_eq!(scores(&[&[(0, 0, 465), (2, 0, 450), (1, 450, 465)]]), [5]);
}

#[test]
fn a_watch_without_an_in_bed_record_gets_one_from_the_client() {
    assert_eq!(scores(&[&[(3, 600, 800), (4, 800, 1_040)]]), [1]);
}

#[test]
fn a_night_without_sleep_is_poor() {
    assert_eq!(scores(&[&[(0, 0, 480)]]), [5]);
}

#[test]
fn overlapping_time_in_bed_adds_up_as_recorded_without_wrapping() {
    // Three times 1,020 minutes in bed: 960 asleep are 31 %. Sleep time and latency are at their best: 6 of 9.
    assert_eq!(scores(&[&[(0, 0, 1_020), (0, 0, 1_020), (0, 0, 1_020), (1, 10, 490), (5, 490, 970)]]), [2]);
}
