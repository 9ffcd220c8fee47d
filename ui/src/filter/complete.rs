//! What the word being typed may become.

use std::collections::BTreeSet;

use super::QUALIFIERS;
use crate::snapshot::{Snapshot, TaskState};

/// Ages worth offering.
const AGES: [&str; 4] = ["5m", "1h", "1d", "30s"];

/// Names that values are completed with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Vocabulary {
    /// What can be computed.
    pub use_cases: Vec<String>,
    /// Workers in few characters.
    pub workers: Vec<String>,
}

impl Vocabulary {
    /// What is known here: the server's use cases, and the workers of the fleet and of the tasks listed.
    pub fn of(snapshot: &Snapshot) -> Self {
        let fleet = snapshot.fleet.iter().flat_map(|fleet| &fleet.workers).map(|worker| &worker.short);
        let listed = snapshot.rows().iter().filter_map(|row| row.worker_short.as_ref());
        let workers: BTreeSet<_> = fleet.chain(listed).collect();
        Self { use_cases: snapshot.server.use_cases.clone(), workers: workers.into_iter().cloned().collect() }
    }
}

/// What the last word of `text` may become: whole texts, best first.
pub fn completions(text: &str, names: &Vocabulary) -> Vec<String> {
    // White space may be several bytes wide, as the one that does not break (U+00A0) is.
    let start = text.trim_end_matches(|c: char| !c.is_whitespace()).len();
    let (before, word) = text.split_at(start);
    let complete = |prefix: &str, part: &str, values: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        values
            .filter(|value| value.starts_with(part) && value.len() > part.len())
            .map(|value| format!("{before}{prefix}{value} "))
            .collect()
    };
    let mut use_cases = names.use_cases.iter().map(String::as_str);
    for (prefix, _) in QUALIFIERS {
        let Some(part) = word.strip_prefix(prefix) else { continue };
        return match prefix {
            "use:" => complete(prefix, part, &mut use_cases),
            "state:" => complete(prefix, part, &mut TaskState::ALL.iter().map(|state| state.word())),
            "worker:" => complete(prefix, part, &mut names.workers.iter().map(String::as_str)),
            "age>" | "age<" => complete(prefix, part, &mut AGES.into_iter()),
            _ => Vec::new(),
        };
    }
    let qualifiers = QUALIFIERS.iter().map(|(name, _)| *name).filter(|name| name.starts_with(word));
    let mut all: Vec<String> = qualifiers.map(|name| format!("{before}{name}")).collect();
    if !word.is_empty() {
        all.extend(complete("use:", word, &mut use_cases));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(text: &str) -> Vec<String> {
        let names = Vocabulary {
            use_cases: ["ad_targeting", "sleep_quality", "weight_stats"].map(str::to_owned).to_vec(),
            workers: ["kepler/0", "kepler/1"].map(str::to_owned).to_vec(),
        };
        completions(text, &names)
    }

    #[test]
    fn qualifiers_are_completed() {
        assert_eq!(completed("u"), ["use:", "uid:"]);
        assert_eq!(completed("sl"), ["use:sleep_quality "]);
        assert_eq!(completed("ag"), ["age>", "age<"]);
    }

    #[test]
    fn values_are_completed() {
        assert_eq!(completed("uid:3 use:we"), ["uid:3 use:weight_stats "]);
        assert_eq!(completed("state:s"), ["state:started ", "state:success "]);
        assert_eq!(completed("worker:kepler/"), ["worker:kepler/0 ", "worker:kepler/1 "]);
        assert_eq!(completed("age>5"), ["age>5m "]);
        assert!(completed("uid:3").is_empty());
    }

    #[test]
    fn white_space_of_several_bytes_ends_a_word_too() {
        for space in ["\u{a0}", "\u{3000}", "\u{2003}"] {
            assert_eq!(completed(&format!("uid:3{space}use:we")), [format!("uid:3{space}use:weight_stats ")]);
            assert_eq!(completed(&format!("sl{space}")).len(), QUALIFIERS.len());
        }
    }
}
