//! Ad targeting from the outside: the catalogue file, real encryption end to end, hostile payloads.

mod catalogue;
mod generator;
mod payloads;
mod scores;

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use cipherdeck::{
    fhe::{ClientKeys, Context},
    use_cases::{
        InputError, Output, UseCase,
        ad_targeting::{AdTargeting, Catalogue, FEATURES, PublicCatalogue, decrypt, encrypt, feature_names},
    },
};

/// The built-in catalogue as text.
const ADS_CSV: &str = include_str!("../../config/ads.csv");

/// First line of every catalogue.
const HEADER: &str = "id,title,description,genders,age_groups,languages,kids,countries,interests\n";

/// One client for all tests here.
static KEYS: LazyLock<ClientKeys> = LazyLock::new(ClientKeys::generate);

/// The server with the built-in catalogue.
static BUILT_IN: LazyLock<Server> = LazyLock::new(|| Server::new(Catalogue::load(Path::new("")).unwrap()));

/// A use case over a catalogue, and what its clients know.
struct Server {
    catalogue: Arc<Catalogue>,
    public: PublicCatalogue,
    use_case: AdTargeting,
}

impl Server {
    fn new(catalogue: Catalogue) -> Self {
        let catalogue = Arc::new(catalogue);
        let public = serde_json::from_slice(catalogue.public_json()).unwrap();
        let use_case = AdTargeting::new(Arc::clone(&catalogue));
        Self { catalogue, public, use_case }
    }

    /// From catalogue text.
    fn of(text: &str) -> Self {
        Self::new(Catalogue::parse("ads.csv", text.as_bytes()).unwrap())
    }

    fn encrypt(&self, profile: &[bool; FEATURES]) -> Vec<u8> {
        encrypt(&KEYS, profile, &self.public).unwrap()
    }

    fn run(&self, input: &[u8]) -> Vec<u8> {
        match self.use_case.run(None, input, &context()).unwrap() {
            Output::One(document) => document,
            Output::Named(_) => panic!("ad targeting gives one document"),
        }
    }

    /// The whole way: encrypt, check, compute, decrypt.
    fn scores(&self, profile: &[bool; FEATURES]) -> Vec<u16> {
        let input = self.encrypt(profile);
        let facts = self.use_case.check(&input).unwrap();
        assert_eq!(facts.capability, self.use_case.capability());
        decrypt(&KEYS, &self.run(&input), &self.public).unwrap()
    }
}

fn context() -> Context {
    Context::new(Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap()))
}
