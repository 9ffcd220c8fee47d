//! Deleting, priorities, queues, workers, whole filters, exports; and who may do that.

use cipherdeck_ui::{
    Action, Answer, Command, Event, Filter, Gathered, Role, ScreenKind, Snapshot, State, Tab, Target, TaskState,
    snapshot::Span,
    state::{Memory, Popup, Tone},
};

use crate::{at_work, fixtures, on, press, text, type_keys};

/// The single action among the commands.
fn act(commands: Vec<Command>) -> (Action, Vec<Target>) {
    let mut acts = commands.into_iter().filter_map(|command| match command {
        Command::Act { action, targets } => Some((action, targets)),
        _ => None,
    });
    let act = acts.next().unwrap();
    assert_eq!(acts.next(), None);
    act
}

fn answered(state: &mut State, snapshot: &Snapshot, action: Action, target: Target, answer: Answer) -> String {
    state.update(snapshot, Event::Answered { action, answers: vec![(target, answer)], last: true });
    assert!(state.pending.is_empty());
    state.toast.clone().unwrap().text
}

#[test]
fn an_ended_task_is_deleted_after_a_question() {
    let (mut state, snapshot) = at_work(80, 24);
    type_keys(&mut state, &snapshot, &["X"]);
    assert!(state.popup.is_none(), "a running task is not deleted");
    assert!(text(&state, &snapshot).contains("nothing to delete: only ended tasks can be"));
    type_keys(&mut state, &snapshot, &["down"; 8]);
    press(&mut state, &snapshot, "X");
    let shown = text(&state, &snapshot);
    assert!(shown.contains("Delete 1 task?") && shown.contains("its input is lost"), "{shown}");
    let (action, targets) = act(press(&mut state, &snapshot, "y"));
    assert_eq!((action, targets.clone()), (Action::Delete, vec![Target::Task(snapshot.rows()[8].id.clone())]));
    assert!(text(&state, &snapshot).contains("deleting"));
    let said = answered(&mut state, &snapshot, action, targets[0].clone(), Answer::Done);
    assert_eq!(said, "1 task deleted");
}

#[test]
fn priorities_of_waiting_tasks_are_raised_and_lowered() {
    for (key, action, title) in
        [("+", Action::Priority(1), "Raise 2 tasks?"), ("-", Action::Priority(-1), "Lower 2 tasks?")]
    {
        let (mut state, snapshot) = at_work(80, 24);
        // One that runs, one that is being cancelled, two that wait.
        type_keys(&mut state, &snapshot, &["space", "space", "space", "space", key]);
        let shown = text(&state, &snapshot);
        assert!(shown.contains(title) && shown.contains("2 of the selected are left out"), "{shown}");
        let (asked, targets) = act(press(&mut state, &snapshot, "y"));
        assert_eq!((asked, targets.len()), (action, 2));
        state.pending.remove(&targets[1]);
        let refused = Answer::Refused(TaskState::Started);
        let said = answered(&mut state, &snapshot, action, targets[0].clone(), refused);
        assert_eq!(said, "1 refused (is started)");
        assert_eq!(state.toast.unwrap().tone, Tone::Bad);
    }
}

#[test]
fn a_queue_is_paused_and_resumed_among_the_queues() {
    let (mut state, snapshot) = at_work(80, 24);
    assert!(!state.wants_queues());
    // The highlighted task is of weight_stats, the last of the three.
    press(&mut state, &snapshot, "P");
    assert!(state.wants_queues());
    let shown = text(&state, &snapshot);
    assert!(shown.contains("sleep_quality              ≥ 410  paused"), "{shown}");
    press(&mut state, &snapshot, "P");
    assert!(text(&state, &snapshot).contains("Pause the queue of weight_stats?"));
    assert!(text(&state, &snapshot).contains("412 waiting tasks"));
    let queue = Target::Queue("weight_stats".to_owned());
    let (action, targets) = act(press(&mut state, &snapshot, "y"));
    assert_eq!((action, targets), (Action::Pause, vec![queue.clone()]));
    press(&mut state, &snapshot, "P");
    assert!(text(&state, &snapshot).contains("pausing"));
    press(&mut state, &snapshot, "esc");
    let said = answered(&mut state, &snapshot, action, queue, Answer::Done);
    assert_eq!(said, "1 queue paused");
    // The paused one is resumed.
    type_keys(&mut state, &snapshot, &["P", "up", "P"]);
    assert!(text(&state, &snapshot).contains("Resume the queue of sleep_quality?"));
    let (action, _) = act(press(&mut state, &snapshot, "y"));
    assert_eq!(action, Action::Resume);
}

#[test]
fn a_worker_is_drained_and_taken_back() {
    let (mut state, snapshot) = on(ScreenKind::Workers, 80, 24, fixtures::busy);
    type_keys(&mut state, &snapshot, &["down", "D"]);
    let shown = text(&state, &snapshot);
    assert!(shown.contains("Drain 1 worker?") && shown.contains("finishes 9e3779b9 weight_stats"), "{shown}");
    let (action, targets) = act(press(&mut state, &snapshot, "y"));
    let worker = Target::Worker(snapshot.fleet.as_ref().unwrap().workers[0].name.clone());
    assert_eq!((action, targets), (Action::Drain, vec![worker.clone()]));
    assert!(text(&state, &snapshot).contains("◌ draining"));
    assert_eq!(answered(&mut state, &snapshot, action, worker, Answer::Gone), "1 gone");
    // tycho/0 is draining already.
    type_keys(&mut state, &snapshot, &["down", "down", "down", "D"]);
    assert!(text(&state, &snapshot).contains("Undrain 1 worker?"));
    let (action, targets) = act(press(&mut state, &snapshot, "y"));
    assert_eq!((action, targets.len()), (Action::Undrain, 1));
}

#[test]
fn a_node_stands_for_its_workers_and_marks_add_up() {
    let (mut state, snapshot) = on(ScreenKind::Workers, 80, 24, fixtures::busy);
    press(&mut state, &snapshot, "D");
    assert!(text(&state, &snapshot).contains("Drain 2 workers?"), "those of kepler");
    press(&mut state, &snapshot, "n");
    type_keys(&mut state, &snapshot, &["space", "down", "down", "down", "down", "space", "D"]);
    assert_eq!(state.fleet.selected().len(), 2);
    assert!(text(&state, &snapshot).contains("Drain 3 workers?"));
    press(&mut state, &snapshot, "y");
    assert!(state.fleet.selected().is_empty());
}

#[test]
fn everything_that_matches_is_selected_as_the_store_knows_it() {
    let (mut state, snapshot) = at_work(80, 24);
    let commands = press(&mut state, &snapshot, "A");
    assert_eq!(commands, [Command::Gather { tab: Tab::All, filter: Filter::default() }]);
    let memory = Memory { state: TaskState::Queued, use_case: "weight_stats".into(), uid_tag: "3f2a91bc".into() };
    let tasks: std::collections::BTreeMap<_, _> = (0..1_234).map(|n| (fixtures::id(n), memory.clone())).collect();
    let gathered =
        |tab, truncated| Event::Gathered(Gathered { tab, filter: Filter::default(), tasks: tasks.clone(), truncated });
    state.update(&snapshot, gathered(Tab::Failed, false));
    assert!(state.tasks.table.selected().is_empty(), "that was another list");
    state.update(&snapshot, gathered(Tab::All, true));
    assert!(state.toast.as_ref().is_some_and(|toast| toast.text.contains("more match than can be selected")));
    state.update(&snapshot, gathered(Tab::All, false));
    assert_eq!(state.toast.clone().unwrap().text, "all 1,234 tasks that match are selected");
    press(&mut state, &snapshot, "C");
    let shown = text(&state, &snapshot);
    assert!(shown.contains("Cancel 1,234 tasks?") && shown.contains("1,234 queued"), "{shown}");
    let (_, targets) = act(press(&mut state, &snapshot, "y"));
    assert_eq!(targets.len(), 1_234);
}

#[test]
fn the_history_is_exported_and_the_file_named() {
    let (mut state, snapshot) = on(ScreenKind::Benchmarks, 80, 24, fixtures::busy);
    press(&mut state, &snapshot, "right");
    assert_eq!(press(&mut state, &snapshot, "E"), [Command::Export(Span::Week)]);
    assert!(text(&state, &snapshot).contains("writing the runs of the last 7 days"));
    state.update(&snapshot, Event::Said { tone: Tone::Good, text: "12 runs are in runs.csv".to_owned() });
    assert!(text(&state, &snapshot).contains("✓ 12 runs are in runs.csv"));
}

#[test]
fn a_viewer_changes_nothing_anywhere() {
    let viewed = |limit| Snapshot { role: Role::Viewer, ..fixtures::busy(limit) };
    for screen in ScreenKind::ALL {
        for key in ["C", "R", "X", "+", "-", "P", "D", "E", "A", "a", "space"] {
            let (mut state, snapshot) = on(screen, 80, 24, viewed);
            let asked: Vec<_> = type_keys(&mut state, &snapshot, &[key, "y", "P", "y"]);
            let changes = |command: &Command| {
                matches!(command, Command::Act { .. } | Command::Export(_) | Command::Gather { .. } | Command::Drain)
            };
            assert!(!asked.iter().any(changes), "{screen:?} {key}: {asked:?}");
            assert_eq!(state.popup, None, "{screen:?} {key}");
        }
    }
    let (mut state, snapshot) = on(ScreenKind::Tasks, 80, 24, viewed);
    press(&mut state, &snapshot, "C");
    assert!(text(&state, &snapshot).contains("a viewer looks and changes nothing"));
    type_keys(&mut state, &snapshot, &["q", "D"]);
    assert!(matches!(state.popup, Some(Popup::Quit)), "a viewer does not stop the server");
    assert!(!text(&state, &snapshot).contains("drain and stop"));
}
