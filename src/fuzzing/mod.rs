//! What the fuzzers in `fuzz/` call: a function for each kind of input that strangers write, which panics when something
//! holds not that must hold for any bytes. Compiled for tests, which run the committed corpora through the same
//! functions, and with the cargo feature `fuzzing`; no program that is shipped has it.
//!
//! A target that needs the inside of a room lies there, in a file `fuzzing.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a fuzz target fails by panicking"
)]

mod evaluation_key;
mod filters;
mod script;
mod text;
mod wallet;

pub(crate) use script::Script;

/// A kind of input, and what has to hold for it.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Of its program in `fuzz/targets`, and of its corpus in `fuzz/corpus`.
    pub name: &'static str,
    /// Takes any bytes; panics when something does not hold.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: [Target; 9] = [
    Target { name: "config", run: crate::config::fuzzing::run },
    Target { name: "evaluation_key", run: evaluation_key::run },
    Target { name: "filters", run: filters::run },
    Target { name: "http", run: crate::api::fuzzing::request },
    Target { name: "input", run: crate::use_cases::fuzzing::input },
    Target { name: "records", run: crate::store::fuzzing::run },
    Target { name: "result", run: crate::use_cases::fuzzing::result },
    Target { name: "text", run: text::run },
    Target { name: "wallet", run: wallet::run },
];

/// The target of this name; the programs in `fuzz/` know theirs.
///
/// # Panics
/// When there is none.
pub fn target(name: &str) -> Target {
    *TARGETS.iter().find(|target| target.name == name).expect("a target of that name")
}

/// What may reach a terminal, a log or an answer: no control characters, nothing that changes the direction of writing.
pub(crate) fn assert_harmless(text: &str, most: usize) {
    let bad = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    assert!(!text.chars().any(bad), "{text:?} is not harmless");
    assert!(text.chars().count() <= most, "{} characters, at most {most}: {text:?}", text.chars().count());
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Files of a directory, by name.
    fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = std::fs::read_dir(dir)
            .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap()))
            .collect();
        files.sort();
        files
    }

    #[test]
    fn every_committed_corpus_passes_its_target() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
        for target in TARGETS {
            let corpus = files(&fuzz.join("corpus").join(target.name));
            assert!(corpus.len() >= 3, "{} has {} files", target.name, corpus.len());
            let bytes: usize = corpus.iter().map(|(_, bytes)| bytes.len()).sum();
            assert!(bytes <= 64 << 10, "{}: {bytes} bytes of corpus are not small", target.name);
            for (name, bytes) in corpus {
                let ran = std::panic::catch_unwind(|| (target.run)(&bytes));
                assert!(ran.is_ok(), "{}/{name}", target.name);
            }
            // Whatever the corpus, these are inputs too.
            for trifle in [&[][..], &[0], &[255; 64]] {
                (target.run)(trifle);
            }
        }
    }

    #[test]
    fn every_target_has_its_program_and_every_corpus_its_target() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
        let known: Vec<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
        let programs = files(&fuzz.join("targets")).into_iter().map(|(name, _)| name.replace(".rs", ""));
        assert_eq!(programs.collect::<Vec<_>>(), known);
        let mut corpora: Vec<String> = std::fs::read_dir(fuzz.join("corpus"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        corpora.sort();
        assert_eq!(corpora, known);
    }
}
