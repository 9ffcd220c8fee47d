//! All keys, as the help lists them: those of the present screen first.

use crate::{
    keymap::{Act, Binding, Context, bindings},
    snapshot::{Role, ScreenKind, Snapshot},
    text::wrap,
};

/// Columns of the keys.
pub const KEYS: usize = 12;

/// Columns for sentences on a screen so wide.
pub fn room(width: u16) -> usize {
    usize::from(width.saturating_sub(4)).saturating_sub(KEYS).clamp(20, 60)
}

/// One line of the help.
#[derive(Debug, Clone)]
pub enum Line {
    /// Nothing.
    Blank,
    /// A sentence.
    Text(String),
    /// Where the keys below work.
    Title(&'static str),
    /// A key and what it does; without a key: the sentence of the key above goes on.
    Key(&'static str, String),
}

/// Everything that the help says to somebody who looks at `screen`, in lines of at most `room` columns behind the
/// keys.
pub fn lines(screen: ScreenKind, snapshot: &Snapshot, room: usize) -> Vec<Line> {
    let mut lines = vec![Line::Text(match snapshot.role {
        Role::Operator => "lower case looks, UPPER CASE changes".to_owned(),
        Role::Viewer => "you are a viewer: you look and change nothing".to_owned(),
    })];
    let here = context(screen);
    let (first, rest): (Vec<_>, Vec<_>) = Context::ALL.into_iter().partition(|(context, _)| *context == here);
    for (context, title) in first {
        section(&mut lines, title, own(context, snapshot.role), room);
        sentences(&mut lines, context, snapshot, room);
    }
    let common = bindings(Context::Tasks, snapshot.role).filter(|binding| is_common(binding.act));
    section(&mut lines, "On every screen", common, room);
    for (context, title) in rest {
        section(&mut lines, title, own(context, snapshot.role), room);
        sentences(&mut lines, context, snapshot, room);
    }
    lines
}

fn section(lines: &mut Vec<Line>, title: &'static str, keys: impl Iterator<Item = &'static Binding>, room: usize) {
    lines.extend([Line::Blank, Line::Title(title)]);
    for binding in keys {
        let texts = wrap(binding.help, room).into_iter().enumerate();
        lines.extend(texts.map(|(index, text)| Line::Key(if index == 0 { binding.shown } else { "" }, text)));
    }
}

/// The keys that a context does not share with all screens.
fn own(context: Context, role: Role) -> impl Iterator<Item = &'static Binding> {
    let is_list = matches!(
        context,
        Context::Tasks | Context::Workers | Context::Benchmarks | Context::Logs | Context::Audit | Context::Details
    );
    bindings(context, role).filter(move |binding| binding.act != Act::Interrupt && !(is_list && is_common(binding.act)))
}

/// What means the same on every screen.
const fn is_common(act: Act) -> bool {
    matches!(
        act,
        Act::Up
            | Act::Down
            | Act::PageUp
            | Act::PageDown
            | Act::Top
            | Act::NextScreen
            | Act::PreviousScreen
            | Act::NumberedScreen
            | Act::SortNext
            | Act::SortPrevious
            | Act::Reverse
            | Act::Copy
            | Act::Freeze
            | Act::Panels
            | Act::Theme
            | Act::Help
            | Act::Quit
            | Act::Back
            | Act::Interrupt
    )
}

/// The keys of a screen.
const fn context(screen: ScreenKind) -> Context {
    match screen {
        ScreenKind::Tasks => Context::Tasks,
        ScreenKind::Workers => Context::Workers,
        ScreenKind::Benchmarks => Context::Benchmarks,
        ScreenKind::Logs => Context::Logs,
        ScreenKind::Audit => Context::Audit,
    }
}

/// What keys alone do not explain.
fn sentences(lines: &mut Vec<Line>, context: Context, snapshot: &Snapshot, room: usize) {
    let rule = snapshot.history.as_ref().map(|history| history.rule.clone()).unwrap_or_default();
    let texts = match context {
        Context::Tasks => {
            vec!["The list is in the order of the store; by a column it is sorted page by page.".to_owned()]
        }
        Context::Benchmarks => vec!["NEWEST compares the newest runs with those before them.".to_owned(), rule],
        _ => Vec::new(),
    };
    lines.extend(texts.iter().flat_map(|text| wrap(text, room)).map(Line::Text));
}
