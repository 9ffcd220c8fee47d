//! What the screens look like.

use cipherdeck_ui::{Event, ScreenKind, Snapshot, State, Tab, theme::Palette};
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
