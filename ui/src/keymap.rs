//! The one table of keys: dispatch, footer and help read it. Lower case looks, UPPER CASE changes.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Where a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// The list.
    List,
    /// The details of a task.
    Details,
    /// The filter line.
    Filter,
    /// The question whether to change something.
    Confirm,
    /// The question how to leave.
    Quit,
    /// The list of all keys.
    Help,
}

impl Context {
    /// Every context, with its title in the help.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::List, "In the list"),
        (Self::Details, "In the details"),
        (Self::Filter, "While typing a filter"),
        (Self::Confirm, "When asked to confirm"),
        (Self::Quit, "When asked how to leave"),
        (Self::Help, "Here"),
    ];
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Highlight the row above.
    Up,
    /// Highlight the row below.
    Down,
    /// The page before.
    PageUp,
    /// The page behind.
    PageDown,
    /// The first page's first row.
    Top,
    /// This page's last row.
    Bottom,
    /// The tab to the right.
    NextTab,
    /// The tab to the left.
    PreviousTab,
    /// The tab of this number.
    NumberedTab,
    /// Select or unselect the row.
    Select,
    /// Select every row of the page, or none.
    SelectPage,
    /// Open the details.
    Open,
    /// One step back: details, selection, filter.
    Back,
    /// Type a filter.
    Filter,
    /// Stop the screen from changing, or let it go on.
    Freeze,
    /// Show or hide the machine's load.
    Machine,
    /// Try the next colours.
    Theme,
    /// Copy the id.
    Copy,
    /// Cancel tasks.
    Cancel,
    /// Requeue tasks.
    Requeue,
    /// Show all keys.
    Help,
    /// Ask how to leave.
    Quit,
    /// Ctrl-C: ask how to leave; again: leave.
    Interrupt,
    /// Yes, do it.
    Yes,
    /// No, do not.
    No,
    /// Leave, the server goes on.
    Leave,
    /// Drain and stop the server.
    Drain,
    /// Apply the filter.
    Apply,
    /// Complete the last word.
    Complete,
    /// Remove a character.
    Erase,
    /// Remove a word.
    EraseWord,
    /// Remove everything.
    EraseAll,
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

const fn key(code: KeyCode) -> Chord {
    Chord { code, ctrl: false }
}

const fn ch(c: char) -> Chord {
    key(KeyCode::Char(c))
}

const fn ctrl(c: char) -> Chord {
    Chord { code: KeyCode::Char(c), ctrl: true }
}

const fn bind(
    keys: &'static [Chord],
    act: Act,
    shown: &'static str,
    label: &'static str,
    help: &'static str,
) -> Binding {
    Binding { keys, act, shown, label, help }
}

const UP: Binding = bind(&[key(KeyCode::Up), ch('k')], Act::Up, "↑ k", "", "row above");
const DOWN: Binding = bind(&[key(KeyCode::Down), ch('j')], Act::Down, "↓ j", "", "row below");
const CANCEL: Binding =
    bind(&[ch('C')], Act::Cancel, "C", "cancel", "cancel the selected tasks, else the highlighted one");
const REQUEUE: Binding =
    bind(&[ch('R')], Act::Requeue, "R", "requeue", "queue ended tasks again with their original input");
const COPY: Binding = bind(&[ch('y')], Act::Copy, "y", "copy id", "copy the task's id to the clipboard");
const FREEZE: Binding =
    bind(&[ch('f')], Act::Freeze, "f", "freeze", "freeze the screen; paging still looks at the present");
const HELP: Binding = bind(&[ch('?')], Act::Help, "?", "keys", "all keys");
const INTERRUPT: Binding =
    bind(&[ctrl('c')], Act::Interrupt, "Ctrl-C", "", "ask how to leave; twice: leave, the server goes on");

const LIST: &[Binding] = &[
    CANCEL,
    REQUEUE,
    bind(&[ch(' ')], Act::Select, "space", "mark", "select or unselect the row, then go down"),
    bind(&[key(KeyCode::Enter)], Act::Open, "enter", "open", "details of the task"),
    bind(&[ch('/')], Act::Filter, "/", "filter", "filter: id, use:NAME, uid:TAG, worker:NAME"),
    HELP,
    bind(&[ch('q')], Act::Quit, "q", "quit", "ask how to leave"),
    bind(&[key(KeyCode::Tab), key(KeyCode::Right), ch('l')], Act::NextTab, "tab", "state", "next state (also → l)"),
    FREEZE,
    bind(
        &[key(KeyCode::BackTab), key(KeyCode::Left), ch('h')],
        Act::PreviousTab,
        "shift-tab",
        "",
        "previous state (also ← h)",
    ),
    bind(&[ch('1'), ch('2'), ch('3'), ch('4'), ch('5'), ch('6')], Act::NumberedTab, "1-6", "", "state by its number"),
    UP,
    DOWN,
    bind(&[key(KeyCode::PageDown), ctrl('f'), ch('n')], Act::PageDown, "PgDn n", "", "next page"),
    bind(&[key(KeyCode::PageUp), ctrl('b'), ch('p')], Act::PageUp, "PgUp p", "", "previous page"),
    bind(&[key(KeyCode::Home), ch('g')], Act::Top, "Home g", "", "first page"),
    bind(&[key(KeyCode::End), ch('G')], Act::Bottom, "End G", "", "last row of this page"),
    bind(&[ch('a')], Act::SelectPage, "a", "", "select every row of this page, or none"),
    COPY,
    bind(&[ch('m')], Act::Machine, "m", "", "show or hide the machine's load"),
    bind(&[ch('t')], Act::Theme, "t", "", "other colours: dark, light, 16, none"),
    bind(&[key(KeyCode::Esc)], Act::Back, "esc", "", "drop the selection, then the filter"),
    INTERRUPT,
];

const DETAILS: &[Binding] = &[
    CANCEL,
    REQUEUE,
    COPY,
    FREEZE,
    HELP,
    bind(
        &[key(KeyCode::Esc), ch('q'), key(KeyCode::Enter)],
        Act::Back,
        "esc",
        "back",
        "back to the list (also q, enter)",
    ),
    bind(&[key(KeyCode::Up), ch('k')], Act::Up, "↑ k", "", "details of the row above"),
    bind(&[key(KeyCode::Down), ch('j')], Act::Down, "↓ j", "", "details of the row below"),
    bind(&[key(KeyCode::PageDown), ch('n')], Act::PageDown, "PgDn n", "", "scroll down"),
    bind(&[key(KeyCode::PageUp), ch('p')], Act::PageUp, "PgUp p", "", "scroll up"),
    INTERRUPT,
];

const FILTER: &[Binding] = &[
    bind(&[key(KeyCode::Enter)], Act::Apply, "enter", "apply", "apply; empty: no filter"),
    bind(&[key(KeyCode::Tab)], Act::Complete, "tab", "complete", "complete the last word"),
    bind(&[key(KeyCode::Esc)], Act::Back, "esc", "cancel", "keep the filter as it was"),
    bind(&[key(KeyCode::Backspace)], Act::Erase, "backspace", "", "remove a character; from nothing: leave"),
    bind(&[ctrl('w')], Act::EraseWord, "Ctrl-W", "", "remove a word"),
    bind(&[ctrl('u')], Act::EraseAll, "Ctrl-U", "clear", "remove everything"),
    INTERRUPT,
];

const CONFIRM: &[Binding] = &[
    bind(&[ch('y')], Act::Yes, "y", "yes", "do it"),
    bind(&[ch('n'), key(KeyCode::Esc), ch('q')], Act::No, "n", "no", "do nothing (also esc, q)"),
    INTERRUPT,
];

const QUIT: &[Binding] = &[
    bind(&[ch('l')], Act::Leave, "l", "leave", "close the dashboard, the server goes on"),
    bind(&[ch('D')], Act::Drain, "D", "drain and stop", "finish or give back what runs, then stop the server"),
    bind(&[ch('s'), ch('n'), key(KeyCode::Esc), ch('q')], Act::No, "s", "stay", "stay here (also esc, q)"),
    INTERRUPT,
];

const HELP_KEYS: &[Binding] = &[
    bind(&[ch('?'), key(KeyCode::Esc), ch('q')], Act::Back, "esc", "back", "close (also q, ?)"),
    bind(&[key(KeyCode::Up), ch('k')], Act::Up, "↑ k", "", "scroll up"),
    bind(&[key(KeyCode::Down), ch('j')], Act::Down, "↓ j", "", "scroll down"),
    INTERRUPT,
];

/// Lines of the list of all keys.
pub fn help_lines() -> usize {
    1 + Context::ALL.iter().map(|(context, _)| 2 + bindings(*context).len()).sum::<usize>()
}

/// The keys of a context, most useful first.
pub const fn bindings(context: Context) -> &'static [Binding] {
    match context {
        Context::List => LIST,
        Context::Details => DETAILS,
        Context::Filter => FILTER,
        Context::Confirm => CONFIRM,
        Context::Quit => QUIT,
        Context::Help => HELP_KEYS,
    }
}

/// What a key does here, if anything.
pub fn lookup(context: Context, event: &KeyEvent) -> Option<Act> {
    let chord = Chord { code: event.code, ctrl: event.modifiers.contains(KeyModifiers::CONTROL) };
    if event.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    bindings(context).iter().find(|binding| binding.keys.contains(&chord)).map(|binding| binding.act)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for (context, title) in Context::ALL {
            let mut seen = HashSet::new();
            for chord in bindings(context).iter().flat_map(|binding| binding.keys) {
                assert!(seen.insert(format!("{chord:?}")), "{title}: {chord:?} twice");
            }
        }
    }

    #[test]
    fn every_key_of_every_footer_is_dispatched_to_what_the_footer_says() {
        for (context, title) in Context::ALL {
            for binding in bindings(context) {
                assert!(!binding.help.is_empty() && !binding.keys.is_empty(), "{title}: {}", binding.shown);
                for chord in binding.keys {
                    let modifiers = if chord.ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
                    assert_eq!(lookup(context, &KeyEvent::new(chord.code, modifiers)), Some(binding.act), "{title}");
                }
            }
        }
    }

    #[test]
    fn what_changes_tasks_or_stops_the_server_is_upper_case() {
        for (context, _) in Context::ALL {
            for binding in bindings(context) {
                let changes = matches!(binding.act, Act::Cancel | Act::Requeue | Act::Drain);
                let upper = binding.keys.iter().all(|c| matches!(c.code, KeyCode::Char(c) if c.is_uppercase()));
                assert!(!changes || upper, "{}", binding.shown);
            }
        }
    }
}
