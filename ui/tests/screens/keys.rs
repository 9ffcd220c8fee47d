//! What the other keys do.

use cipherdeck_ui::{Action, Answer, Command, Event, Filter, Go, Query, Snapshot, State, Tab, Target, TaskState};

use crate::{at_work, fixtures, press, text, type_keys};

fn load(tab: Tab, go: Go, limit: usize) -> Command {
    Command::Load(Query { tab, filter: Filter::default(), go, limit })
}

#[test]
fn a_filter_is_typed_completed_and_dropped() {
    let (mut state, snapshot) = at_work(80, 24);
    type_keys(&mut state, &snapshot, &["/", "u", "s", "e", ":", "w", "tab"]);
    assert_eq!(state.typing.as_deref(), Some("use:weight_stats "));
    assert!(text(&state, &snapshot).contains("/use:weight_stats"));
    let commands = press(&mut state, &snapshot, "enter");
    let filter = Filter { use_case: Some("weight_stats".into()), ..Filter::default() };
    assert_eq!(commands, [Command::Load(Query { tab: Tab::All, filter, go: Go::First, limit: 13 })]);
    state.update(&snapshot, Event::Refreshed);
    assert!(text(&state, &snapshot).contains("/ use case weight_stats"));
    assert_eq!(press(&mut state, &snapshot, "esc"), [load(Tab::All, Go::First, 13)]);
    assert_eq!(press(&mut state, &snapshot, "esc"), [], "there is nothing left to go back from");
}

#[test]
fn a_filter_that_is_not_understood_stays_and_says_why() {
    let (mut state, snapshot) = at_work(80, 24);
    assert_eq!(type_keys(&mut state, &snapshot, &["/", "x", "y", "z", "enter"]), []);
    assert_eq!(state.typing.as_deref(), Some("xyz"));
    assert!(text(&state, &snapshot).contains("no use case begins with xyz"));
    type_keys(&mut state, &snapshot, &["ctrl-u", "9", "3", "backspace", "enter"]);
    assert_eq!(state.tasks.filter.id.as_deref(), Some("9"));
    type_keys(&mut state, &snapshot, &["/", "esc"]);
    assert_eq!((state.typing.clone(), state.tasks.filter.id.as_deref()), (None, Some("9")));
}

#[test]
fn why_a_filter_is_not_taken_goes_when_it_is_another_one_or_none() {
    let (mut state, snapshot) = at_work(80, 24);
    let complains = |state: &State| text(state, &snapshot).contains("no use case begins with xyz");
    type_keys(&mut state, &snapshot, &["/", "x", "y", "z", "enter"]);
    assert!(complains(&state));
    for change in ["backspace", "a", "esc"] {
        let mut state = state.clone();
        press(&mut state, &snapshot, change);
        assert!(!complains(&state), "{change}");
        press(&mut state, &snapshot, "right");
        assert!(!complains(&state), "{change}, and another tab");
    }
    state.update(&snapshot, Event::Paste("4".into()));
    assert!(!complains(&state));
}

/// The task at `index` is cancelled.
fn cancelled(state: &mut State, snapshot: &Snapshot, index: usize) {
    let answers = vec![(Target::Task(snapshot.rows()[index].id.clone()), Answer::Done)];
    state.update(snapshot, Event::Answered { action: Action::Cancel, answers, last: true });
}

#[test]
fn while_a_filter_is_typed_no_message_stands_beside_it_and_none_is_lost() {
    let (mut state, snapshot) = at_work(80, 24);
    let says = |state: &State| text(state, &snapshot).contains("1 task cancelled");
    cancelled(&mut state, &snapshot, 2);
    state.update(&snapshot, Event::Tick(fixtures::NOW));
    assert!(says(&state));
    type_keys(&mut state, &snapshot, &["/", "f", "o", "o", ":"]);
    assert!(!says(&state), "it was read");
    cancelled(&mut state, &snapshot, 3);
    state.update(&snapshot, Event::Tick(fixtures::NOW + 60_000));
    assert!(!says(&state));
    press(&mut state, &snapshot, "esc");
    state.update(&snapshot, Event::Tick(fixtures::NOW + 70_000));
    assert!(says(&state), "it has waited");
    state.update(&snapshot, Event::Tick(fixtures::NOW + 82_000));
    assert!(!says(&state));
}

#[test]
fn what_is_said_about_a_key_goes_with_the_next_key_and_what_became_of_a_task_stays() {
    let (mut state, snapshot) = at_work(80, 24);
    let hints = |state: &State| text(state, &snapshot).contains("nothing to requeue");
    type_keys(&mut state, &snapshot, &["R", "down"]);
    assert!(hints(&state), "nobody has seen it yet");
    state.update(&snapshot, Event::Tick(fixtures::NOW));
    assert!(hints(&state));
    press(&mut state, &snapshot, "down");
    assert!(!hints(&state));
    cancelled(&mut state, &snapshot, 2);
    state.update(&snapshot, Event::Tick(fixtures::NOW));
    type_keys(&mut state, &snapshot, &["down", "right", "4"]);
    assert!(text(&state, &snapshot).contains("1 task cancelled"));
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
    assert_eq!(press(&mut state, &snapshot, "m"), [load(Tab::All, Go::Same, 16)]);
    assert!(!state.wants_samples(&snapshot));
    press(&mut state, &snapshot, "t");
    assert!(text(&state, &snapshot).contains("colours: light"));
}

#[test]
fn a_state_that_the_tab_does_not_list_is_looked_for_among_all() {
    let (mut state, snapshot) = at_work(80, 24);
    press(&mut state, &snapshot, "right");
    let queued = fixtures::busy_tab(Tab::Queued, 13);
    state.update(&queued, Event::Refreshed);
    let filter = |state| Filter { state: Some(state), ..Filter::default() };
    let mut typed = |text: &str| {
        let keys: Vec<_> = text.chars().map(String::from).collect();
        let mut commands = press(&mut state, &queued, "/");
        commands.extend(press(&mut state, &queued, "ctrl-u"));
        commands.extend(type_keys(&mut state, &queued, &keys.iter().map(String::as_str).collect::<Vec<_>>()));
        commands.extend(press(&mut state, &queued, "enter"));
        commands
    };
    let query = |tab, state| [Command::Load(Query { tab, filter: filter(state), go: Go::First, limit: 13 })];
    assert_eq!(typed("state:queued"), query(Tab::Queued, TaskState::Queued));
    assert_eq!(typed("state:fail"), query(Tab::All, TaskState::Failure));
}

#[test]
fn workers_and_states_are_completed_by_what_is_there() {
    let (mut state, snapshot) = at_work(80, 24);
    let typed = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
    for (text, completed) in [("worker:ty", "worker:tycho/0 "), ("state:re", "state:revoked "), ("age<1", "age<1h ")] {
        press(&mut state, &snapshot, "/");
        type_keys(&mut state, &snapshot, &typed(text).iter().map(String::as_str).collect::<Vec<_>>());
        press(&mut state, &snapshot, "tab");
        assert_eq!(state.typing.as_deref(), Some(completed));
        press(&mut state, &snapshot, "esc");
    }
}

#[test]
fn white_space_of_several_bytes_can_be_typed_completed_and_erased() {
    let (mut state, snapshot) = at_work(120, 40);
    type_keys(&mut state, &snapshot, &["/", "3", "\u{a0}", "s", "l", "tab"]);
    assert_eq!(state.typing.as_deref(), Some("3\u{a0}use:sleep_quality "));
    type_keys(&mut state, &snapshot, &["ctrl-w"]);
    assert_eq!(state.typing.as_deref(), Some("3\u{a0}"));
    type_keys(&mut state, &snapshot, &["ctrl-w"]);
    assert_eq!(state.typing.as_deref(), Some(""));
}
