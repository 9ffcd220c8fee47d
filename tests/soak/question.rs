//! What clients ask, and whether an answer is right.

use std::{path::Path, sync::LazyLock};

use cipherdeck::{
    client::flow::{Answer, Job},
    use_cases::{
        ad_targeting::{self, Catalogue, FEATURES},
        sleep_quality::{
            Record,
            rules::{self, Entry},
        },
        weight_stats,
    },
};

/// A question of its own for each number; the cryptography is the same for all of a kind.
#[derive(Clone)]
pub(super) enum Question {
    /// Two weights.
    Weights([u16; 2]),
    /// A night of so many minutes, slept through but for a while at either end.
    Night(u16, u16),
    /// A profile.
    Ads([bool; FEATURES]),
}

impl Question {
    pub(super) fn weights(number: u64) -> Self {
        Self::Weights([600 + (number * 37 % 400) as u16, 600 + (number * 91 % 400) as u16])
    }

    pub(super) fn night(number: u64) -> Self {
        Self::Night(200 + (number * 53 % 400) as u16, (number * 29 % 80) as u16)
    }

    pub(super) fn ads(number: u64) -> Self {
        Self::Ads(std::array::from_fn(|feature| (feature as u64 * 7 + number * 3).is_multiple_of(5)))
    }

    /// As a client asks it.
    pub(super) fn job(&self) -> Job {
        match self {
            Self::Weights(weights) => Job::WeightStats(weights.to_vec()),
            Self::Night(minutes, late) => {
                let record = |stage, start: u16, end: u16| Record { stage, start: start.into(), end: end.into() };
                Job::SleepQuality(vec![vec![record(0, 0, *minutes), record(3, *late, *minutes)]])
            }
            Self::Ads(profile) => Job::AdTargeting(Box::new(*profile)),
        }
    }

    /// Is it what the rules in the clear say?
    pub(super) fn is_right(&self, answer: &Answer) -> bool {
        match (self, answer) {
            (Self::Weights(weights), Answer::WeightStats(statistics)) => {
                weight_stats::rules::statistics(weights) == Some(*statistics)
            }
            (Self::Night(minutes, late), Answer::SleepQuality(scores)) => {
                let entry = |stage, start, duration| Entry { stage, start, duration };
                *scores == [rules::score(&[entry(0, 0, *minutes), entry(3, *late, minutes - late)])]
            }
            (Self::Ads(profile), Answer::AdTargeting { scores, .. }) => {
                static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::load(Path::new("")).unwrap());
                *scores == ad_targeting::rules::scores(&CATALOGUE, profile)
            }
            _ => false,
        }
    }
}
