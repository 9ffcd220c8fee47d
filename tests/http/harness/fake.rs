//! Use cases whose check does what an input says, and whose kernel is never called.

use std::{path::Path, sync::Arc};

use cipherdeck::{
    fhe::{Context, ServerKey},
    use_cases::{InputError, InputFacts, KernelError, Output, Parameter, Registry, UseCase, UseCaseInfo},
};

/// Needs no key; one output.
pub(crate) const ECHO: &str = "echo";
/// Needs a key.
pub(crate) const LOCKED: &str = "locked";
/// No valid input of `echo` is longer.
pub(crate) const MAX_INPUT: u64 = 256 << 10;

/// A use case whose check looks at four bytes and whose kernel is never called.
struct Fake {
    name: &'static str,
    needs_key: bool,
}

impl UseCase for Fake {
    fn info(&self) -> UseCaseInfo {
        UseCaseInfo {
            name: self.name,
            description: "A use case of the tests",
            input: "four letters",
            output: "whatever the test says",
            parameters: vec![Parameter { name: "letters", value: "4".to_owned() }],
            needs_key: self.needs_key,
            max_input_bytes: MAX_INPUT,
        }
    }

    fn check(&self, input: &[u8]) -> Result<InputFacts, InputError> {
        let why = "the test wants it".to_owned();
        match input.get(..4) {
            Some(b"GOOD") => Ok(InputFacts { capability: self.capability() }),
            Some(b"OTHR") => Err(InputError::WrongUseCase(why)),
            Some(b"PARM") => Err(InputError::WrongParameters(why)),
            Some(b"CATA") => Err(InputError::CatalogueChanged(why)),
            Some(b"BOOM") => panic!("the check has a bug"),
            _ => Err(InputError::Invalid(why)),
        }
    }

    fn run(&self, _: Option<&ServerKey>, _: &[u8], _: &Context) -> Result<Output, KernelError> {
        Err(KernelError::Refused("the test is the worker".to_owned()))
    }
}

/// Three ads, so that the real catalogue's code answers `/get_ads`.
const ADS: &str = "id,title,description,genders,age_groups,languages,kids,countries,interests\n\
    a1,Bikes,Two wheels,female,,English,0,France,Bicycle:5|Travel:2\n\
    a2,Books,Paper,,senior,,0,,Books:4\n\
    a3,Toys,For <kids>,,,,1,,\n";

/// The real use cases, with few ads, and those of the tests.
pub(super) fn registry(dir: &Path) -> Registry {
    let catalogue = dir.join("ads.csv");
    std::fs::write(&catalogue, ADS).unwrap();
    Registry::standard(&catalogue)
        .unwrap()
        .with(Arc::new(Fake { name: ECHO, needs_key: false }))
        .with(Arc::new(Fake { name: LOCKED, needs_key: true }))
}
