//! The text after `/`: `use:weight_stats state:failure uid:3f worker:a age>5m 936da01f`. A word without a qualifier is
//! the beginning of a task id, or of a use case's name.

mod complete;

use crate::{
    clock::{duration_words, parse_duration},
    snapshot::TaskState,
};

pub use complete::{Vocabulary, completions};

/// Conditions that a listed task meets, all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Task id begins with this.
    pub id: Option<String>,
    /// Uid's tag begins with this.
    pub uid: Option<String>,
    /// Name of the use case.
    pub use_case: Option<String>,
    /// Worker's name contains this.
    pub worker: Option<String>,
    /// It stands here.
    pub state: Option<TaskState>,
    /// It was queued longer ago than so many milliseconds.
    pub older_ms: Option<i64>,
    /// It was queued less long ago than so many milliseconds.
    pub younger_ms: Option<i64>,
}

/// Qualifiers, with what they mean.
pub const QUALIFIERS: [(&str, &str); 7] = [
    ("id:", "task id begins with"),
    ("use:", "use case"),
    ("state:", "state"),
    ("uid:", "user tag begins with"),
    ("worker:", "worker name contains"),
    ("age>", "queued longer ago than"),
    ("age<", "queued less long ago than"),
];

impl Filter {
    /// Does it let everything pass?
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Reads a filter. `use_cases` are the names that a use case may be abbreviated to the beginning of.
    ///
    /// # Errors
    /// A sentence that says what is not understood.
    pub fn parse(text: &str, use_cases: &[String]) -> Result<Self, String> {
        let mut filter = Self::default();
        for word in text.split_whitespace() {
            if !filter.add_age(word)? {
                filter.add(word, use_cases)?;
            }
        }
        Ok(filter)
    }

    /// `age>5m`, `age<1h`. `false`: it is none of them.
    fn add_age(&mut self, word: &str) -> Result<bool, String> {
        let (place, value) = if let Some(value) = word.strip_prefix("age>") {
            (&mut self.older_ms, value)
        } else if let Some(value) = word.strip_prefix("age<") {
            (&mut self.younger_ms, value)
        } else {
            return Ok(false);
        };
        let age = parse_duration(value).ok_or_else(|| format!("{word}: an age is like 90s, 5m, 2h or 1d"))?;
        *place = Some(age);
        Ok(true)
    }

    fn add(&mut self, word: &str, use_cases: &[String]) -> Result<(), String> {
        match word.split_once(':') {
            Some((_, "")) => return Err(format!("{word} needs a value")),
            Some(("id", value)) => self.id = Some(hex(value)?),
            Some(("uid", value)) => self.uid = Some(hex(value.trim_start_matches('#'))?),
            Some(("worker", value)) => self.worker = Some(value.to_owned()),
            Some(("use", value)) => self.use_case = Some(use_case(value, use_cases)?),
            Some(("state", value)) => self.state = Some(state(value)?),
            Some((qualifier, _)) => {
                return Err(format!("no qualifier {qualifier}: (there are id: use: state: uid: worker: age> age<)"));
            }
            None => self.add_bare(word, use_cases)?,
        }
        Ok(())
    }

    fn add_bare(&mut self, word: &str, use_cases: &[String]) -> Result<(), String> {
        let named = use_case(word, use_cases);
        // "ad" is both: a name is more likely meant by letters alone.
        let letters = word.len() >= 2 && word.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
        match (hex(word), named) {
            (Ok(_), Ok(name)) if letters => self.use_case = Some(name),
            (Ok(id), _) => self.id = Some(id),
            (Err(_), Ok(name)) => self.use_case = Some(name),
            (Err(_), Err(reason)) => return Err(format!("{reason}, and no beginning of an id")),
        }
        Ok(())
    }

    /// The conditions in words, for the line under the list.
    pub fn describe(&self) -> String {
        let parts = [
            self.id.as_ref().map(|id| format!("id begins with {id}")),
            self.use_case.as_ref().map(|name| format!("use case {name}")),
            self.state.map(|state| format!("state {}", state.word())),
            self.uid.as_ref().map(|tag| format!("user begins with {tag}")),
            self.worker.as_ref().map(|name| format!("worker contains {name}")),
            self.older_ms.map(|age| format!("older than {}", duration_words(age))),
            self.younger_ms.map(|age| format!("younger than {}", duration_words(age))),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

fn hex(text: &str) -> Result<String, String> {
    let lower = text.to_ascii_lowercase();
    if lower.len() <= 36 && lower.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
        Ok(lower)
    } else {
        Err(format!("{text} is no beginning of an id: ids are made of 0-9, a-f and -"))
    }
}

fn use_case(text: &str, use_cases: &[String]) -> Result<String, String> {
    if use_cases.iter().any(|name| name == text) {
        return Ok(text.to_owned());
    }
    let mut matching = use_cases.iter().filter(|name| name.starts_with(text));
    match (matching.next(), matching.next()) {
        (Some(name), None) => Ok(name.clone()),
        (Some(one), Some(two)) => Err(format!("{text} may be {one} or {two}")),
        (None, _) => Err(format!("no use case begins with {text}")),
    }
}

fn state(text: &str) -> Result<TaskState, String> {
    let mut matching = TaskState::ALL.into_iter().filter(|state| state.word().starts_with(text));
    match (matching.next(), matching.next()) {
        (Some(state), None) => Ok(state),
        (Some(one), Some(two)) => Err(format!("{text} may be {} or {}", one.word(), two.word())),
        (None, _) => {
            let words: Vec<_> = TaskState::ALL.iter().map(|state| state.word()).collect();
            Err(format!("no state begins with {text} (there are {})", words.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        ["ad_targeting", "sleep_quality", "weight_stats"].map(str::to_owned).to_vec()
    }

    fn parse(text: &str) -> Result<Filter, String> {
        Filter::parse(text, &names())
    }

    #[test]
    fn a_word_is_an_id_or_a_use_case() {
        assert_eq!(parse("936DA0").map(|f| f.id), Ok(Some("936da0".into())));
        assert_eq!(parse("weight").map(|f| f.use_case), Ok(Some("weight_stats".into())));
        assert_eq!(parse("ad").map(|f| (f.use_case, f.id)), Ok((Some("ad_targeting".into()), None)));
        assert_eq!(parse("a").map(|f| f.id), Ok(Some("a".into())));
        assert!(parse("xyz").is_err());
    }

    #[test]
    fn qualifiers_add_up() {
        let filter = parse("use:sleep uid:#3f worker:node-2/1 id:9").unwrap_or_default();
        assert_eq!(
            filter.describe(),
            "id begins with 9, use case sleep_quality, user begins with 3f, worker contains node-2/1"
        );
        for bad in ["use:nothing", "use:", "age:5", "age>", "age<5", "age>5x", "state:s", "state:x", "uid:zz", "id:'--"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert_eq!(parse("  "), Ok(Filter::default()));
        let aged = parse("state:fail age>5m age<1h").unwrap_or_default();
        assert_eq!(aged.describe(), "state failure, older than 5 min, younger than 1 h");
        assert_eq!((aged.older_ms, aged.younger_ms), (Some(300_000), Some(3_600_000)));
    }
}
