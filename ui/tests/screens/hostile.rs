//! Text from outside cannot hurt the terminal, wherever it is shown.

use cipherdeck_ui::{Event, Row, Snapshot, TaskId, TaskState, snapshot::Alert};
use ratatui::buffer::Buffer;

use crate::{draw, fixtures, state, type_keys};

/// Controls, escape sequences, writing direction, zero width, combining marks, wide characters.
const HOSTILE: &str =
    "\x1b[2J\x1b]52;c;aGk=\x07\r\n\t\u{9b}31m\u{202e}abc\u{2066}\u{200b}\u{feff}e\u{301}\u{301}日本\u{ad}\0";

fn poisoned(row: &mut Row) {
    for text in [&mut row.uid_tag, &mut row.client, &mut row.use_case, &mut row.capability] {
        HOSTILE.clone_into(text);
    }
    for text in [&mut row.worker, &mut row.worker_short, &mut row.device, &mut row.failure, &mut row.failure_detail] {
        *text = Some(HOSTILE.to_owned());
    }
    row.id = TaskId::new(&format!("{HOSTILE}{}", row.id.as_str()));
}

fn snapshot(rows: usize) -> Snapshot {
    let mut snapshot = fixtures::busy(rows);
    for row in &mut snapshot.page.as_mut().unwrap().rows {
        poisoned(row);
    }
    let server = &mut snapshot.server;
    for text in [&mut server.name, &mut server.node, &mut server.environment, &mut server.address, &mut server.store] {
        HOSTILE.clone_into(text);
    }
    server.use_cases.push(HOSTILE.to_owned());
    snapshot.alerts =
        vec![Alert::StoreUnreachable { since: 0, reason: HOSTILE.to_owned() }, Alert::Paused(vec![HOSTILE.to_owned()])];
    snapshot
}

fn assert_harmless(buffer: &Buffer, what: &str) {
    for cell in &buffer.content {
        for c in cell.symbol().chars() {
            let bad = c.is_control()
                || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{301}');
            assert!(!bad, "{what}: {:?} reached the screen", cell.symbol());
        }
    }
}

#[test]
fn hostile_text_never_reaches_the_screen() {
    for (width, height) in [(160, 45), (80, 24), (60, 15)] {
        for keys in [
            vec![],
            vec!["enter"],
            vec!["C"],
            vec!["space", "space", "space", "C"],
            vec!["/", "u", "s", "e", ":"],
            vec!["?"],
            vec!["q"],
            vec!["y"],
        ] {
            let mut state = state(width, height);
            let snapshot = snapshot(state.rows());
            state.update(&snapshot, Event::Refreshed);
            type_keys(&mut state, &snapshot, &keys);
            assert_harmless(&draw(&state, &snapshot), &format!("{width}x{height} {keys:?}"));
        }
    }
}

#[test]
fn hostile_text_typed_or_pasted_into_the_filter_is_cleaned() {
    let mut state = state(80, 24);
    let snapshot = fixtures::busy(state.rows());
    state.update(&snapshot, Event::Refreshed);
    type_keys(&mut state, &snapshot, &["/"]);
    state.update(&snapshot, Event::Paste(HOSTILE.repeat(50)));
    assert_harmless(&draw(&state, &snapshot), "filter");
    assert!(state.typing.as_ref().unwrap().chars().count() <= 200);
    type_keys(&mut state, &snapshot, &["enter"]);
    assert_harmless(&draw(&state, &snapshot), "refused filter");
}

#[test]
fn every_state_of_a_failed_row_is_drawn_without_panic() {
    // Times out of order, as after a clock that stepped back, and numbers that are none.
    let mut state = state(160, 45);
    let mut snapshot = fixtures::busy(state.rows());
    for (index, row) in snapshot.page.as_mut().unwrap().rows.iter_mut().enumerate() {
        row.state = TaskState::ALL[index % 6];
        row.progress = Some([f32::NAN, -1.0, 7.0, f32::INFINITY][index % 4]);
        row.started = Some(i64::MAX / 4);
        row.finished = Some(i64::MIN / 4);
        row.created = i64::MAX / 4;
        row.attempt = u32::MAX;
    }
    state.update(&snapshot, Event::Refreshed);
    draw(&state, &snapshot);
    type_keys(&mut state, &snapshot, &["enter"]);
    draw(&state, &snapshot);
}
