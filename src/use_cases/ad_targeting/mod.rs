//! Relevance of every ad of a catalogue to an encrypted profile.
//!
//! A profile is 62 zeroes and ones ([`Profile`]), an ad is 62 weights ([`Catalogue`]), a score is their product
//! ([`rules`]). The client sends its profile as one small ciphertext under its own key ([`encrypt`]); the server
//! multiplies it by the weights of all ads without any evaluation key (`kernel`), and the client decrypts one score per
//! ad ([`decrypt`]). The server learns neither profile nor scores, and as every ad is scored, nothing from which ones
//! are asked for.

mod bits;
mod catalogue;
mod client;
mod features;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod kernel;
mod layout;
mod payload;
mod profile;
mod public;
mod rounding;
pub mod rules;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use catalogue::{Catalogue, CatalogueError};
pub use client::{decrypt, encrypt};
pub use features::{FEATURES, feature_names};
pub use profile::{Profile, ProfileError};
pub use public::{PublicAd, PublicCatalogue};

use super::{InputError, InputFacts, KernelError, Output, Parameter, UseCase, UseCaseInfo, wire::UseCaseId};
use crate::fhe::{Context, ServerKey};
use payload::{INPUT_BYTES, Request};

/// The use case, over one catalogue.
pub struct AdTargeting {
    catalogue: Arc<Catalogue>,
}

impl AdTargeting {
    /// Over this catalogue.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue }
    }
}

impl UseCase for AdTargeting {
    fn info(&self) -> UseCaseInfo {
        let parameter = |name, value: String| Parameter { name, value };
        let bits = self.catalogue.facts().bits;
        UseCaseInfo {
            name: UseCaseId::AdTargeting.name(),
            description: "Relevance of every ad of a public catalogue (GET /get_ads) to an encrypted profile. \
                          The client decrypts all scores and picks the best itself.",
            input: "62 features, each 0 or 1: gender, age group, language, kids, country, interests.",
            output: "One score per ad, in catalogue order: the sum of the ad's weights for the features of the profile.",
            parameters: vec![
                parameter("features", FEATURES.to_string()),
                parameter("ads", self.catalogue.rows().to_string()),
                parameter("catalogue_version", self.catalogue.version().to_owned()),
                parameter("plaintext_bits", bits.plaintext.to_string()),
                parameter("result_bits", bits.result.to_string()),
            ],
            needs_key: false,
            max_input_bytes: INPUT_BYTES as u64,
        }
    }

    /// A worker can run only requests for its own version of the catalogue.
    fn capability(&self) -> String {
        format!("{}@{}", UseCaseId::AdTargeting.name(), self.catalogue.version())
    }

    fn check(&self, input: &[u8]) -> Result<InputFacts, InputError> {
        Request::read(input, self.catalogue.facts())?;
        Ok(InputFacts { capability: self.capability() })
    }

    fn run(&self, _key: Option<&ServerKey>, input: &[u8], context: &Context) -> Result<Output, KernelError> {
        let request =
            Request::read(input, self.catalogue.facts()).map_err(|error| KernelError::Refused(error.to_string()))?;
        Ok(Output::One(kernel::run(&request, &self.catalogue, context)?))
    }
}
