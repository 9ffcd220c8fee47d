//! Questions whose answers are known: what is asked of a server, and what the plain calculation says.
//!
//! Every question of a kind has the same size, so that its times can be compared: five weights, one night of five
//! records, a profile of seven features. Its values follow from its number, so that two tasks that were mixed up give
//! a wrong answer.

use std::{str::FromStr, sync::Arc};

use super::BenchError;
use crate::{
    client::{
        ClientError,
        flow::{Answer, Job},
    },
    use_cases::{
        ad_targeting::{self, Catalogue, FEATURES, Profile, ProfileError},
        sleep_quality::{
            Record,
            rules::{self, Entry},
        },
        weight_stats::{self, Statistics},
    },
};

/// A use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `ad_targeting`
    Ads,
    /// `sleep_quality`
    Sleep,
    /// `weight_stats`
    Weights,
}

impl Kind {
    /// All of them, by name.
    pub const ALL: [Self; 3] = [Self::Ads, Self::Sleep, Self::Weights];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ads => "ad_targeting",
            Self::Sleep => "sleep_quality",
            Self::Weights => "weight_stats",
        }
    }

    /// What one question of this kind holds.
    pub const fn size(self) -> &'static str {
        match self {
            Self::Ads => "a profile of 7 features against every ad",
            Self::Sleep => "one night of 5 records",
            Self::Weights => "5 weights",
        }
    }

    /// Does the server compute with an evaluation key?
    pub const fn needs_key(self) -> bool {
        !matches!(self, Self::Ads)
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "ads" | "ad_targeting" | "ad-targeting" => Ok(Self::Ads),
            "sleep" | "sleep_quality" | "sleep-quality" => Ok(Self::Sleep),
            "weights" | "weight_stats" | "weight-stats" => Ok(Self::Weights),
            _ => Err("a use case is ad_targeting (ads), sleep_quality (sleep) or weight_stats (weights)".to_owned()),
        }
    }
}

/// What the plain calculation gives.
#[derive(Debug, Clone, PartialEq)]
enum Expected {
    Scores(Vec<u16>),
    Nights(Vec<u8>),
    Statistics(Option<Statistics>),
}

/// One input with its answer.
#[derive(Debug, Clone)]
pub struct Question {
    /// To encrypt.
    pub job: Job,
    expected: Expected,
}

impl Question {
    /// Is this the answer of the plain calculation?
    pub fn is_answered_by(&self, answer: &Answer) -> bool {
        match (&self.expected, answer) {
            (Expected::Scores(expected), Answer::AdTargeting { scores, .. }) => expected == scores,
            (Expected::Nights(expected), Answer::SleepQuality(scores)) => expected == scores,
            (Expected::Statistics(expected), Answer::WeightStats(statistics)) => *expected == Some(*statistics),
            _ => false,
        }
    }
}

/// Makes questions; knows the weights of the ads.
#[derive(Debug, Clone)]
pub struct Oracle {
    catalogue: Arc<Catalogue>,
}

impl Oracle {
    /// With the catalogue that the server has.
    pub const fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue }
    }

    /// Has the server, whose catalogue has this version, the same one?
    ///
    /// # Errors
    /// [`BenchError::ForeignCatalogue`].
    pub fn knows(&self, version: &str) -> Result<(), BenchError> {
        if self.catalogue.version() == version {
            return Ok(());
        }
        let short = |version: &str| crate::text::sanitise(version, 12);
        Err(BenchError::ForeignCatalogue { server: short(version), own: short(self.catalogue.version()) })
    }

    /// The question of this number.
    ///
    /// # Errors
    /// [`BenchError::Client`] if the features are not those of this version.
    pub fn question(&self, kind: Kind, number: u64) -> Result<Question, BenchError> {
        let mut draw = Draw(number.wrapping_mul(3).wrapping_add(kind as u64));
        Ok(match kind {
            Kind::Ads => {
                let profile = profile(&mut draw)
                    .map_err(|error| ClientError::Internal(format!("a benchmark's profile: {error}")))?;
                let expected = Expected::Scores(ad_targeting::rules::scores(&self.catalogue, &profile));
                Question { job: Job::AdTargeting(Box::new(profile)), expected }
            }
            Kind::Sleep => {
                let night = night(&mut draw);
                let expected = Expected::Nights(vec![rules::score(&entries(&night))]);
                Question { job: Job::SleepQuality(vec![night]), expected }
            }
            Kind::Weights => {
                let weights: Vec<u16> = (0..5).map(|_| 550 + draw.below(500) as u16).collect();
                let expected = Expected::Statistics(weight_stats::rules::statistics(&weights));
                Question { job: Job::WeightStats(weights), expected }
            }
        })
    }
}

fn profile(draw: &mut Draw) -> Result<[bool; FEATURES], ProfileError> {
    let profile = Profile::new()
        .gender(draw.one_of(&["female", "male"]))?
        .age(15 + draw.below(60) as u32)?
        .language(draw.one_of(&["English", "French", "German", "Hindi", "Spanish"]))?
        .country(draw.one_of(&["Canada", "France", "Germany", "India", "Italy", "Japan", "Spain"]))?
        .interest(draw.one_of(&["Animals", "Art", "Bicycle", "Books", "Comics", "Food", "Health"]))?
        .interest(draw.one_of(&["Movies", "Music", "Nature", "News", "Photography", "Science"]))?
        .interest(draw.one_of(&["Sports", "TV", "Tech", "Travel", "Video Games", "Writers"]))?;
    Ok(*profile.features())
}

/// In bed, then core, awake, deep, REM one after the other: the order and the scale in which they are encrypted.
fn night(draw: &mut Draw) -> Vec<Record> {
    let mut minute = 1 + draw.below(70) as i64;
    let mut sleep = |stage: u8, least: i64, draw: &mut Draw| {
        let start = minute;
        minute += least + draw.below(90) as i64;
        Record { stage, start, end: minute }
    };
    let stages = [sleep(3, 90, draw), sleep(2, 1, draw), sleep(4, 60, draw), sleep(5, 60, draw)];
    let bed = Record { stage: rules::IN_BED, start: 0, end: minute + draw.below(60) as i64 };
    std::iter::once(bed).chain(stages).collect()
}

/// Sorted and counted from minute 0 already.
fn entries(night: &[Record]) -> Vec<Entry> {
    let entry = |record: &Record| Entry {
        stage: record.stage,
        start: record.start as u16,
        duration: (record.end - record.start) as u16,
    };
    night.iter().map(entry).collect()
}

/// Numbers that look random and follow from a first one: `SplitMix64` (Steele, Lea, Flood: Fast splittable pseudorandom
/// number generators, 2014).
#[derive(Debug, Clone)]
pub struct Draw(pub u64);

impl Draw {
    /// The next one.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of 0..`limit`; 0 for the limit 0.
    pub const fn below(&mut self, limit: u64) -> u64 {
        let number = self.number();
        if limit == 0 { 0 } else { number % limit }
    }

    fn one_of(&mut self, names: &[&'static str]) -> &'static str {
        names.get(self.below(names.len() as u64) as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::*;

    fn oracle() -> Oracle {
        Oracle::new(Arc::new(Catalogue::load(Path::new("")).unwrap()))
    }

    #[test]
    fn questions_follow_from_their_numbers_and_differ() {
        let oracle = oracle();
        for kind in Kind::ALL {
            let shown = |number| format!("{:?}", oracle.question(kind, number).unwrap().expected);
            assert_eq!(shown(7), shown(7));
            let different: BTreeSet<String> = (0..40).map(shown).collect();
            assert!(different.len() >= if kind == Kind::Sleep { 3 } else { 38 }, "{kind:?}: {}", different.len());
        }
    }

    #[test]
    fn every_question_can_be_asked() {
        let oracle = oracle();
        for number in 0..2_000 {
            let Job::SleepQuality(nights) = oracle.question(Kind::Sleep, number).unwrap().job else { panic!() };
            let night = &nights[0];
            assert_eq!(night.len(), 5);
            assert!(night.windows(2).all(|pair| pair[0].start < pair[1].start), "{night:?}");
            assert!(night.iter().all(|record| record.start < record.end && record.end <= night[0].end), "{night:?}");
            assert!(night[0].end <= i64::from(rules::MAX_MINUTES));
            let Job::WeightStats(weights) = oracle.question(Kind::Weights, number).unwrap().job else { panic!() };
            assert!(weights.len() == 5 && weights.iter().all(|weight| (550..1_050).contains(weight)));
            let Job::AdTargeting(profile) = oracle.question(Kind::Ads, number).unwrap().job else { panic!() };
            assert_eq!(profile.iter().filter(|has| **has).count(), 7);
        }
    }

    #[test]
    fn another_questions_answer_is_wrong() {
        let oracle = oracle();
        let question = oracle.question(Kind::Weights, 1).unwrap();
        let Expected::Statistics(Some(right)) = question.expected else { panic!() };
        assert!(question.is_answered_by(&Answer::WeightStats(right)));
        let off = Statistics { avg: right.avg + 1, ..right };
        assert!(!question.is_answered_by(&Answer::WeightStats(off)));
        assert!(!question.is_answered_by(&Answer::SleepQuality(vec![1])));
    }

    #[test]
    fn a_use_case_has_its_name_and_a_short_one() {
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert_eq!(("ads".parse(), "weight-stats".parse()), (Ok(Kind::Ads), Ok(Kind::Weights)));
        assert!("steps".parse::<Kind>().unwrap_err().contains("sleep_quality"));
    }
}
