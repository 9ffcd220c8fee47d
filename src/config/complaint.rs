//! What is wrong with a source of settings, without what must not be shown. A file holds passwords, and so may a line of it
//! that is no TOML, or a value in a wrong place.

use super::{ConfigError, without_password};

/// A file or variable that cannot be read.
pub(super) fn unreadable(error: &config::ConfigError) -> ConfigError {
    ConfigError::Source(match error {
        config::ConfigError::FileParse { uri: Some(file), cause } => {
            format!("{file}: {}", without_excerpt(&cause.to_string()))
        }
        config::ConfigError::FileParse { uri: None, cause } => without_excerpt(&cause.to_string()),
        other => other.to_string(),
    })
}

/// A value that does not belong where it is.
pub(super) fn misplaced(error: &config::ConfigError) -> ConfigError {
    ConfigError::Source(without_passwords(&error.to_string()))
}

/// The same, with its setting.
pub(super) fn misplaced_at(setting: &str, error: &config::ConfigError) -> ConfigError {
    let text = without_passwords(&error.to_string());
    ConfigError::Source(if text.contains(setting) { text } else { format!("{setting}: {text}") })
}

/// The parser of TOML says where on its first line and what on its last one; between them it shows the line of the file.
fn without_excerpt(text: &str) -> String {
    let mut lines = text.lines().filter(|line| !line.is_empty());
    match (lines.next(), lines.next_back()) {
        (Some(place), Some(problem)) => format!("{place}: {problem}"),
        (only, _) => only.unwrap_or_default().to_owned(),
    }
}

/// Quoted values as they may be shown. A quotation mark inside of one stands behind a backslash.
fn without_passwords(text: &str) -> String {
    let (mut shown, mut value) = (String::new(), String::new());
    let (mut inside, mut escaped) = (false, false);
    for c in text.chars() {
        let mark = c == '"' && !escaped;
        escaped = c == '\\' && inside && !escaped;
        if mark {
            shown += &without_password(&std::mem::take(&mut value));
            inside = !inside;
        }
        let kept = if inside && !mark { &mut value } else { &mut shown };
        kept.push(c);
    }
    shown + &without_password(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_and_a_problem_are_left_of_an_excerpt() {
        let text = "TOML parse error at line 2, column 10\n  |\n2 | nonsense hunter2\n  |          ^\nno value, expected `=`\n";
        assert_eq!(without_excerpt(text), "TOML parse error at line 2, column 10: no value, expected `=`");
        assert_eq!(without_excerpt("too large\n"), "too large");
        assert_eq!(without_excerpt(""), "");
    }

    #[test]
    fn quoted_addresses_lose_their_passwords_and_other_values_stay() {
        for (text, shown) in [
            (
                r#"invalid type: string "many", expected an integer"#,
                r#"invalid type: string "many", expected an integer"#,
            ),
            (r#"string "redis://:hunter2@h", expected a map"#, r#"string "redis://h", expected a map"#),
            (r#"string "redis://:hun\"ter2@h" and "b""#, r#"string "redis://h" and "b""#),
            (r#"string "redis://:hunter2\\" and "a:hunter2@b""#, r#"string "redis://:hunter2\\" and "b""#),
            (r#"never closed "a:hunter2@b"#, r#"never closed "b"#),
        ] {
            assert_eq!(without_passwords(text), shown);
        }
    }
}
