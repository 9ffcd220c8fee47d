//! Every key, group by group; a context is a sequence of groups. What stands first stays longest in a narrow footer.

use crossterm::event::KeyCode;

use super::{Act, Binding, Chord, Context};

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

const ESC: Chord = key(KeyCode::Esc);
const ENTER: Chord = key(KeyCode::Enter);

const CANCEL: &[Binding] =
    &[bind(&[ch('C')], Act::Cancel, "C", "cancel", "cancel the selected tasks, else the highlighted one")];
const REQUEUE: &[Binding] =
    &[bind(&[ch('R')], Act::Requeue, "R", "requeue", "queue ended tasks again with their original input")];
const DELETE: &[Binding] =
    &[bind(&[ch('X')], Act::Delete, "X", "delete", "delete ended tasks with their input and result")];
const PRIORITY: &[Binding] = &[
    bind(&[ch('+')], Act::Raise, "+", "raise", "raise the priority of waiting tasks by 1"),
    bind(&[ch('-')], Act::Lower, "-", "lower", "lower the priority of waiting tasks by 1"),
];
const QUEUES: &[Binding] =
    &[bind(&[ch('P')], Act::Queues, "P", "queues", "the queues of the use cases, to pause and resume them")];
const SELECT: &[Binding] =
    &[bind(&[ch(' ')], Act::Select, "space", "mark", "select or unselect the row, then go down")];
const SELECT_MORE: &[Binding] = &[
    bind(&[ch('a')], Act::SelectPage, "a", "", "select every row of this page, or none"),
    bind(&[ch('A')], Act::SelectAll, "A", "mark all", "select all that match tab and filter, at most 10,000"),
];
const OPEN_TASK: &[Binding] = &[bind(&[ENTER], Act::Open, "enter", "open", "details of the task")];
const OPEN_WORKER: &[Binding] = &[
    bind(&[ch('D')], Act::DrainWorker, "D", "drain", "let workers take no new tasks, or take them again"),
    bind(&[ENTER], Act::Open, "enter", "open", "the task of the worker; of an idle one or a node: all figures"),
];
const OPEN_RUNS: &[Binding] = &[
    bind(&[ch('E')], Act::Export, "E", "export", "write this span's runs to a CSV file in the data directory"),
    bind(&[ENTER], Act::Open, "enter", "figures", "all figures of the row"),
];
const OPEN_LINE: &[Binding] = &[bind(&[ENTER], Act::Open, "enter", "whole", "the whole line")];
const FILTER_TASKS: &[Binding] = &[bind(
    &[ch('/')],
    Act::Filter,
    "/",
    "filter",
    "filter: beginning of an id, use: state: uid: worker: age>5m age<1h",
)];
const FILTER_TEXT: &[Binding] = &[bind(&[ch('/')], Act::Filter, "/", "search", "only lines that contain a text")];
const LOG_LINES: &[Binding] = &[bind(&[ch('o')], Act::LogLines, "o", "log", "the log lines of the task")];
const COPY: &[Binding] = &[bind(&[ch('y')], Act::Copy, "y", "copy", "copy id, name or line to the clipboard")];
const HELP: &[Binding] = &[bind(&[ch('?')], Act::Help, "?", "keys", "all keys")];
const QUIT: &[Binding] = &[bind(&[ch('q')], Act::Quit, "q", "quit", "ask how to leave")];
const BACK: &[Binding] =
    &[bind(&[ESC], Act::Back, "esc", "", "one step back: selection, filter, the screen a jump came from")];
const SCREENS: &[Binding] = &[
    bind(&[ch('1'), ch('2'), ch('3'), ch('4'), ch('5')], Act::NumberedScreen, "1-5", "screen", "screen by its number"),
    bind(&[key(KeyCode::Tab)], Act::NextScreen, "tab", "", "next screen"),
    bind(&[key(KeyCode::BackTab)], Act::PreviousScreen, "shift-tab", "", "previous screen"),
];
const STATES: &[Binding] = &[
    bind(&[key(KeyCode::Right), ch('l')], Act::NextTab, "→ l", "state", "next state"),
    bind(&[key(KeyCode::Left), ch('h')], Act::PreviousTab, "← h", "", "previous state"),
];
const SPANS: &[Binding] = &[
    bind(&[key(KeyCode::Right), ch('l')], Act::NextTab, "→ l", "span", "look further back"),
    bind(&[key(KeyCode::Left), ch('h')], Act::PreviousTab, "← h", "", "look less far back"),
];
const LEVELS: &[Binding] = &[
    bind(&[key(KeyCode::Right), ch('l')], Act::NextTab, "→ l", "level", "only more serious lines"),
    bind(&[key(KeyCode::Left), ch('h')], Act::PreviousTab, "← h", "", "less serious lines, too"),
];
const FREEZE: &[Binding] =
    &[bind(&[ch('f')], Act::Freeze, "f", "freeze", "freeze the screen; paging still looks at the present")];
const SORT: &[Binding] = &[
    bind(&[ch('>'), ch('s')], Act::SortNext, ">", "sort", "sort by the next column (also s)"),
    bind(&[ch('<')], Act::SortPrevious, "<", "", "sort by the column before"),
    bind(&[ch('r')], Act::Reverse, "r", "", "sort the other way round"),
];
const MOVE: &[Binding] = &[
    bind(&[key(KeyCode::Up), ch('k')], Act::Up, "↑ k", "", "row above"),
    bind(&[key(KeyCode::Down), ch('j')], Act::Down, "↓ j", "", "row below"),
    bind(&[key(KeyCode::PageDown), ctrl('f'), ch('n')], Act::PageDown, "PgDn n", "", "next page"),
    bind(&[key(KeyCode::PageUp), ctrl('b'), ch('p')], Act::PageUp, "PgUp p", "", "previous page"),
    bind(&[key(KeyCode::Home), ch('g')], Act::Top, "Home g", "", "very first row"),
];
const LAST_ROW: &[Binding] = &[bind(&[key(KeyCode::End), ch('G')], Act::Bottom, "End G", "", "last row of this page")];
const FOLLOW: &[Binding] =
    &[bind(&[key(KeyCode::End), ch('G')], Act::Bottom, "End G", "follow", "the newest line, and follow the log")];
const GLOBAL: &[Binding] = &[
    bind(&[ch('m')], Act::Panels, "m", "", "show or hide load and graphs"),
    bind(&[ch('t')], Act::Theme, "t", "", "other colours: dark, light, 16, none"),
    INTERRUPT,
];
const INTERRUPT: Binding =
    bind(&[ctrl('c')], Act::Interrupt, "Ctrl-C", "", "ask how to leave; twice: leave, the server goes on");

const IN_DETAILS: &[Binding] = &[
    bind(&[ESC, ch('q'), ENTER], Act::Back, "esc", "back", "back to the list (also q, enter)"),
    bind(&[key(KeyCode::Up), ch('k')], Act::Up, "↑ k", "", "details of the row above"),
    bind(&[key(KeyCode::Down), ch('j')], Act::Down, "↓ j", "", "details of the row below"),
    bind(&[key(KeyCode::PageDown), ch('n')], Act::PageDown, "PgDn n", "scroll", "scroll down"),
    bind(&[key(KeyCode::PageUp), ch('p')], Act::PageUp, "PgUp p", "", "scroll up"),
    INTERRUPT,
];
const TYPING: &[Binding] = &[
    bind(&[ENTER], Act::Apply, "enter", "apply", "apply; empty: no filter"),
    bind(&[key(KeyCode::Tab)], Act::Complete, "tab", "complete", "complete the last word"),
    bind(&[ESC], Act::Back, "esc", "cancel", "keep the filter as it was"),
    bind(&[key(KeyCode::Backspace)], Act::Erase, "backspace", "", "remove a character; from nothing: leave"),
    bind(&[ctrl('w')], Act::EraseWord, "Ctrl-W", "", "remove a word"),
    bind(&[ctrl('u')], Act::EraseAll, "Ctrl-U", "clear", "remove everything"),
    INTERRUPT,
];
const CONFIRM: &[Binding] = &[
    bind(&[ch('y')], Act::Yes, "y", "yes", "do it"),
    bind(&[ch('n'), ESC, ch('q')], Act::No, "n", "no", "do nothing (also esc, q)"),
    INTERRUPT,
];
const AMONG_QUEUES: &[Binding] = &[
    bind(&[ch('P')], Act::TogglePause, "P", "pause or resume", "pause or resume the highlighted queue"),
    bind(&[ESC, ch('q')], Act::No, "esc", "back", "close (also q)"),
    bind(&[key(KeyCode::Up), ch('k')], Act::Up, "↑ k", "", "queue above"),
    bind(&[key(KeyCode::Down), ch('j')], Act::Down, "↓ j", "", "queue below"),
    INTERRUPT,
];
const LEAVING: &[Binding] = &[
    bind(&[ch('l')], Act::Leave, "l", "leave", "close the dashboard, the server goes on"),
    bind(&[ch('D')], Act::Drain, "D", "drain and stop", "finish or give back what runs, then stop the server"),
    bind(&[ch('s'), ch('n'), ESC, ch('q')], Act::No, "s", "stay", "stay here (also esc, q)"),
    INTERRUPT,
];
const READING: &[Binding] = &[
    bind(&[ESC, ch('q'), ENTER], Act::Back, "esc", "back", "close (also q, enter)"),
    bind(&[ch('y')], Act::Copy, "y", "copy", "copy what was opened to the clipboard"),
    bind(&[key(KeyCode::Up), ch('k')], Act::Up, "↑ k", "", "scroll up"),
    bind(&[key(KeyCode::Down), ch('j')], Act::Down, "↓ j", "", "scroll down"),
    INTERRUPT,
];
const IN_HELP: &[Binding] = &[
    bind(&[ch('?'), ESC, ch('q')], Act::Back, "esc", "back", "close (also q, ?)"),
    bind(&[key(KeyCode::Up), ch('k')], Act::Up, "↑ k", "", "scroll up"),
    bind(&[key(KeyCode::Down), ch('j')], Act::Down, "↓ j", "", "scroll down"),
    bind(&[key(KeyCode::PageDown), ch('n'), ch(' ')], Act::PageDown, "PgDn n", "", "a page down"),
    bind(&[key(KeyCode::PageUp), ch('p')], Act::PageUp, "PgUp p", "", "a page up"),
    INTERRUPT,
];

/// The groups of a context.
pub const fn groups(context: Context) -> &'static [&'static [Binding]] {
    match context {
        Context::Tasks => &[
            CANCEL,
            REQUEUE,
            DELETE,
            SELECT,
            OPEN_TASK,
            FILTER_TASKS,
            HELP,
            QUIT,
            SCREENS,
            STATES,
            FREEZE,
            SORT,
            LOG_LINES,
            PRIORITY,
            QUEUES,
            SELECT_MORE,
            COPY,
            MOVE,
            LAST_ROW,
            BACK,
            GLOBAL,
        ],
        Context::Details => {
            &[CANCEL, REQUEUE, DELETE, LOG_LINES, COPY, HELP, IN_DETAILS, PRIORITY, QUEUES, FREEZE, SCREENS]
        }
        Context::Workers => {
            &[OPEN_WORKER, SELECT, QUEUES, HELP, QUIT, SCREENS, FREEZE, SORT, COPY, MOVE, LAST_ROW, BACK, GLOBAL]
        }
        Context::Benchmarks => {
            &[OPEN_RUNS, SPANS, HELP, QUIT, SCREENS, FREEZE, SORT, COPY, MOVE, LAST_ROW, BACK, GLOBAL]
        }
        Context::Logs => {
            &[FILTER_TEXT, LEVELS, FOLLOW, OPEN_LINE, HELP, QUIT, SCREENS, FREEZE, COPY, MOVE, BACK, GLOBAL]
        }
        Context::Audit => {
            &[FILTER_TEXT, OPEN_LINE, HELP, QUIT, SCREENS, FREEZE, SORT, COPY, MOVE, LAST_ROW, BACK, GLOBAL]
        }
        Context::Filter => &[TYPING],
        Context::Confirm => &[CONFIRM],
        Context::Queues => &[AMONG_QUEUES],
        Context::Note => &[READING],
        Context::Quit => &[LEAVING],
        Context::Help => &[IN_HELP],
    }
}
