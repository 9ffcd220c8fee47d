//! How keys move the highlight, pages and what is open.

use cipherdeck_ui::{Command, Event, Filter, Go, Query, Snapshot, State, Tab, TaskId, snapshot::Page};

use crate::{at_work, fixtures, press, state, text, type_keys};

fn highlighted(state: &State) -> TaskId {
    state.tasks.table.highlighted().unwrap().clone()
}

fn at(snapshot: &Snapshot, index: usize) -> TaskId {
    snapshot.rows()[index].id.clone()
}

fn load(tab: Tab, go: Go, limit: usize) -> Command {
    Command::Load(Query { tab, filter: Filter::default(), go, limit })
}

#[test]
fn the_first_event_asks_for_as_many_rows_as_there_is_room_for() {
    let mut state = state(80, 24);
    let commands = state.update(&fixtures::empty(), Event::Refreshed);
    assert_eq!(commands, [load(Tab::All, Go::Same, 13)]);
    assert_eq!(state.update(&fixtures::empty(), Event::Refreshed), []);
}

#[test]
fn a_resize_asks_for_the_new_number_of_rows() {
    let (mut state, snapshot) = at_work(80, 24);
    let commands = state.update(&snapshot, Event::Resize { width: 80, height: 40 });
    assert_eq!(commands, [load(Tab::All, Go::Same, 25)]);
    assert_eq!(state.update(&snapshot, Event::Resize { width: 100, height: 40 }), []);
}

#[test]
fn arrows_and_letters_move_the_highlight() {
    let (mut state, snapshot) = at_work(80, 24);
    for (key, index) in [("down", 1), ("j", 2), ("k", 1), ("up", 0), ("up", 0), ("G", 12), ("g", 0)] {
        assert_eq!(press(&mut state, &snapshot, key), [], "{key}");
        assert_eq!(highlighted(&state), at(&snapshot, index), "{key}");
    }
}

#[test]
fn the_ends_of_a_page_lead_to_the_next_and_back() {
    let (mut state, mut snapshot) = at_work(80, 24);
    assert_eq!(type_keys(&mut state, &snapshot, &["G", "down"]), [load(Tab::All, Go::Next, 13)]);
    let mut page = fixtures::busy(40).page.unwrap();
    page.rows.drain(..13);
    page.rows.truncate(13);
    page.before = 13;
    snapshot.page = Some(page);
    state.update(&snapshot, Event::Refreshed);
    assert_eq!(highlighted(&state), at(&snapshot, 0));
    assert_eq!(press(&mut state, &snapshot, "up"), [load(Tab::All, Go::Previous, 13)]);
    let first = fixtures::busy(13);
    state.update(&first, Event::Refreshed);
    assert_eq!(highlighted(&state), at(&first, 12));
    for (key, go) in [("page-down", Go::Next), ("page-up", Go::Previous), ("g", Go::First)] {
        let mut state = state.clone();
        assert_eq!(press(&mut state, &snapshot, key), [load(Tab::All, go, 13)]);
    }
}

#[test]
fn a_page_that_has_emptied_leads_back() {
    let (mut state, mut snapshot) = at_work(80, 24);
    snapshot.page = Some(Page { before: 13, ..Page::default() });
    assert_eq!(state.update(&snapshot, Event::Refreshed), [load(Tab::All, Go::Previous, 13)]);
}

#[test]
fn states_are_reached_in_turn() {
    let (mut state, snapshot) = at_work(80, 24);
    for (key, tab) in [
        ("right", Tab::Queued),
        ("l", Tab::Started),
        ("right", Tab::Finished),
        ("h", Tab::Started),
        ("left", Tab::Queued),
        ("left", Tab::All),
        ("left", Tab::Revoked),
        ("right", Tab::All),
    ] {
        assert_eq!(press(&mut state, &snapshot, key), [load(tab, Go::First, 13)], "{key}");
    }
}

#[test]
fn help_and_details_scroll_to_their_end_and_no_further() {
    let (mut state, snapshot) = at_work(60, 15);
    type_keys(&mut state, &snapshot, &["?"]);
    type_keys(&mut state, &snapshot, &["down"; 300]);
    assert!(text(&state, &snapshot).contains("PgUp p     a page up"));
    let end = text(&state, &snapshot);
    press(&mut state, &snapshot, "up");
    assert_ne!(text(&state, &snapshot), end, "one key back moves");
    type_keys(&mut state, &snapshot, &["esc", "enter", "page-down", "page-down", "page-down"]);
    assert!(text(&state, &snapshot).contains("input      296 B"));
    type_keys(&mut state, &snapshot, &["page-up"; 9]);
    assert!(text(&state, &snapshot).contains(at(&snapshot, 0).as_str()));
}

#[test]
fn the_details_stay_on_their_task_and_follow_the_highlight() {
    let (mut state, snapshot) = at_work(160, 45);
    let first = at(&snapshot, 0);
    let commands = press(&mut state, &snapshot, "enter");
    assert!(commands.contains(&Command::Watch(Some(first.clone()))));
    // The task leaves the page; the host still delivers it.
    let mut moved = snapshot.clone();
    let gone = moved.page.as_mut().unwrap().rows.remove(0);
    moved.watched = Some(gone);
    state.update(&moved, Event::Refreshed);
    assert!(text(&state, &moved).contains(first.as_str()));
    assert_eq!(press(&mut state, &moved, "y"), [Command::Copy(first.as_str().to_owned())]);
    let second = at(&moved, 1);
    assert_eq!(press(&mut state, &moved, "down"), [Command::Watch(Some(second))]);
    assert!(press(&mut state, &moved, "esc").contains(&Command::Watch(None)));
    moved.watched = None;
    state.tasks.details = Some(first);
    assert!(text(&state, &moved).contains("This task is gone"));
}
