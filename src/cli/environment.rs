//! The word of `--env` and `CIPHERDECK_ENV`. Every command is given the variable, but only those that need the server's
//! settings look at it: a wrong word there must not keep anybody from revoking a token.

use std::ffi::OsStr;

use clap::{
    Arg, Command, ValueEnum as _,
    builder::{PossibleValue, TypedValueParser},
};
use color_eyre::eyre::eyre;

use super::Failure;
use crate::config::Environment;

/// What was said; any text.
#[derive(Clone, Debug)]
pub(super) struct Word(String);

impl Default for Word {
    fn default() -> Self {
        Self(Environment::default().word().to_owned())
    }
}

impl Word {
    /// What it means.
    pub(super) fn environment(&self) -> Result<Environment, Failure> {
        Environment::from_str(&self.0, false).map_err(|_| {
            let words: Vec<_> = Environment::value_variants().iter().map(|env| env.word()).collect();
            let word = crate::text::sanitise(&self.0, 40);
            Failure::Usage(eyre!("--env or CIPHERDECK_ENV: {word:?} is not allowed; allowed is {}", words.join(", ")))
        })
    }
}

/// Takes any word, and shows those that mean something in help and completions.
#[derive(Clone)]
pub(super) struct AnyWord;

impl TypedValueParser for AnyWord {
    type Value = Word;

    fn parse_ref(&self, _: &Command, _: Option<&Arg>, value: &OsStr) -> Result<Word, clap::Error> {
        Ok(Word(value.to_string_lossy().into_owned()))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Environment::value_variants().iter().filter_map(clap::ValueEnum::to_possible_value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_means_an_environment_or_is_answered_with_those_that_do() {
        assert_eq!(Word::default().environment().ok(), Some(Environment::Dev));
        assert_eq!(Word("prod".to_owned()).environment().ok(), Some(Environment::Prod));
        let Err(Failure::Usage(error)) = Word("production".to_owned()).environment() else { panic!("it is one") };
        assert!(error.to_string().contains("dev, staging, prod"), "{error}");
    }
}
