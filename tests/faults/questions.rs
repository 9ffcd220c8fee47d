//! What clients ask, and whether an answer is right.

use std::{path::Path, sync::LazyLock};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use cipherdeck::use_cases::{
    ad_targeting::{self, Catalogue, PublicCatalogue},
    sleep_quality::{
        self, Record,
        rules::{self, Entry},
    },
    weight_stats,
};
use serde_json::Value;

use super::node::WORK;
use crate::support::keys::CLIENT;

/// A question with its answer.
#[derive(Clone)]
pub(super) enum Question {
    /// An order of the use case without cryptography.
    Work(String),
    /// A profile.
    Ads([bool; ad_targeting::FEATURES]),
    /// Weights.
    Weights(Vec<u16>),
    /// A night in bed that is slept through, so long in minutes.
    Night(u16),
}

impl Question {
    /// Orders with this name.
    pub(super) fn work(name: &str, order: &str) -> Self {
        Self::Work(format!("{name} {order}"))
    }

    /// A profile of its own for each number.
    pub(super) fn ads(number: usize) -> Self {
        Self::Ads(std::array::from_fn(|feature| (feature * 7 + number * 3).is_multiple_of(5)))
    }

    pub(super) const fn use_case(&self) -> &'static str {
        match self {
            Self::Work(_) => WORK,
            Self::Ads(_) => "ad_targeting",
            Self::Weights(_) => "weight_stats",
            Self::Night(_) => "sleep_quality",
        }
    }

    /// What the client sends.
    pub(super) fn encrypt(&self, catalogue: &PublicCatalogue) -> Vec<u8> {
        match self {
            Self::Work(order) => order.clone().into_bytes(),
            Self::Ads(profile) => ad_targeting::encrypt(&CLIENT, profile, catalogue).unwrap(),
            Self::Weights(weights) => weight_stats::encrypt(&CLIENT, weights).unwrap(),
            Self::Night(minutes) => {
                let record = |[stage, start, end]: [u16; 3]| Record {
                    stage: stage as u8,
                    start: i64::from(start),
                    end: i64::from(end),
                };
                let night = vec![record([0, 0, *minutes]), record([3, 5, *minutes - 5])];
                sleep_quality::encrypt(&CLIENT, &[night]).unwrap()
            }
        }
    }

    /// Is this the answer?
    pub(super) fn is_right(&self, catalogue: &PublicCatalogue, body: &[u8]) -> bool {
        match self {
            Self::Work(order) => {
                let name = order.split(' ').next().unwrap();
                body.starts_with(format!("{name} by ").as_bytes())
            }
            Self::Ads(profile) => {
                static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::load(Path::new("")).unwrap());
                let expected = ad_targeting::rules::scores(&CATALOGUE, profile);
                ad_targeting::decrypt(&CLIENT, body, catalogue).is_ok_and(|scores| scores == expected)
            }
            Self::Weights(weights) => {
                let Ok(answer) = serde_json::from_slice::<Value>(body) else { return false };
                let value = |name: &str| {
                    let document = BASE64_STANDARD.decode(answer[name].as_str()?).ok()?;
                    weight_stats::decrypt(&CLIENT, &document).ok()
                };
                let expected = weight_stats::rules::statistics(weights).unwrap();
                [value("min"), value("max"), value("avg")] == [expected.min, expected.max, expected.avg].map(Some)
            }
            Self::Night(minutes) => {
                let entry = |stage, start, duration| Entry { stage, start, duration };
                let expected = rules::score(&[entry(0, 0, *minutes), entry(3, 5, *minutes - 10)]);
                sleep_quality::decrypt(&CLIENT, body).is_ok_and(|scores| scores == [expected])
            }
        }
    }
}
