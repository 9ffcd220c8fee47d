//! Which lines are written: a filter of `tracing`, changed while the server runs.

use std::sync::Arc;

use parking_lot::Mutex;
use tracing_subscriber::EnvFilter;

use crate::text::sanitise;

/// No filter is longer, in bytes.
const MOST: usize = 1_000;

/// Levels, as they stand alone in a filter.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// The text is no filter. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("allowed is error, warn, info, debug, trace, or a filter such as info,cipherdeck::worker=debug ({0})")]
pub struct FilterError(String);

/// The program's own rooms, as the console shows them before a line.
const ROOMS: [&str; 21] = [
    "api",
    "bench",
    "blobs",
    "cli",
    "client",
    "codec",
    "config",
    "console",
    "fhe",
    "files",
    "monitor",
    "operator",
    "priority",
    "server",
    "store",
    "task",
    "text",
    "tls",
    "use_cases",
    "vault",
    "worker",
];

/// The filter with its rooms' whole names: `worker::job=debug` is `cipherdeck::worker::job=debug`. Other targets are those
/// of libraries.
fn whole(text: &str) -> String {
    let word = |word: &str| {
        let word = word.trim();
        let first = word.split([':', '=', '[']).next().unwrap_or_default();
        if ROOMS.contains(&first) { format!("cipherdeck::{word}") } else { word.to_owned() }
    };
    text.split(',').map(word).collect::<Vec<_>>().join(",")
}

/// Reads a filter. What strangers say through a library of ours is left out unless the filter names it.
///
/// # Errors
/// [`FilterError`], also for a lone word that is no level: it would silence everything but a module of that name.
pub fn filter(text: &str) -> Result<EnvFilter, FilterError> {
    if text.len() > MOST {
        return Err(FilterError(format!("it has more than {MOST} bytes")));
    }
    let words: Vec<&str> = text.split(',').map(str::trim).collect();
    let strange = |word: &&&str| !word.contains(['=', '[']) && !LEVELS.iter().any(|it| it.eq_ignore_ascii_case(word));
    if let Some(word) = words.iter().find(strange) {
        return Err(FilterError(format!("`{}` is no level", sanitise(word, 40))));
    }
    // `tracing` takes no space behind a comma, people write one.
    let filter = EnvFilter::try_new(whole(text)).map_err(|error| FilterError(sanitise(&error.to_string(), 200)))?;
    if text.contains("russh") {
        return Ok(filter);
    }
    // Its words are a stranger's, at levels of its own choice; what operators must know, `console::ssh` says.
    let quiet = "russh=off".parse().map_err(|_| FilterError("russh cannot be left out".to_owned()))?;
    Ok(filter.add_directive(quiet))
}

/// Puts a filter into force.
type Apply = Box<dyn Fn(EnvFilter) -> Result<(), String> + Send + Sync>;

/// The filter in force. Clones share it.
#[derive(Clone, Default)]
pub struct LogLevel(Arc<Mutex<State>>);

struct State {
    text: String,
    apply: Option<Apply>,
}

impl Default for State {
    fn default() -> Self {
        Self { text: "info".to_owned(), apply: None }
    }
}

impl LogLevel {
    /// From now on `apply` puts filters into force; `text` is the present one.
    pub fn govern(&self, text: &str, apply: impl Fn(EnvFilter) -> Result<(), String> + Send + Sync + 'static) {
        *self.0.lock() = State { text: text.to_owned(), apply: Some(Box::new(apply)) };
    }

    /// The filter in force.
    pub fn text(&self) -> String {
        self.0.lock().text.clone()
    }

    /// Puts another filter into force, until it is changed again or the program ends. Answers the one before.
    ///
    /// # Errors
    /// [`FilterError`]; nothing is changed then.
    pub fn set(&self, text: &str) -> Result<String, FilterError> {
        let filter = filter(text)?;
        let mut state = self.0.lock();
        if let Some(apply) = &state.apply {
            apply(filter).map_err(FilterError)?;
        }
        Ok(std::mem::replace(&mut state.text, whole(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_levels_and_targets_with_levels_and_nothing_that_silences_by_mistake() {
        for good in ["info", "WARN", "off", "info,cipherdeck::worker=debug", "warn, h2=trace", "[request]=debug,info"] {
            assert!(filter(good).is_ok(), "{good}");
        }
        for bad in
            ["", "inof", "info,", "info,worker", "a=b=c", "info;debug", "cipherdeck=loud", &"x=info,".repeat(200)]
        {
            assert!(filter(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_room_may_be_named_as_the_console_shows_it() {
        for (given, meant) in [
            ("info,worker=debug", "info,cipherdeck::worker=debug"),
            ("warn, store::redis=trace", "warn,cipherdeck::store::redis=trace"),
            ("info,cipherdeck::worker=debug,h2=off,workers=info", "info,cipherdeck::worker=debug,h2=off,workers=info"),
            ("[request]=debug,info", "[request]=debug,info"),
        ] {
            assert_eq!(whole(given), meant);
        }
        let level = LogLevel::default();
        level.set("info,worker=debug").unwrap();
        assert_eq!(level.text(), "info,cipherdeck::worker=debug");
    }

    #[test]
    fn the_rooms_are_those_of_the_program() {
        let library = include_str!("../../lib.rs");
        let rooms: Vec<&str> =
            library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
        assert_eq!(rooms.iter().filter(|room| **room != "fuzzing").copied().collect::<Vec<_>>(), ROOMS);
    }

    #[test]
    fn a_bad_filter_changes_nothing() {
        let level = LogLevel::default();
        let applied = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&applied);
        level.govern("info", move |filter| {
            heard.lock().push(filter.to_string());
            Ok(())
        });
        assert_eq!(level.set("debug"), Ok("info".to_owned()));
        assert!(level.set("inof").is_err());
        assert_eq!((level.text().as_str(), applied.lock().len()), ("debug", 1));
    }
}
