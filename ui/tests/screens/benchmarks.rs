//! The run history, and the screens' way of asking for what they show.

use cipherdeck_ui::{
    Command, Event, HistoryQuery, ScreenKind,
    snapshot::{Gpus, Page, Span},
};

use crate::{at_work, fixtures, on, press, state, text, type_keys};

fn asked(commands: &[Command]) -> Option<&HistoryQuery> {
    commands.iter().find_map(|command| match command {
        Command::History(query) => Some(query),
        _ => None,
    })
}

#[test]
fn the_history_is_asked_for_when_it_is_looked_at_with_the_room_there_is() {
    let mut state = state(80, 24);
    let snapshot = fixtures::busy(13);
    let commands = press(&mut state, &snapshot, "3");
    assert_eq!(commands[0], Command::Look(ScreenKind::Benchmarks));
    let query = asked(&commands).unwrap();
    assert_eq!((query.span, query.chosen.as_ref()), (Span::Day, None));
    assert!(query.buckets >= 60 && query.classes >= 20, "{query:?}");
    let first = fixtures::console::timed().remove(0);
    let chosen = state.update(&snapshot, Event::Refreshed);
    assert_eq!(asked(&chosen).and_then(|query| query.chosen.as_ref()), Some(&first));
    assert_eq!(state.update(&snapshot, Event::Refreshed), [], "it is asked for once");
    let wider = state.update(&snapshot, Event::Resize { width: 160, height: 45 });
    assert!(asked(&wider).is_some_and(|query| query.buckets > 150));
}

#[test]
fn the_chart_follows_the_highlight_and_never_shows_another_row_s_under_its_name() {
    let (mut state, snapshot) = on(ScreenKind::Benchmarks, 120, 40, fixtures::busy);
    assert!(text(&state, &snapshot).contains("ad_targeting cpu server"));
    let commands = press(&mut state, &snapshot, "down");
    assert_eq!(asked(&commands).and_then(|query| query.chosen.as_ref()), fixtures::console::timed().get(1));
    let shown = text(&state, &snapshot);
    assert!(!shown.contains("ad_targeting cpu server   2.15 s") && shown.contains("loading"), "{shown}");
}

#[test]
fn spans_end_at_their_ends() {
    let (mut state, snapshot) = on(ScreenKind::Benchmarks, 80, 24, fixtures::busy);
    let mut span = |key: &str| asked(&press(&mut state, &snapshot, key)).map(|query| query.span);
    let keys = ["right", "l", "right", "left", "h", "h", "h"].map(&mut span);
    let [week, all, none, back, day, hour, end] = keys;
    assert_eq!((week, all, none), (Some(Span::Week), Some(Span::All), None));
    assert_eq!((back, day, hour, end), (Some(Span::Week), Some(Span::Day), Some(Span::Hour), None));
}

#[test]
fn a_regression_is_marked_by_a_sign_and_its_rule_is_in_the_help() {
    let (mut state, snapshot) = on(ScreenKind::Benchmarks, 160, 45, fixtures::busy);
    let shown = text(&state, &snapshot);
    assert!(shown.contains("!1.23x slower") && shown.contains("0.81x faster") && shown.contains("too few"), "{shown}");
    press(&mut state, &snapshot, "?");
    let help = text(&state, &snapshot);
    assert!(help.contains("regression: median of the last 20"), "{help}");
}

#[test]
fn all_figures_of_a_row_are_read_on_the_smallest_screen() {
    let (mut state, snapshot) = on(ScreenKind::Benchmarks, 60, 15, fixtures::busy);
    press(&mut state, &snapshot, "enter");
    let mut seen = text(&state, &snapshot);
    type_keys(&mut state, &snapshot, &["down"; 9]);
    seen += &text(&state, &snapshot);
    for part in ["1,003, 41.8 an hour", "2.31 s ± 71.6 ms", "2.15 s – 3.26 s", "p95", "p99", "20 newest runs"] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
}

#[test]
fn a_rate_of_a_moment_is_none() {
    let (mut state, snapshot) = on(ScreenKind::Benchmarks, 120, 40, fixtures::busy);
    let shown = text(&state, &snapshot);
    let last = shown.lines().find(|line| line.contains("too few")).unwrap();
    assert!(last.contains("171 s        –  too few"), "{last}");
    type_keys(&mut state, &snapshot, &["end", "enter"]);
    assert!(text(&state, &snapshot).contains("13, too few or too new for a rate"));
}

#[test]
fn each_screen_asks_for_what_it_shows_and_only_then() {
    let (mut state, snapshot) = at_work(80, 24);
    let mut seen = Vec::new();
    for _ in ScreenKind::ALL {
        let commands = press(&mut state, &snapshot, "tab");
        seen.push(match commands.as_slice() {
            [Command::Look(screen)] => (*screen, "nothing"),
            [Command::Look(screen), Command::History(_)] => (*screen, "history"),
            [Command::Look(screen), Command::Logs(_)] => (*screen, "logs"),
            [Command::Look(screen), Command::Audit(_)] => (*screen, "audit"),
            [Command::Look(screen), Command::Load(_)] => (*screen, "tasks"),
            other => panic!("{other:?}"),
        });
        state.update(&snapshot, Event::Refreshed);
    }
    let expected = ["nothing", "history", "logs", "audit", "tasks"];
    let screens = ScreenKind::ALL.into_iter().cycle().skip(1);
    assert_eq!(seen, screens.zip(expected).collect::<Vec<_>>());
    assert_eq!(press(&mut state, &snapshot, "1"), [], "it is shown already");
    assert_eq!(press(&mut state, &snapshot, "back-tab")[0], Command::Look(ScreenKind::Audit));
}

#[test]
fn gpus_are_asked_only_while_they_are_on_the_screen() {
    let (mut state, snapshot) = at_work(80, 24);
    assert!(!state.wants_gpus());
    press(&mut state, &snapshot, "2");
    assert!(state.wants_gpus() && state.wants_samples(&fixtures::empty()));
    press(&mut state, &snapshot, "f");
    assert!(!state.wants_gpus() && !state.wants_samples(&snapshot));
    type_keys(&mut state, &snapshot, &["f", "4"]);
    assert!(!state.wants_gpus() && !state.wants_samples(&snapshot));
    let absent = "none here: NVIDIA's library is not installed";
    let (state, snapshot) = on(ScreenKind::Workers, 80, 24, |_| fixtures::empty());
    assert_eq!(snapshot.gpus, Gpus::Absent(absent.to_owned()));
    assert!(text(&state, &snapshot).contains(absent));
}

#[test]
fn a_worker_leads_to_its_task_and_esc_back() {
    let (mut state, snapshot) = on(ScreenKind::Workers, 80, 24, fixtures::busy);
    let commands = type_keys(&mut state, &snapshot, &["down", "enter"]);
    assert!(commands.contains(&Command::Watch(Some(fixtures::id(0)))), "{commands:?}");
    assert_eq!(state.screen, ScreenKind::Tasks);
    // The list of tasks may be another page: until the store has answered, the task is not said to be gone.
    let elsewhere = cipherdeck_ui::Snapshot { page: Some(Page::default()), ..snapshot.clone() };
    assert!(text(&state, &elsewhere).contains("loading"));
    state.update(&elsewhere, Event::Refreshed);
    assert!(text(&state, &elsewhere).contains("This task is gone"));
    let commands = press(&mut state, &snapshot, "esc");
    assert!(commands.contains(&Command::Look(ScreenKind::Workers)), "{commands:?}");
    // An idle worker and a node have no task: their figures are shown.
    for (keys, title) in [(vec!["home", "enter"], "Node"), (vec!["esc", "end", "enter"], "Worker")] {
        type_keys(&mut state, &snapshot, &keys);
        assert!(text(&state, &snapshot).contains(&format!("╭ {title} ─")), "{title}");
    }
}

#[test]
fn many_cores_have_lines_of_their_own() {
    let (state, mut snapshot) = on(ScreenKind::Workers, 160, 45, fixtures::busy);
    let title =
        |snapshot: &_| text(&state, snapshot).lines().find(|line| line.contains("load 1.02")).unwrap().to_owned();
    assert!(title(&snapshot).contains("4 cores"));
    snapshot.machine.as_mut().unwrap().cores = vec![1.0; 128];
    assert!(!title(&snapshot).contains('█'));
    let shown = text(&state, &snapshot);
    assert_eq!(shown.matches(&"█".repeat(50)).count(), 2, "{shown}");
}

#[test]
fn what_comes_for_another_screen_asks_for_nothing() {
    let (mut state, mut snapshot) = on(ScreenKind::Logs, 80, 24, fixtures::busy);
    snapshot.page = Some(Page { before: 13, ..Page::default() });
    assert_eq!(state.update(&snapshot, Event::Refreshed), []);
    // Keys that waited for a page are forgotten when its screen is left.
    let (mut state, snapshot) = at_work(80, 24);
    type_keys(&mut state, &snapshot, &["n", "down", "down", "4", "1"]);
    assert_eq!(state.update(&snapshot, Event::Refreshed), []);
    assert_eq!(state.tasks.table.index(), 0);
}
