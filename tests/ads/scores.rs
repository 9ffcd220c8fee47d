//! Every encrypted score against the clear product.

use std::collections::HashSet;

use cipherdeck::use_cases::{
    KernelError,
    ad_targeting::{Profile, rules},
};
use rand::{Rng, RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use super::*;

/// Ten profiles of coin tosses, ten of plausible people, nothing and everything.
fn profiles() -> Vec<[bool; FEATURES]> {
    let rng = &mut StdRng::seed_from_u64(4_954);
    let mut profiles: Vec<[bool; FEATURES]> = (0..10).map(|_| std::array::from_fn(|_| rng.random())).collect();
    profiles.extend((0..10).map(|_| *person(rng).features()));
    profiles.extend([[false; FEATURES], [true; FEATURES]]);
    profiles
}

fn person(rng: &mut impl Rng) -> Profile {
    let names: Vec<&str> = feature_names().collect();
    let mut profile = Profile::new()
        .gender(names[..2].choose(rng).unwrap())
        .and_then(|profile| profile.age(rng.random_range(5..90)))
        .and_then(|profile| profile.language(names[7..18].choose(rng).unwrap()))
        .and_then(|profile| profile.country(names[19..32].choose(rng).unwrap()))
        .unwrap()
        .kids(rng.random());
    for _ in 0..rng.random_range(1..8) {
        profile = profile.interest(names[32..].choose(rng).unwrap()).unwrap();
    }
    profile
}

/// The clear product, written down a second time from the text of the catalogue: the weights do not pass through the
/// program's own reader.
fn clear_scores(text: &str, profile: &[bool; FEATURES]) -> Vec<u16> {
    let has = |name: &str| u16::from(feature_names().zip(profile).any(|(known, has)| known == name && *has));
    csv::Reader::from_reader(text.as_bytes())
        .records()
        .map(|record| {
            let record = record.unwrap();
            let names = |column: usize| record[column].split('|').filter(|name| !name.is_empty());
            let targeted: u16 = [3, 4, 5, 7].into_iter().flat_map(names).map(|name| 10 * has(name)).sum();
            let interests: u16 = names(8)
                .map(|item| item.split_once(':').unwrap())
                .map(|(name, weight)| weight.parse::<u16>().unwrap() * has(name))
                .sum();
            targeted + interests + 3 * record[6].parse::<u16>().unwrap() * has("kids")
        })
        .collect()
}

#[test]
fn every_score_equals_the_clear_product_for_22_profiles() {
    let server = &*BUILT_IN;
    let ads = server.catalogue.rows();
    let mut values = HashSet::new();
    let mut of_ad = vec![Vec::new(); ads];
    for profile in profiles() {
        let expected = clear_scores(ADS_CSV, &profile);
        assert_eq!(expected.len(), ads);
        assert_eq!(rules::scores(&server.catalogue, &profile), expected, "the rules differ from the text");
        let scores = server.scores(&profile);
        assert_eq!(scores, expected);
        values.extend(scores.iter().copied());
        of_ad.iter_mut().zip(scores).for_each(|(scores, score)| scores.push(score));
    }
    // No row of this catalogue, nor of any, can score 1,000 different numbers: all 62 weights together are 463. What
    // shows that no ad is taken for another is that their scores over the profiles tell them apart.
    assert!(values.len() >= 75, "{} different scores", values.len());
    let different = of_ad.iter().collect::<HashSet<_>>().len();
    assert!(different >= 4_900, "{different} of {ads} ads are told apart by their scores");
    assert!(of_ad.iter().all(|scores| scores[20] == 0 && scores[21] > 0), "nothing scores 0, everything more");
}

#[test]
fn one_changed_weight_changes_the_score_of_its_ad_and_no_other() {
    let original = &*BUILT_IN;
    let (line, weight) = ADS_CSV.lines().enumerate().skip(2_000).find(|(_, line)| line.ends_with(":2")).unwrap();
    let changed = ADS_CSV.replacen(weight, &format!("{}:3", weight.strip_suffix(":2").unwrap()), 1);
    let server = Server::of(&changed);
    assert_ne!(server.catalogue.version(), original.catalogue.version());
    let everything = [true; FEATURES];
    let mut expected = clear_scores(ADS_CSV, &everything);
    let scores = server.scores(&everything);
    assert_ne!(scores, expected, "the clear product of the original must not pass for that of the changed catalogue");
    expected[line - 1] += 1;
    assert_eq!(scores, expected);
}

/// An ad that targets everything, so that its row sums to 463.
fn greedy_ad(id: usize) -> String {
    let names: Vec<&str> = feature_names().collect();
    let interests: Vec<String> = names[32..].iter().map(|name| format!("{name}:5")).collect();
    let (genders, ages, languages, countries) =
        (names[..2].join("|"), names[2..7].join("|"), names[7..18].join("|"), names[19..32].join("|"));
    format!("all-{id},Everything,,{genders},{ages},{languages},1,{countries},{}\n", interests.join("|"))
}

#[test]
fn a_catalogue_of_the_heaviest_rows_takes_10_bits_and_is_right_to_the_last_score() {
    let text: String = HEADER.to_owned() + &(0..70).map(greedy_ad).collect::<String>();
    let server = Server::of(&text);
    assert_eq!((server.public.plaintext_bits, server.public.result_bits), (10, 18));
    for profile in profiles() {
        assert_eq!(server.scores(&profile), clear_scores(&text, &profile));
    }
    assert_eq!(server.scores(&[true; FEATURES]), [463; 70]);
}

#[test]
fn catalogues_around_a_full_group_are_right() {
    let lines: Vec<&str> = ADS_CSV.split_inclusive('\n').collect();
    for rows in [1, 32, 33, 34, 66] {
        let text = lines[..=rows].concat();
        let server = Server::of(&text);
        let profile = std::array::from_fn(|j| j % 2 == rows % 2);
        assert_eq!(server.scores(&profile), clear_scores(&text, &profile), "{rows} rows");
    }
}

#[test]
fn best_ads_of_a_person_speak_their_language_and_share_their_interests() {
    let profile = Profile::new()
        .gender("female")
        .and_then(|profile| profile.age(30))
        .and_then(|profile| profile.language("german"))
        .and_then(|profile| profile.country("Germany"))
        .and_then(|profile| profile.interest("Books"))
        .and_then(|profile| profile.interest("Writers"))
        .unwrap();
    let scores = BUILT_IN.scores(profile.features());
    for position in rules::best(&scores, 5) {
        let record = csv::Reader::from_reader(ADS_CSV.as_bytes()).records().nth(position).unwrap().unwrap();
        assert!(record[5].contains("German") && record[7].contains("Germany"), "{record:?}");
        assert!(record[8].contains("Books") || record[8].contains("Writers"), "{record:?}");
        assert_eq!(BUILT_IN.public.ads[position].title, record[1]);
    }
}

#[test]
fn a_kernel_told_to_stop_publishes_nothing_and_a_whole_one_reports_progress() {
    let input = BUILT_IN.encrypt(&[true; FEATURES]);
    let stopped = context();
    stopped.stop();
    let result = BUILT_IN.use_case.run(None, &input, &stopped);
    assert!(matches!(result, Err(KernelError::Interrupted(_))));
    assert!(stopped.progress() < f32::EPSILON);
    let whole = context();
    BUILT_IN.use_case.run(None, &input, &whole).unwrap();
    assert!(whole.progress() > 0.99);
    assert_eq!(whole.bootstraps(), 0);
}

#[test]
fn the_same_profile_never_encrypts_to_the_same_bytes() {
    let profile = [true; FEATURES];
    let (a, b) = (BUILT_IN.encrypt(&profile), BUILT_IN.encrypt(&profile));
    assert_ne!(a[44..60], b[44..60], "the seed");
    let equal = a[60..].chunks(4).zip(b[60..].chunks(4)).filter(|(a, b)| a == b).count();
    assert!(equal < 4, "{equal} of 2,048 coefficients are equal");
}

#[test]
fn another_key_reads_noise() {
    let input = BUILT_IN.encrypt(&[true; FEATURES]);
    let result = BUILT_IN.run(&input);
    let scores = decrypt(&ClientKeys::generate(), &result, &BUILT_IN.public).unwrap();
    let right = clear_scores(ADS_CSV, &[true; FEATURES]).iter().zip(&scores).filter(|(a, b)| a == b).count();
    assert!(right < 100, "{right} of {} scores are right, chance gives 19", scores.len());
}
