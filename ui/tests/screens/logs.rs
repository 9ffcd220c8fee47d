//! Following, holding and searching the log; jumping to it.

use cipherdeck_ui::{
    Command, Event, LogFrom, LogQuery, ScreenKind, Snapshot, State,
    snapshot::{Level, Logs},
};

use crate::{at_work, fixtures, on, press, text, type_keys};

fn asked(commands: &[Command]) -> Option<&LogQuery> {
    commands.iter().rev().find_map(|command| match command {
        Command::Logs(query) => Some(query),
        _ => None,
    })
}

fn from(commands: &[Command]) -> Option<LogFrom> {
    asked(commands).map(|query| query.from)
}

/// Lines `first..last` of 10,000, all of which match.
fn window(snapshot: &mut Snapshot, state: &mut State, first: u64, last: u64) {
    let lines = (first..last).map(fixtures::console::log_line).collect();
    snapshot.logs = Some(Logs { lines, older: first, newer: fixtures::console::LINES - last });
    state.update(snapshot, Event::Refreshed);
}

#[test]
fn the_log_is_asked_for_when_it_is_looked_at_and_follows() {
    let (mut state, snapshot) = at_work(80, 24);
    let commands = press(&mut state, &snapshot, "4");
    let query = LogQuery { level: Level::Info, text: String::new(), from: LogFrom::Newest, limit: 16 };
    assert_eq!(commands, [Command::Look(ScreenKind::Logs), Command::Logs(query)]);
    state.update(&snapshot, Event::Refreshed);
    assert!(text(&state, &snapshot).contains("↓ following"));
    // The newest line stays highlighted as lines come.
    let mut later = snapshot.clone();
    window(&mut later, &mut state, 9_984, 10_000);
    assert_eq!(state.logs.table.highlighted(), Some(&9_999));
    assert_eq!(press(&mut state, &later, "1")[0], Command::Look(ScreenKind::Tasks));
}

#[test]
fn going_up_holds_the_log_and_its_end_lets_it_follow_again() {
    let (mut state, mut snapshot) = on(ScreenKind::Logs, 80, 24, fixtures::busy);
    window(&mut snapshot, &mut state, 9_984, 10_000);
    assert_eq!(from(&press(&mut state, &snapshot, "up")), Some(LogFrom::Until(9_999)), "this window stays");
    assert_eq!(state.logs.table.highlighted(), Some(&9_998));
    let shown = text(&state, &snapshot);
    assert!(shown.contains("‖ held: End follows"), "{shown}");
    assert_eq!(from(&press(&mut state, &snapshot, "page-up")), Some(LogFrom::Before(9_984)));
    window(&mut snapshot, &mut state, 9_968, 9_984);
    assert!(text(&state, &snapshot).contains("16 newer, End follows"));
    assert_eq!(from(&press(&mut state, &snapshot, "page-down")), Some(LogFrom::After(9_983)));
    assert_eq!(from(&press(&mut state, &snapshot, "end")), Some(LogFrom::Newest));
    assert!(state.logs.follows());
    assert_eq!(from(&press(&mut state, &snapshot, "g")), Some(LogFrom::Oldest));
}

#[test]
fn the_window_moves_line_by_line_over_its_ends() {
    let (mut state, mut snapshot) = on(ScreenKind::Logs, 80, 24, fixtures::busy);
    press(&mut state, &snapshot, "page-up");
    window(&mut snapshot, &mut state, 5_000, 5_016);
    state.logs.table.highlight(0, &[5_000]);
    assert_eq!(from(&press(&mut state, &snapshot, "up")), Some(LogFrom::Until(5_014)));
    window(&mut snapshot, &mut state, 4_999, 5_015);
    state.logs.table.highlight(15, &(4_999..5_015).collect::<Vec<_>>());
    assert_eq!(from(&press(&mut state, &snapshot, "down")), Some(LogFrom::After(4_999)));
}

#[test]
fn level_and_text_choose_the_lines() {
    let (mut state, snapshot) = on(ScreenKind::Logs, 80, 24, fixtures::busy);
    let level = |commands: Vec<Command>| asked(&commands).map(|query| query.level);
    assert_eq!(level(press(&mut state, &snapshot, "right")), Some(Level::Warn));
    assert_eq!(level(press(&mut state, &snapshot, "l")), Some(Level::Error));
    assert_eq!(level(press(&mut state, &snapshot, "l")), None, "nothing is more serious");
    assert_eq!(level(press(&mut state, &snapshot, "h")), Some(Level::Warn));
    let commands = type_keys(&mut state, &snapshot, &["/", "D", "i", "s", "k", "enter"]);
    assert_eq!(asked(&commands).map(|query| query.text.as_str()), Some("Disk"));
    assert!(text(&state, &snapshot).contains("/ Disk"));
    assert_eq!(asked(&press(&mut state, &snapshot, "esc")).map(|query| query.text.as_str()), Some(""));
}

#[test]
fn a_task_s_lines_are_one_key_away_and_esc_leads_back() {
    let (mut state, snapshot) = at_work(80, 24);
    let id = snapshot.rows()[0].id.clone();
    press(&mut state, &snapshot, "enter");
    let commands = press(&mut state, &snapshot, "o");
    assert_eq!(commands[0], Command::Look(ScreenKind::Logs));
    let query = asked(&commands).unwrap();
    assert_eq!((query.text.as_str(), query.level), (id.as_str(), Level::Trace));
    let commands = press(&mut state, &snapshot, "esc");
    assert_eq!(commands[0], Command::Look(ScreenKind::Tasks));
    assert_eq!(
        (state.tasks.details.as_ref(), state.logs.text.as_str(), state.logs.level),
        (Some(&id), "", Level::Info)
    );
    assert!(commands.iter().any(|command| matches!(command, Command::Load(_))), "the list is asked for again");
    // Left by its number and found again, the log still shows the task's lines, until esc drops them.
    type_keys(&mut state, &snapshot, &["o", "1", "4"]);
    assert_eq!((state.logs.text.as_str(), state.logs.level), (id.as_str(), Level::Trace));
    press(&mut state, &snapshot, "esc");
    assert_eq!((state.logs.text.as_str(), state.logs.level), ("", Level::Info));
    assert_eq!(state.screen, ScreenKind::Logs);
}

#[test]
fn a_long_line_is_read_in_whole_and_copied() {
    let (mut state, mut snapshot) = on(ScreenKind::Logs, 60, 15, fixtures::busy);
    snapshot.logs.as_mut().unwrap().lines.last_mut().unwrap().text = "word ".repeat(300) + "end";
    press(&mut state, &snapshot, "enter");
    assert!(text(&state, &snapshot).contains("cipherdeck::store::sqlite"));
    assert!(!text(&state, &snapshot).contains("end"));
    type_keys(&mut state, &snapshot, &["down"; 60]);
    assert!(text(&state, &snapshot).contains("word end"));
    let copied = press(&mut state, &snapshot, "y");
    assert!(matches!(copied.as_slice(), [Command::Copy(line)] if line.ends_with("word end")));
}
