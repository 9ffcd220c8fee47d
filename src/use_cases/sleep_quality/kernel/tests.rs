//! The kernel's logic on digits in the clear, which tfhe computes without bootstraps; whole programs test it encrypted.

use super::*;
use crate::{
    fhe::test_keys::{SERVER, context, number, trivial},
    use_cases::sleep_quality::{
        payload,
        rules::{Entry, MAX_RECORDS, score},
    },
};

fn compute(nights: &[Vec<Entry>], context: &Context) -> Result<Vec<u8>, Interrupted> {
    let digits: Vec<u8> = nights.iter().flatten().flat_map(|entry| payload::digits(*entry)).collect();
    let mut left = digits.as_slice();
    let records: Vec<usize> = nights.iter().map(Vec::len).collect();
    let scores = context.install(|| {
        let digits = |count| {
            let (taken, rest) = left.split_at(count);
            left = rest;
            trivial(taken)
        };
        run(&SERVER, &records, digits, context)
    })?;
    Ok(scores.iter().map(|score| number(std::slice::from_ref(score)) as u8).collect())
}

fn expect(nights: &[Vec<Entry>]) {
    let expected: Vec<u8> = nights.iter().map(|night| score(night)).collect();
    let computed = compute(nights, &context()).unwrap();
    for ((night, expected), computed) in nights.iter().zip(expected).zip(computed) {
        assert_eq!(computed, expected, "{night:?}");
    }
}

fn entry(stage: u8, start: u16, duration: u16) -> Entry {
    Entry { stage, start, duration }
}

/// A fixed sequence of pseudo-random numbers.
struct Sequence(u32);

impl Sequence {
    fn draw(&mut self, below: u16) -> u16 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((self.0 >> 16) % u32::from(below)) as u16
    }
}

#[test]
fn each_threshold_is_exact() {
    let times = [300, 301, 360, 361, 420, 421].map(|sleep| vec![entry(1, 0, sleep)]);
    let efficiencies = [130, 131, 150, 151, 170, 171].map(|sleep| vec![entry(0, 0, 200), entry(4, 61, sleep)]);
    let latencies = [0, 15, 16, 30, 31, 60, 61].map(|start| vec![entry(0, 0, 1_000), entry(5, start, 0)]);
    let late_beds = [0, 15, 16, 1_023].map(|start| vec![entry(0, 1_007, 10), entry(3, start, 400)]);
    expect(&[times.as_slice(), &efficiencies, &latencies, &late_beds].concat());
}

#[test]
fn what_is_undefined_is_worst() {
    expect(&[
        vec![entry(0, 0, 480)],
        vec![entry(2, 0, 480)],
        vec![entry(3, 0, 480)],
        vec![entry(0, 0, 0), entry(3, 0, 480)],
        vec![entry(0, 0, 0), entry(3, 0, 0)],
        vec![entry(6, 0, 480), entry(7, 0, 480), entry(0, 0, 480)],
    ]);
}

#[test]
fn random_nights_follow_the_rules_and_give_every_score() {
    let mut random = Sequence(11);
    let mut nights = Vec::new();
    for _ in 0..150 {
        let records = 1 + random.draw(12);
        // Short nights and long ones, so that all categories come up.
        let longest = [60, 130, 250, 500, 1_024][usize::from(random.draw(5))];
        let mut night: Vec<Entry> = (0..records)
            .map(|_| {
                entry([0, 0, 1, 2, 3, 4, 5, 6, 7][usize::from(random.draw(9))], random.draw(100), random.draw(longest))
            })
            .collect();
        if random.draw(4) > 0 {
            night.sort_by_key(|entry| entry.start);
        }
        nights.push(night);
    }
    for wanted in 1..=5 {
        assert!(nights.iter().any(|night| score(night) == wanted), "no night of score {wanted}");
    }
    expect(&nights);
}

#[test]
fn long_nights_do_not_wrap() {
    let full = |beds: usize| {
        let mut night = vec![entry(0, 0, MAX_MINUTES); beds];
        night.resize(MAX_RECORDS, entry(5, MAX_MINUTES, MAX_MINUTES));
        night
    };
    // All in bed, all asleep, around 65, 75 and 85 %.
    expect(&[full(128), full(0), full(77), full(78), full(73), full(74), full(69), full(70), full(1)]);
}

#[test]
fn the_plan_is_the_sum_of_the_steps() {
    for records in [1, 2, 5, 6, 7, 16, 17, 26, 33, 128] {
        let context = context();
        let steps = Steps::new(&context, 1);
        let digits: Vec<u8> =
            vec![entry(1, 5, 400); records].iter().flat_map(|entry| payload::digits(*entry)).collect();
        let night = Night::new(&SERVER, &steps, trivial(&digits));
        assert!(context.install(|| night.score()).is_ok());
        assert_eq!(steps.done(), cost::night(records), "{records} records");
    }
}

#[test]
fn a_stop_is_noticed_before_the_next_step() {
    let context = context();
    context.stop();
    assert_eq!(compute(&[vec![entry(0, 0, 1)]], &context), Err(Interrupted));
}
