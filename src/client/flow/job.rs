//! The use cases from the client's side: what is encrypted, what comes out.

use std::sync::Arc;

use crate::{
    client::api::TaskResult,
    fhe::ClientKeys,
    use_cases::{
        ad_targeting::{self, FEATURES, PublicCatalogue},
        sleep_quality::{self, Record},
        weight_stats::{self, Statistics},
        wire::PayloadError,
    },
};

/// An input in the clear.
#[derive(Clone, PartialEq)]
pub enum Job {
    /// Weights in 0.1 kg.
    WeightStats(Vec<u16>),
    /// Nights of records.
    SleepQuality(Vec<Vec<Record>>),
    /// A profile of zeroes and ones.
    AdTargeting(Box<[bool; FEATURES]>),
}

impl std::fmt::Debug for Job {
    /// The name only: the input is what the encryption protects.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// An output in the clear.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// In 0.1 kg.
    WeightStats(Statistics),
    /// 1..=5 per night.
    SleepQuality(Vec<u8>),
    /// One score per ad, in the catalogue's order.
    AdTargeting {
        /// Scores.
        scores: Vec<u16>,
        /// The catalogue they belong to.
        catalogue: Arc<PublicCatalogue>,
    },
}

fn wrong(sentence: &str) -> PayloadError {
    PayloadError(sentence.to_owned())
}

impl Job {
    /// The use case's name on the wire.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::WeightStats(_) => "weight_stats",
            Self::SleepQuality(_) => "sleep_quality",
            Self::AdTargeting(_) => "ad_targeting",
        }
    }

    /// Does the server compute with the client's evaluation key?
    pub const fn needs_key(&self) -> bool {
        !matches!(self, Self::AdTargeting(_))
    }

    /// Is the input made for a version of the ad catalogue?
    pub const fn needs_catalogue(&self) -> bool {
        matches!(self, Self::AdTargeting(_))
    }

    /// A `CDK1` document.
    ///
    /// # Errors
    /// [`PayloadError`] when the input does not fit.
    pub fn encrypt(&self, keys: &ClientKeys, catalogue: Option<&PublicCatalogue>) -> Result<Vec<u8>, PayloadError> {
        match self {
            Self::WeightStats(weights) => weight_stats::encrypt(keys, weights),
            Self::SleepQuality(nights) => sleep_quality::encrypt(keys, nights),
            Self::AdTargeting(profile) => {
                let catalogue = catalogue.ok_or_else(|| wrong("a profile is encrypted for a catalogue"))?;
                ad_targeting::encrypt(keys, profile, catalogue)
            }
        }
    }

    /// The answer, checked against what was asked.
    ///
    /// # Errors
    /// [`PayloadError`] when the result is not one of this use case.
    pub fn decrypt(
        &self,
        keys: &ClientKeys,
        catalogue: Option<Arc<PublicCatalogue>>,
        result: &TaskResult,
    ) -> Result<Answer, PayloadError> {
        match self {
            Self::WeightStats(_) => Answer::weight_stats(keys, result),
            Self::SleepQuality(nights) => {
                let answer = Answer::sleep_quality(keys, result)?;
                let complete = matches!(&answer, Answer::SleepQuality(scores) if scores.len() == nights.len());
                if complete { Ok(answer) } else { Err(wrong("the result has not one score for each night")) }
            }
            Self::AdTargeting(_) => {
                let catalogue = catalogue.ok_or_else(|| wrong("scores are decrypted for a catalogue"))?;
                Answer::ad_targeting(keys, result, catalogue)
            }
        }
    }
}

impl Answer {
    /// From the named documents `avg`, `min`, `max`.
    ///
    /// # Errors
    /// [`PayloadError`].
    pub fn weight_stats(keys: &ClientKeys, result: &TaskResult) -> Result<Self, PayloadError> {
        let TaskResult::Named(documents) = result else { return Err(wrong("expected the JSON with avg, min and max")) };
        let value = |name: &str| {
            let document = documents.get(name).ok_or_else(|| PayloadError(format!("the result lacks `{name}`")))?;
            weight_stats::decrypt(keys, document)
        };
        Ok(Self::WeightStats(Statistics { min: value("min")?, max: value("max")?, avg: value("avg")? }))
    }

    /// From one document.
    ///
    /// # Errors
    /// [`PayloadError`].
    pub fn sleep_quality(keys: &ClientKeys, result: &TaskResult) -> Result<Self, PayloadError> {
        sleep_quality::decrypt(keys, one(result)?).map(Self::SleepQuality)
    }

    /// From one document, made with exactly this catalogue.
    ///
    /// # Errors
    /// [`PayloadError`].
    pub fn ad_targeting(
        keys: &ClientKeys,
        result: &TaskResult,
        catalogue: Arc<PublicCatalogue>,
    ) -> Result<Self, PayloadError> {
        let scores = ad_targeting::decrypt(keys, one(result)?, &catalogue)?;
        Ok(Self::AdTargeting { scores, catalogue })
    }
}

fn one(result: &TaskResult) -> Result<&[u8], PayloadError> {
    match result {
        TaskResult::One(document) => Ok(document),
        _ => Err(wrong("expected one encrypted document")),
    }
}
