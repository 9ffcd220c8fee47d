//! All keys, as the help lists them: those of the present screen first.

use crate::{
    keymap::{Binding, Context, bindings},
    snapshot::{Role, ScreenKind, Snapshot},
    text::wrap,
};

/// Columns of a sentence.
const ROOM: usize = 54;

/// One line of the help.
#[derive(Debug, Clone)]
pub enum Line {
    /// Nothing.
    Blank,
    /// A sentence.
    Text(String),
    /// Where the keys below work.
    Title(&'static str),
    /// A key.
    Key(&'static Binding),
}

/// Everything that the help says, to somebody who looks at `screen`.
pub fn lines(screen: ScreenKind, snapshot: &Snapshot) -> Vec<Line> {
    let mut lines = vec![Line::Text(match snapshot.role {
        Role::Operator => "lower case looks, UPPER CASE changes".to_owned(),
        Role::Viewer => "you are a viewer: you look and change nothing".to_owned(),
    })];
    let here = context(screen);
    let (first, rest): (Vec<_>, Vec<_>) = Context::ALL.into_iter().partition(|(context, _)| *context == here);
    for (context, title) in first.into_iter().chain(rest) {
        lines.push(Line::Blank);
        lines.push(Line::Title(title));
        lines.extend(bindings(context, snapshot.role).map(Line::Key));
        lines.extend(sentences(context, snapshot).into_iter().flat_map(|text| wrap(&text, ROOM)).map(Line::Text));
    }
    lines
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
fn sentences(context: Context, snapshot: &Snapshot) -> Vec<String> {
    match context {
        Context::Tasks => {
            vec!["The list is in the order of the store; sorted by a column it is sorted page by page.".to_owned()]
        }
        Context::Benchmarks => {
            let rule = snapshot.history.as_ref().map(|history| history.rule.clone()).unwrap_or_default();
            vec!["NEWEST compares the newest runs with those before them.".to_owned(), rule]
        }
        _ => Vec::new(),
    }
}
