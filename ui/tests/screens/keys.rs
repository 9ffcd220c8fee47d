//! What each key does.

use std::collections::BTreeSet;

use cipherdeck_ui::{
    Action, Answer, Command, Event, Filter, Go, Query, Snapshot, State, Tab, TaskId, TaskState,
    snapshot::Page,
    state::{Popup, Tone},
};

use crate::{at_work, fixtures, press, state, text, type_keys};

fn highlighted(state: &State) -> TaskId {
    state.table.highlighted().unwrap().clone()
}

fn at(snapshot: &Snapshot, index: usize) -> TaskId {
    snapshot.rows()[index].id.clone()
}

fn load(tab: Tab, go: Go, limit: usize) -> Command {
    Command::Load(Query { tab, filter: Filter::default(), go, limit })
}

fn acted(commands: Vec<Command>) -> (Action, BTreeSet<TaskId>) {
    match <[Command; 1]>::try_from(commands) {
        Ok([Command::Act { action, ids }]) => (action, ids.into_iter().collect()),
        other => panic!("no single action: {other:?}"),
    }
}

#[test]
fn the_first_event_asks_for_as_many_rows_as_there_is_room_for() {
    let mut state = state(80, 24);
    let commands = state.update(&fixtures::empty(), Event::Refreshed);
    assert_eq!(commands, [load(Tab::All, Go::Same, 14)]);
    assert_eq!(state.update(&fixtures::empty(), Event::Refreshed), []);
}

#[test]
fn a_resize_asks_for_the_new_number_of_rows() {
    let (mut state, snapshot) = at_work(80, 24);
    let commands = state.update(&snapshot, Event::Resize { width: 80, height: 40 });
    assert_eq!(commands, [load(Tab::All, Go::Same, 26)]);
    assert_eq!(state.update(&snapshot, Event::Resize { width: 100, height: 40 }), []);
}

#[test]
fn arrows_and_letters_move_the_highlight() {
    let (mut state, snapshot) = at_work(80, 24);
    for (key, index) in [("down", 1), ("j", 2), ("k", 1), ("up", 0), ("up", 0), ("G", 13), ("g", 0)] {
        assert_eq!(press(&mut state, &snapshot, key), [], "{key}");
        assert_eq!(highlighted(&state), at(&snapshot, index), "{key}");
    }
}

#[test]
fn the_ends_of_a_page_lead_to_the_next_and_back() {
    let (mut state, mut snapshot) = at_work(80, 24);
    assert_eq!(type_keys(&mut state, &snapshot, &["G", "down"]), [load(Tab::All, Go::Next, 14)]);
    let mut page = fixtures::busy(40).page.unwrap();
    page.rows.drain(..14);
    page.rows.truncate(14);
    page.before = 14;
    snapshot.page = Some(page);
    state.update(&snapshot, Event::Refreshed);
    assert_eq!(highlighted(&state), at(&snapshot, 0));
    assert_eq!(press(&mut state, &snapshot, "up"), [load(Tab::All, Go::Previous, 14)]);
    let first = fixtures::busy(14);
    state.update(&first, Event::Refreshed);
    assert_eq!(highlighted(&state), at(&first, 13));
    assert_eq!(press(&mut state, &snapshot, "page-down"), [load(Tab::All, Go::Next, 14)]);
    assert_eq!(press(&mut state, &snapshot, "page-up"), [load(Tab::All, Go::Previous, 14)]);
    assert_eq!(press(&mut state, &snapshot, "g"), [load(Tab::All, Go::First, 14)]);
}

#[test]
fn a_page_that_has_emptied_leads_back() {
    let (mut state, mut snapshot) = at_work(80, 24);
    snapshot.page = Some(Page { before: 14, ..Page::default() });
    assert_eq!(state.update(&snapshot, Event::Refreshed), [load(Tab::All, Go::Previous, 14)]);
}

#[test]
fn tabs_are_reached_by_number_and_in_turn() {
    let (mut state, snapshot) = at_work(80, 24);
    for (key, tab) in [
        ("3", Tab::Started),
        ("tab", Tab::Finished),
        ("back-tab", Tab::Started),
        ("6", Tab::Revoked),
        ("tab", Tab::All),
        ("back-tab", Tab::Revoked),
        ("2", Tab::Queued),
    ] {
        assert_eq!(press(&mut state, &snapshot, key), [load(tab, Go::First, 14)], "{key}");
    }
    assert_eq!(press(&mut state, &snapshot, "2"), [], "it is shown already");
}

#[test]
fn keys_do_nothing_to_rows_of_a_tab_that_was_left() {
    let (mut state, snapshot) = at_work(80, 24);
    press(&mut state, &snapshot, "2");
    assert_eq!(type_keys(&mut state, &snapshot, &["C", "space", "a", "enter", "y"]), []);
    assert_eq!((state.popup.clone(), state.table.selected().len()), (None, 0));
    assert!(text(&state, &snapshot).contains("loading"));
}

#[test]
fn cancel_names_the_highlighted_task_and_does_nothing_before_yes() {
    let (mut state, snapshot) = at_work(80, 24);
    assert_eq!(press(&mut state, &snapshot, "C"), []);
    let shown = text(&state, &snapshot);
    assert!(shown.contains("Cancel 1 task?") && shown.contains(at(&snapshot, 0).as_str()), "{shown}");
    for no in ["n", "esc", "q"] {
        let mut state = state.clone();
        assert_eq!(press(&mut state, &snapshot, no), []);
        assert_eq!((state.popup, state.pending.len()), (None, 0));
    }
    assert_eq!(press(&mut state, &snapshot, "enter"), [], "only y is yes");
    let (action, ids) = acted(press(&mut state, &snapshot, "y"));
    assert_eq!((action, ids), (Action::Cancel, [at(&snapshot, 0)].into()));
    assert!(text(&state, &snapshot).contains("cancelling"));
}

#[test]
fn the_set_is_fixed_when_the_question_opens() {
    let (mut state, snapshot) = at_work(80, 24);
    type_keys(&mut state, &snapshot, &["down", "down", "C"]);
    let meant = at(&snapshot, 2);
    // Meanwhile the list moves under the question.
    let moved = fixtures::busy_tab(Tab::Queued, 14);
    let moved = Snapshot { page: moved.page.map(|page| Page { tab: Tab::All, ..page }), ..moved };
    state.update(&moved, Event::Refreshed);
    let (_, ids) = acted(press(&mut state, &moved, "y"));
    assert_eq!(ids, [meant].into());
}

#[test]
fn an_action_on_a_selection_leaves_out_what_it_cannot_be_done_to() {
    let (mut state, snapshot) = at_work(80, 24);
    // Started, cancelling, four queued, success, completed.
    type_keys(&mut state, &snapshot, &["space"; 8]);
    assert_eq!(state.table.selected().len(), 8);
    press(&mut state, &snapshot, "C");
    let shown = text(&state, &snapshot);
    for part in ["Cancel 6 tasks?", "4 queued", "2 started", "2 of the selected are left out"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let (_, ids) = acted(press(&mut state, &snapshot, "y"));
    assert_eq!(ids, (0..6).map(|index| at(&snapshot, index)).collect());
    assert_eq!(state.table.selected().len(), 2, "what was not acted on stays selected");
    press(&mut state, &snapshot, "R");
    let shown = text(&state, &snapshot);
    assert!(shown.contains("Requeue 2 tasks?") && shown.contains("the unfetched result is dropped"), "{shown}");
    let (action, ids) = acted(press(&mut state, &snapshot, "y"));
    assert_eq!((action, ids.len()), (Action::Requeue, 2));
}

#[test]
fn an_action_that_fits_nothing_says_so() {
    let (mut state, snapshot) = at_work(80, 24);
    assert_eq!(press(&mut state, &snapshot, "R"), []);
    assert!(state.popup.is_none());
    assert!(text(&state, &snapshot).contains("nothing to requeue: only ended tasks can be"));
}

#[test]
fn a_task_with_an_action_under_way_is_not_asked_about_again() {
    let (mut state, snapshot) = at_work(80, 24);
    type_keys(&mut state, &snapshot, &["C", "y", "C"]);
    assert!(state.popup.is_none());
}

#[test]
fn the_answers_are_counted_and_said() {
    let (mut state, snapshot) = at_work(80, 24);
    type_keys(&mut state, &snapshot, &["a", "C", "y"]);
    let id = |index| at(&snapshot, index);
    let answers = vec![(id(0), Answer::Stopping), (id(1), Answer::Refused(TaskState::Success)), (id(2), Answer::Done)];
    state.update(&snapshot, Event::Answered { action: Action::Cancel, answers, last: false });
    assert_eq!(state.pending.len(), 3);
    let answers = vec![(id(3), Answer::Done), (id(4), Answer::Gone), (id(5), Answer::Failed("disk full".into()))];
    state.update(&snapshot, Event::Answered { action: Action::Cancel, answers, last: true });
    assert!(state.pending.is_empty());
    let toast = state.toast.clone().unwrap();
    assert_eq!(
        toast.text,
        "2 tasks cancelled, 1 stops at its next step, 1 refused (is success), 1 gone, 1 failed (disk full)"
    );
    assert_eq!(toast.tone, Tone::Bad);
    // It stays for a while from when it was drawn, also on a frozen screen.
    state.update(&snapshot, Event::Tick(fixtures::NOW + 500_000));
    assert_eq!(state.next_change(&Snapshot::default()), Some(12_000));
    state.update(&snapshot, Event::Tick(fixtures::NOW + 511_999));
    assert!(state.toast.is_some());
    state.update(&snapshot, Event::Tick(fixtures::NOW + 512_000));
    assert_eq!(state.toast, None);
}

#[test]
fn the_selection_outlives_its_page_and_remembers_the_last_known_state() {
    let (mut state, snapshot) = at_work(80, 24);
    type_keys(&mut state, &snapshot, &["space", "tab"]);
    let other = fixtures::busy_tab(Tab::Queued, 14);
    state.update(&other, Event::Refreshed);
    press(&mut state, &other, "C");
    assert!(matches!(&state.popup, Some(Popup::Confirm(confirm)) if confirm.tasks.len() == 1));
    press(&mut state, &other, "n");
    // It ends while it is selected.
    let mut ended = fixtures::busy(14);
    ended.page.as_mut().unwrap().rows[0].state = TaskState::Success;
    press(&mut state, &other, "1");
    state.update(&ended, Event::Refreshed);
    press(&mut state, &ended, "C");
    assert!(state.popup.is_none());
    press(&mut state, &ended, "R");
    assert!(state.popup.is_some());
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
    state.details = Some(first);
    assert!(text(&state, &moved).contains("This task is gone"));
}

#[test]
fn a_filter_is_typed_completed_and_dropped() {
    let (mut state, snapshot) = at_work(80, 24);
    type_keys(&mut state, &snapshot, &["/", "u", "s", "e", ":", "w", "tab"]);
    assert_eq!(state.typing.as_deref(), Some("use:weight_stats "));
    assert!(text(&state, &snapshot).contains("/use:weight_stats"));
    let commands = press(&mut state, &snapshot, "enter");
    let filter = Filter { use_case: Some("weight_stats".into()), ..Filter::default() };
    assert_eq!(commands, [Command::Load(Query { tab: Tab::All, filter, go: Go::First, limit: 14 })]);
    state.update(&snapshot, Event::Refreshed);
    assert!(text(&state, &snapshot).contains("/ use case weight_stats"));
    assert_eq!(press(&mut state, &snapshot, "esc"), [load(Tab::All, Go::First, 14)]);
    assert_eq!(press(&mut state, &snapshot, "esc"), [], "there is nothing left to go back from");
}

#[test]
fn a_filter_that_is_not_understood_stays_and_says_why() {
    let (mut state, snapshot) = at_work(80, 24);
    assert_eq!(type_keys(&mut state, &snapshot, &["/", "x", "y", "z", "enter"]), []);
    assert_eq!(state.typing.as_deref(), Some("xyz"));
    assert!(text(&state, &snapshot).contains("no use case begins with xyz"));
    type_keys(&mut state, &snapshot, &["ctrl-u", "9", "3", "backspace", "enter"]);
    assert_eq!(state.filter.id.as_deref(), Some("9"));
    type_keys(&mut state, &snapshot, &["/", "esc"]);
    assert_eq!((state.typing.clone(), state.filter.id.as_deref()), (None, Some("9")));
}

#[test]
fn letters_typed_into_the_filter_are_no_commands_and_pasted_text_is_none_anywhere() {
    let (mut state, snapshot) = at_work(80, 24);
    assert_eq!(state.update(&snapshot, Event::Paste("Cy".into())), []);
    assert_eq!((state.popup.clone(), state.typing.clone()), (None, None));
    type_keys(&mut state, &snapshot, &["/", "C", "q", "y"]);
    assert_eq!((state.popup.clone(), state.typing.as_deref()), (None, Some("Cqy")));
    state.update(&snapshot, Event::Paste("\n936da\t".into()));
    assert_eq!(state.typing.as_deref(), Some("Cqy 936da "));
}

#[test]
fn leaving_is_asked_about_and_ctrl_c_twice_leaves() {
    let (state, snapshot) = at_work(80, 24);
    for (keys, expected) in [
        (vec!["q", "l"], vec![Command::Leave]),
        (vec!["q", "D"], vec![Command::Drain]),
        (vec!["q", "d"], vec![]),
        (vec!["q", "s"], vec![]),
        (vec!["ctrl-c"], vec![]),
        (vec!["ctrl-c", "ctrl-c"], vec![Command::Leave]),
        (vec!["C", "ctrl-c", "ctrl-c"], vec![Command::Leave]),
        (vec!["/", "ctrl-c", "ctrl-c"], vec![Command::Leave]),
        (vec!["enter", "q"], vec![Command::Watch(None)]),
    ] {
        let mut state = state.clone();
        let mut commands = type_keys(&mut state, &snapshot, &keys);
        commands.retain(|command| !matches!(command, Command::Load(_) | Command::Watch(Some(_))));
        assert_eq!(commands, expected, "{keys:?}");
    }
}

#[test]
fn freeze_machine_and_colours_are_switched() {
    let (mut state, snapshot) = at_work(80, 24);
    assert!(state.wants_samples(&snapshot));
    assert!(!state.wants_samples(&fixtures::empty()), "idle: no samples");
    assert_eq!(press(&mut state, &snapshot, "f"), [Command::Freeze(true)]);
    assert!(!state.wants_samples(&snapshot));
    assert_eq!(press(&mut state, &snapshot, "f"), [Command::Freeze(false)]);
    assert_eq!(press(&mut state, &snapshot, "m"), [load(Tab::All, Go::Same, 17)]);
    assert!(!state.wants_samples(&snapshot));
    press(&mut state, &snapshot, "t");
    assert!(text(&state, &snapshot).contains("colours: light"));
}

#[test]
fn on_a_screen_too_small_to_show_a_question_nothing_is_done() {
    let (mut state, snapshot) = at_work(80, 24);
    press(&mut state, &snapshot, "C");
    state.update(&snapshot, Event::Resize { width: 40, height: 10 });
    assert!(!type_keys(&mut state, &snapshot, &["y"]).iter().any(|command| matches!(command, Command::Act { .. })));
    let mut commands = type_keys(&mut state, &snapshot, &["ctrl-c", "ctrl-c"]);
    assert_eq!(commands.pop(), Some(Command::Leave));
}

#[test]
fn help_and_details_scroll_to_their_end_and_no_further() {
    let (mut state, snapshot) = at_work(60, 15);
    type_keys(&mut state, &snapshot, &["?"]);
    type_keys(&mut state, &snapshot, &["down"; 100]);
    assert!(text(&state, &snapshot).contains("ask how to leave; twice: leave"));
    let end = text(&state, &snapshot);
    press(&mut state, &snapshot, "up");
    assert_ne!(text(&state, &snapshot), end, "one key back moves");
    type_keys(&mut state, &snapshot, &["esc", "enter", "page-down", "page-down", "page-down"]);
    assert!(text(&state, &snapshot).contains("input      296 B"));
    type_keys(&mut state, &snapshot, &["page-up"; 9]);
    assert!(text(&state, &snapshot).contains(at(&snapshot, 0).as_str()));
}
