//! What the screens look like.

use cipherdeck_ui::{
    Event, Row, ScreenKind, Snapshot, State, Tab, TaskState,
    snapshot::{AuditPage, AuditRow, Page},
    theme::Palette,
};
use ratatui::style::Color;

use crate::{at_work, draw, fixtures, on, press, state, text, type_keys};

const SIZES: [(u16, u16); 5] = [(160, 45), (120, 40), (80, 24), (60, 15), (40, 10)];

fn in_all_sizes(name: &str, prepare: impl Fn(&mut State) -> Snapshot) {
    for (width, height) in SIZES {
        let mut state = state(width, height);
        let snapshot = prepare(&mut state);
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), text(&state, &snapshot));
    }
}

fn refreshed(state: &mut State, snapshot: impl FnOnce(usize) -> Snapshot) -> Snapshot {
    let snapshot = snapshot(state.rows());
    state.update(&snapshot, Event::Refreshed);
    snapshot
}

#[test]
fn a_question_names_exactly_what_is_affected() {
    in_all_sizes("confirm", |state| {
        let snapshot = refreshed(state, fixtures::busy);
        type_keys(state, &snapshot, &["space", "space", "space", "space", "C"]);
        snapshot
    });
}

#[test]
fn help_lists_all_keys() {
    in_all_sizes("help", |state| {
        let snapshot = refreshed(state, fixtures::busy);
        press(state, &snapshot, "?");
        snapshot
    });
}

#[test]
fn details_of_a_failed_task() {
    in_all_sizes("details", |state| {
        state.tasks.tab = Tab::Failed;
        let mut snapshot = refreshed(state, |_| fixtures::busy_tab(Tab::Failed, 3));
        press(state, &snapshot, "enter");
        snapshot.detail = fixtures::console::detail();
        snapshot
    });
}

#[test]
fn the_time_left_is_whole_in_the_details_of_a_running_task() {
    for (width, height) in [(160, 45), (120, 40), (80, 24), (60, 15)] {
        for (seconds, left) in [(12, "50 %  ~12 s"), (70, "50 %  ~1 min"), (86_340, "50 %  ~23 h 59 min")] {
            let mut state = state(width, height);
            let rows = vec![fixtures::started(0, seconds, 0.5)];
            let snapshot = refreshed(&mut state, |_| Snapshot {
                page: Some(Page { rows, ..Page::default() }),
                ..fixtures::empty()
            });
            press(&mut state, &snapshot, "enter");
            let shown = text(&state, &snapshot);
            assert!(shown.contains(left), "{width}x{height}: {left} in {shown}");
        }
    }
}

/// The line of a single task in a list of this width.
fn listed(tab: Tab, width: u16, row: &Row) -> String {
    let mut state = state(width, 24);
    state.tasks.tab = tab;
    let page = Page { tab, rows: vec![row.clone()], ..Page::default() };
    let snapshot = refreshed(&mut state, |_| Snapshot { page: Some(page), ..fixtures::empty() });
    let shown = text(&state, &snapshot);
    shown.lines().find(|line| line.contains(&row.id.short())).unwrap().to_owned()
}

#[test]
fn long_times_are_whole_and_where_there_is_no_room_the_cut_is_marked() {
    let day = 86_340;
    let slow = Row { started: Some(fixtures::NOW - 754_000), ..fixtures::ended(0, TaskState::Success) };
    let waiting = Row { created: fixtures::NOW - day * 1_000, ..fixtures::queued(0, 1) };
    for width in [80, 120, 160] {
        assert!(listed(Tab::Finished, width, &slow).contains("  12 min 34 s"), "{width}");
        assert!(listed(Tab::Queued, width, &waiting).contains("  23 h 59 min  "), "{width}");
        let running = listed(Tab::Started, width, &fixtures::started(0, day, 0.5));
        assert!(running.contains("  23 h 59 min  ~23 h 59 min"), "{running}");
    }
    assert!(listed(Tab::All, 160, &slow).contains("  12 min 34 s  "));
    assert!(listed(Tab::All, 80, &slow).ends_with("  12 min"));
    assert!(listed(Tab::All, 80, &waiting).ends_with("  23 h 59 m…"));
}

#[test]
fn the_columns_of_the_audit_log_share_what_room_there_is() {
    let act = |seq, actor: &str, door: &str, action: &str, object: &str| AuditRow {
        seq,
        at: fixtures::NOW,
        actor: actor.to_owned(),
        door: door.to_owned(),
        action: action.to_owned(),
        object: object.to_owned(),
        result: "done".to_owned(),
    };
    let id = fixtures::id(0);
    let start = act(1, "vm", "server", "start", "127.0.0.1:18931");
    let cancel = act(2, "operator", "terminal", "cancel", id.as_str());
    let audit = |width, rows: &[AuditRow]| {
        let page = AuditPage { rows: rows.to_vec(), ..AuditPage::default() };
        let (state, snapshot) =
            on(ScreenKind::Audit, width, 24, |_| Snapshot { audit: Some(page.clone()), ..fixtures::empty() });
        text(&state, &snapshot)
    };
    // Everything is whole, and no column is wider than it must be.
    let shown = audit(80, std::slice::from_ref(&start));
    assert!(shown.contains("  WHO  DOOR    ACTION  OBJECT           RESULT"), "{shown}");
    assert!(shown.contains("  vm   server  start   127.0.0.1:18931  done"), "{shown}");
    let both = [start.clone(), cancel.clone()];
    let shown = audit(80, &both);
    assert!(shown.contains("  vm        server    start   127.0.0.1:18931      done"), "{shown}");
    assert!(shown.contains("  operator  terminal  cancel  9e3779b9-7c15-4d9d…  done"), "{shown}");
    let shown = audit(120, &both);
    assert!(shown.contains(&format!("  operator  terminal  cancel  {}  done", id.as_str())), "{shown}");
    // A long name takes no more than its share.
    let named = act(3, "alice@work SHA256:uNiVztksCsDhcc0u9e8BrrQXVUpKZIDT", "ssh", "log_level", "debug");
    for (width, address, task) in [(80, "127.0.0.1:18931", "9e3779b9-7c15"), (60, "127.0.0.1:", "9e3779b9-7")] {
        let shown = audit(width, &[named.clone(), cancel.clone(), start.clone()]);
        assert!(shown.contains("alice@work") && shown.contains(address) && shown.contains(task), "{shown}");
    }
}

#[test]
fn every_tab() {
    for tab in Tab::ALL {
        let mut state = state(120, 24);
        state.tasks.tab = tab;
        let snapshot = refreshed(&mut state, |_| fixtures::busy_tab(tab, 6));
        insta::assert_snapshot!(format!("tab_{}", tab.title().to_lowercase()), text(&state, &snapshot));
    }
}

#[test]
fn without_colours_nothing_is_coloured_and_everything_is_still_said() {
    for screen in ScreenKind::ALL {
        let (mut state, snapshot) = on(screen, 160, 45, fixtures::busy);
        let coloured = text(&state, &snapshot);
        state.look.palette = Palette::Mono;
        let buffer = draw(&state, &snapshot);
        for cell in &buffer.content {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
        }
        assert_eq!(text(&state, &snapshot), coloured);
    }
}

#[test]
fn what_lies_over_the_other_screens() {
    for (name, screen, keys) in [
        ("queues", ScreenKind::Tasks, vec!["P", "up"]),
        ("pause", ScreenKind::Tasks, vec!["P", "P"]),
        ("delete", ScreenKind::Tasks, vec!["a", "X"]),
        ("raise", ScreenKind::Tasks, vec!["a", "+"]),
        ("drain", ScreenKind::Workers, vec!["space", "D"]),
        ("figures", ScreenKind::Benchmarks, vec!["enter"]),
        ("log_line", ScreenKind::Logs, vec!["enter"]),
        ("act", ScreenKind::Audit, vec!["enter"]),
    ] {
        for (width, height) in [(80, 24), (60, 15)] {
            let (mut state, snapshot) = on(screen, width, height, fixtures::busy);
            type_keys(&mut state, &snapshot, &keys);
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), text(&state, &snapshot));
        }
    }
}

#[test]
fn the_ways_out_are_said() {
    let (mut state, snapshot) = at_work(80, 24);
    press(&mut state, &snapshot, "q");
    insta::assert_snapshot!("quit_80x24", text(&state, &snapshot));
}

#[test]
fn the_footer_shows_the_keys_of_the_key_map_that_work_here() {
    use cipherdeck_ui::keymap::{Context, bindings};
    let (mut state, snapshot) = at_work(300, 45);
    let footer = |state: &State| text(state, &snapshot).lines().last().unwrap().to_owned();
    for (keys, context) in [
        (vec![], Context::Tasks),
        (vec!["enter"], Context::Details),
        (vec!["esc", "/"], Context::Filter),
        (vec!["esc", "C"], Context::Confirm),
        (vec!["esc", "q"], Context::Quit),
        (vec!["esc", "?"], Context::Help),
        (vec!["esc", "P"], Context::Queues),
        (vec!["esc", "2"], Context::Workers),
        (vec!["3"], Context::Benchmarks),
        (vec!["4"], Context::Logs),
        (vec!["enter"], Context::Note),
        (vec!["esc", "5"], Context::Audit),
    ] {
        type_keys(&mut state, &snapshot, &keys);
        state.update(&snapshot, Event::Refreshed);
        assert_eq!(state.context(), context);
        let shown = footer(&state);
        for binding in bindings(context, snapshot.role).filter(|binding| !binding.label.is_empty()) {
            // The highlighted task runs: it can be cancelled, nothing else.
            let expected = !["requeue", "delete", "raise", "lower"].contains(&binding.label);
            let entry = format!("{} {}  ", binding.shown, binding.label);
            assert_eq!(format!("{shown}  ").contains(&entry), expected, "{entry} in {shown:?}");
        }
    }
}

#[test]
fn a_small_screen_says_what_it_needs() {
    let (state, snapshot) = at_work(40, 10);
    let shown = text(&state, &snapshot);
    assert!(shown.contains("needs 60x15") && shown.contains("1,234 queued, 2 started"), "{shown}");
    for (width, height) in [(1, 1), (3, 2), (59, 15), (60, 14), (500, 1)] {
        let (mut state, snapshot) = at_work(width, height);
        draw(&state, &snapshot);
        press(&mut state, &snapshot, "?");
        draw(&state, &snapshot);
    }
}

#[test]
fn a_frozen_screen_says_so() {
    let (mut state, snapshot) = at_work(80, 24);
    press(&mut state, &snapshot, "f");
    assert!(text(&state, &snapshot).contains("‖ frozen 14:44:44"));
    assert!(!text(&state, &snapshot).contains("live"));
}
