//! The text after `/`: `use:weight_stats uid:3f worker:a 936da01f`. A word without a qualifier is the beginning of a
//! task id, or of a use case's name.

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
}

/// Words before the colon, with what they mean.
pub const QUALIFIERS: [(&str, &str); 4] = [
    ("id:", "task id begins with"),
    ("use:", "use case"),
    ("uid:", "user tag begins with"),
    ("worker:", "worker name contains"),
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
            match word.split_once(':') {
                Some((_, "")) => return Err(format!("{word} needs a value")),
                Some(("id", value)) => filter.id = Some(hex(value)?),
                Some(("uid", value)) => filter.uid = Some(hex(value.trim_start_matches('#'))?),
                Some(("worker", value)) => filter.worker = Some(value.to_owned()),
                Some(("use", value)) => filter.use_case = Some(use_case(value, use_cases)?),
                Some((qualifier, _)) => {
                    return Err(format!("no qualifier {qualifier}: (there are id:, use:, uid:, worker:)"));
                }
                None => filter.add_bare(word, use_cases)?,
            }
        }
        Ok(filter)
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
            self.uid.as_ref().map(|tag| format!("user begins with {tag}")),
            self.worker.as_ref().map(|name| format!("worker contains {name}")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// What the last word of `text` may become: whole texts, best first.
pub fn completions(text: &str, use_cases: &[String]) -> Vec<String> {
    let start = text.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let (before, word) = text.split_at(start);
    let complete = |prefix: &str, part: &str| -> Vec<String> {
        use_cases
            .iter()
            .filter(|name| name.starts_with(part) && name.len() > part.len())
            .map(|name| format!("{before}{prefix}{name} "))
            .collect()
    };
    if let Some(part) = word.strip_prefix("use:") {
        return complete("use:", part);
    }
    let qualifiers = QUALIFIERS.iter().map(|(name, _)| *name).filter(|name| name.starts_with(word) && *name != word);
    let mut all: Vec<String> = qualifiers.map(|name| format!("{before}{name}")).collect();
    if !word.is_empty() {
        all.extend(complete("use:", word));
    }
    all
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
        for bad in ["use:nothing", "use:", "age:5", "uid:zz", "id:'--"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert_eq!(parse("  "), Ok(Filter::default()));
    }

    #[test]
    fn the_last_word_is_completed() {
        assert_eq!(completions("u", &names()), ["use:", "uid:"]);
        assert_eq!(completions("uid:3 use:we", &names()), ["uid:3 use:weight_stats "]);
        assert_eq!(completions("sl", &names()), ["use:sleep_quality "]);
        assert!(completions("uid:3", &names()).is_empty());
    }
}
