//! How tasks are changed.

use std::collections::BTreeSet;

use cipherdeck_ui::{
    Action, Answer, Command, Event, Snapshot, Tab, Target, TaskId, TaskState,
    snapshot::Page,
    state::{Popup, Tone},
};

use crate::{at_work, fixtures, press, text, type_keys};

fn at(snapshot: &Snapshot, index: usize) -> TaskId {
    snapshot.rows()[index].id.clone()
}

fn task_of(target: Target) -> TaskId {
    match target {
        Target::Task(id) => id,
        other => panic!("{other:?} is no task"),
    }
}

fn acted(commands: Vec<Command>) -> (Action, BTreeSet<TaskId>) {
    match <[Command; 1]>::try_from(commands) {
        Ok([Command::Act { action, targets }]) => (action, targets.into_iter().map(task_of).collect()),
        other => panic!("no single action: {other:?}"),
    }
}

#[test]
fn keys_do_nothing_to_rows_of_a_tab_that_was_left() {
    let (mut state, snapshot) = at_work(80, 24);
    press(&mut state, &snapshot, "right");
    assert_eq!(type_keys(&mut state, &snapshot, &["C", "space", "a", "enter", "y"]), []);
    assert_eq!((state.popup.clone(), state.tasks.table.selected().len()), (None, 0));
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
    let moved = fixtures::busy_tab(Tab::Queued, 13);
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
    assert_eq!(state.tasks.table.selected().len(), 8);
    press(&mut state, &snapshot, "C");
    let shown = text(&state, &snapshot);
    for part in ["Cancel 6 tasks?", "4 queued", "2 started", "2 of the selected are left out"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let (_, ids) = acted(press(&mut state, &snapshot, "y"));
    assert_eq!(ids, (0..6).map(|index| at(&snapshot, index)).collect());
    assert_eq!(state.tasks.table.selected().len(), 2, "what was not acted on stays selected");
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
    let id = |index| Target::Task(at(&snapshot, index));
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
    type_keys(&mut state, &snapshot, &["space", "right"]);
    let other = fixtures::busy_tab(Tab::Queued, 13);
    state.update(&other, Event::Refreshed);
    press(&mut state, &other, "C");
    assert!(matches!(&state.popup, Some(Popup::Confirm(confirm)) if confirm.subject.len() == 1));
    press(&mut state, &other, "n");
    // It ends while it is selected.
    let mut ended = fixtures::busy(13);
    ended.page.as_mut().unwrap().rows[0].state = TaskState::Success;
    press(&mut state, &other, "left");
    state.update(&ended, Event::Refreshed);
    press(&mut state, &ended, "C");
    assert!(state.popup.is_none());
    press(&mut state, &ended, "R");
    assert!(state.popup.is_some());
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
