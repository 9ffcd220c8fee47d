//! The one table of keys: dispatch, footer and help read it. Lower case looks, UPPER CASE changes.

mod act;
mod bindings;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::snapshot::Role;

pub use act::Act;
pub use bindings::groups;

/// Where a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// The list of tasks.
    Tasks,
    /// The details of a task.
    Details,
    /// Nodes and workers.
    Workers,
    /// The run history.
    Benchmarks,
    /// The log.
    Logs,
    /// The audit log.
    Audit,
    /// The filter line.
    Filter,
    /// The question whether to change something.
    Confirm,
    /// The queues of the use cases.
    Queues,
    /// A text to read.
    Note,
    /// The question how to leave.
    Quit,
    /// The list of all keys.
    Help,
}

impl Context {
    /// Every context, with its title in the help.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::Tasks, "Tasks"),
        (Self::Details, "Details of a task"),
        (Self::Workers, "Workers"),
        (Self::Benchmarks, "Benchmarks"),
        (Self::Logs, "Logs"),
        (Self::Audit, "Audit"),
        (Self::Filter, "While typing a filter"),
        (Self::Confirm, "When asked to confirm"),
        (Self::Queues, "Among the queues"),
        (Self::Note, "Reading a text"),
        (Self::Quit, "When asked how to leave"),
        (Self::Help, "Here"),
    ];
}

/// A key with or without Ctrl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chord {
    /// The key.
    pub code: KeyCode,
    /// With Ctrl.
    pub ctrl: bool,
}

/// Keys that do the same.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Any of these.
    pub keys: &'static [Chord],
    /// What they do.
    pub act: Act,
    /// The keys in words.
    pub shown: &'static str,
    /// What they do, for the footer; empty: not there.
    pub label: &'static str,
    /// What they do, for the help.
    pub help: &'static str,
}

/// The keys of a context for a role, most useful first.
pub fn bindings(context: Context, role: Role) -> impl Iterator<Item = &'static Binding> {
    groups(context).iter().flat_map(|group| group.iter()).filter(move |binding| binding.act.is_for(role))
}

/// What a key does here, if anything.
pub fn lookup(context: Context, role: Role, event: &KeyEvent) -> Option<Act> {
    let chord = Chord { code: event.code, ctrl: event.modifiers.contains(KeyModifiers::CONTROL) };
    if event.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    bindings(context, role).find(|binding| binding.keys.contains(&chord)).map(|binding| binding.act)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const ROLES: [Role; 2] = [Role::Viewer, Role::Operator];

    fn is_upper(binding: &Binding) -> bool {
        binding.keys.iter().all(|chord| matches!(chord.code, KeyCode::Char('A'..='Z' | '+' | '-')))
    }

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for (context, title) in Context::ALL {
            let mut seen = HashSet::new();
            for chord in bindings(context, Role::Operator).flat_map(|binding| binding.keys) {
                assert!(seen.insert(format!("{chord:?}")), "{title}: {chord:?} twice");
            }
        }
    }

    #[test]
    fn every_key_of_every_footer_is_dispatched_to_what_the_footer_says() {
        for (context, title) in Context::ALL {
            for (role, binding) in ROLES.into_iter().flat_map(|role| bindings(context, role).map(move |b| (role, b))) {
                assert!(!binding.help.is_empty() && !binding.keys.is_empty(), "{title}: {}", binding.shown);
                for chord in binding.keys {
                    let modifiers = if chord.ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
                    let event = KeyEvent::new(chord.code, modifiers);
                    assert_eq!(lookup(context, role, &event), Some(binding.act), "{title}");
                }
            }
        }
    }

    #[test]
    fn upper_case_changes_and_lower_case_looks() {
        for (context, title) in Context::ALL {
            for binding in bindings(context, Role::Operator) {
                // "A" selects, which is of use for changes only; "G" is a habit from less and vim, and harmless.
                let habits = matches!(binding.act, Act::SelectAll | Act::Bottom);
                let upper = binding.keys.iter().any(|chord| matches!(chord.code, KeyCode::Char('A'..='Z' | '+' | '-')));
                assert_eq!(is_upper(binding), binding.act.changes() || binding.act == Act::SelectAll, "{title}");
                assert!(!upper || binding.act.changes() || habits, "{title}: {}", binding.shown);
            }
        }
    }

    #[test]
    fn a_viewer_has_no_key_that_changes_anything() {
        for (context, title) in Context::ALL {
            for code in (' '..='~').map(KeyCode::Char) {
                let act = lookup(context, Role::Viewer, &KeyEvent::from(code));
                assert!(!act.is_some_and(Act::changes), "{title}: {code:?} is {act:?}");
            }
        }
        assert_eq!(lookup(Context::Tasks, Role::Viewer, &KeyEvent::from(KeyCode::Char('C'))), None);
        assert_eq!(lookup(Context::Tasks, Role::Operator, &KeyEvent::from(KeyCode::Char('C'))), Some(Act::Cancel));
    }
}
