//! Ids and filters: what operators type after `/`, and what clients and operators put into queries.

use cipherdeck_ui::filter::{Filter, Vocabulary, completions};

use crate::task::{Digest, FailureLabel, Status, TaskId, Token, Uid};

/// Any text.
pub(super) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for word in text.split_whitespace().chain([&*text]) {
        id(word);
    }
    typed(&text);
    crate::store::fuzzing::cursor(&text);
    crate::api::fuzzing::query(&text);
}

/// What is an id has one form, which is how it is written again.
fn id(text: &str) {
    if let Ok(id) = text.parse::<Uid>() {
        assert_eq!(id.expose(), text);
        assert!(!format!("{id:?}").contains(text), "a uid in a debug text");
        assert!(id.tag().len() == 8 && text.len() == 36);
    }
    if let Ok(id) = text.parse::<TaskId>() {
        assert_eq!(id.to_string(), text);
    }
    if let Ok(token) = text.parse::<Token>() {
        assert_eq!(token.to_string(), text);
    }
    if let Ok(digest) = text.parse::<Digest>() {
        assert_eq!(digest.to_string(), text.to_ascii_lowercase());
    }
    if let Ok(status) = text.parse::<Status>() {
        assert_eq!(status.word(), text);
    }
    if let Ok(label) = text.parse::<FailureLabel>() {
        assert_eq!(label.word(), text);
    }
}

/// The console's filter and what it offers for completion.
fn typed(text: &str) {
    let use_cases = ["ad_targeting", "sleep_quality", "weight_stats"].map(str::to_owned).to_vec();
    if let Ok(filter) = Filter::parse(text, &use_cases) {
        assert!(filter.older_ms.is_none_or(|age| age >= 0) && filter.younger_ms.is_none_or(|age| age >= 0));
        assert_eq!(filter.is_empty(), filter.describe().is_empty());
        let lower = |id: &Option<String>| id.as_ref().is_none_or(|id| id.len() <= 36 && *id == id.to_ascii_lowercase());
        assert!(lower(&filter.id) && lower(&filter.uid));
    }
    let names = Vocabulary { use_cases, workers: vec!["node/0".to_owned()] };
    let before = text.rfind(char::is_whitespace).map_or("", |at| &text[..at]);
    for completion in completions(text, &names) {
        assert!(completion.starts_with(before) && completion != text, "{text:?} -> {completion:?}");
    }
}
