//! Text from outside cannot hurt the terminal, wherever it is shown.

use cipherdeck_ui::{
    Action, Answer, Event, Row, ScreenKind, Snapshot, Target, TaskId, TaskState,
    snapshot::{Alert, Gpu, Gpus},
    state::Tone,
};
use ratatui::buffer::Buffer;

use crate::{draw, fixtures, on, state, type_keys};

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
    HOSTILE.clone_into(&mut snapshot.actor);
    snapshot.alerts =
        vec![Alert::StoreUnreachable { since: 0, reason: HOSTILE.to_owned() }, Alert::Paused(vec![HOSTILE.to_owned()])];
    poison_fleet(&mut snapshot);
    poison_records(&mut snapshot);
    snapshot
}

fn poison_fleet(snapshot: &mut Snapshot) {
    let fleet = snapshot.fleet.as_mut().unwrap();
    for node in &mut fleet.nodes {
        node.name = format!("{HOSTILE}{}", node.name);
        HOSTILE.clone_into(&mut node.version);
    }
    for worker in &mut fleet.workers {
        worker.node = format!("{HOSTILE}{}", worker.node);
        for text in [&mut worker.name, &mut worker.short, &mut worker.device] {
            *text = format!("{HOSTILE}{text}");
        }
        if let Some(doing) = &mut worker.doing {
            HOSTILE.clone_into(&mut doing.use_case);
            doing.id = TaskId::new(HOSTILE);
        }
    }
    let gpu = Gpu { name: HOSTILE.to_owned(), tasks: vec![TaskId::new(HOSTILE)], ..fixtures::console::gpu() };
    snapshot.gpus = Gpus::Found(vec![gpu]);
    for queue in &mut snapshot.queues {
        HOSTILE.clone_into(&mut queue.use_case);
    }
}

fn poison_records(snapshot: &mut Snapshot) {
    let history = snapshot.history.as_mut().unwrap();
    HOSTILE.clone_into(&mut history.rule);
    for (index, row) in history.rows.iter_mut().enumerate() {
        row.timed.use_case = format!("{HOSTILE}{index}");
        HOSTILE.clone_into(&mut row.timed.device);
    }
    let first = history.rows[0].timed.clone();
    history.chosen.as_mut().unwrap().timed = first;
    for line in &mut snapshot.logs.as_mut().unwrap().lines {
        HOSTILE.clone_into(&mut line.target);
        HOSTILE.clone_into(&mut line.text);
    }
    for row in &mut snapshot.audit.as_mut().unwrap().rows {
        for text in [&mut row.actor, &mut row.door, &mut row.action, &mut row.object, &mut row.result] {
            HOSTILE.clone_into(text);
        }
    }
    snapshot.detail = fixtures::console::detail();
    for attempt in &mut snapshot.detail.attempts {
        HOSTILE.clone_into(&mut attempt.worker);
        HOSTILE.clone_into(&mut attempt.outcome);
    }
    for line in &mut snapshot.detail.log {
        HOSTILE.clone_into(&mut line.text);
    }
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
    for screen in ScreenKind::ALL {
        for (width, height) in [(160, 45), (80, 24), (60, 15)] {
            for keys in [
                vec![],
                vec!["enter"],
                vec!["enter", "down", "page-down", "page-down"],
                vec!["C"],
                vec!["space", "space", "space", "C"],
                vec!["D"],
                vec!["space", "down", "space", "D"],
                vec!["P"],
                vec!["P", "down", "down", "down", "P"],
                vec!["/", "u", "s", "e", ":"],
                vec!["/", "w", "o", "r", "k", "e", "r", ":", "tab"],
                vec![">", "r"],
                vec!["?"],
                vec!["q"],
                vec!["y"],
                vec!["o"],
            ] {
                let (mut state, snapshot) = on(screen, width, height, snapshot);
                type_keys(&mut state, &snapshot, &keys);
                assert_harmless(&draw(&state, &snapshot), &format!("{screen:?} {width}x{height} {keys:?}"));
            }
        }
    }
}

#[test]
fn hostile_answers_are_harmless() {
    let (mut state, snapshot) = on(ScreenKind::Logs, 80, 24, fixtures::busy);
    state.update(&snapshot, Event::Said { tone: Tone::Bad, text: HOSTILE.to_owned() });
    assert_harmless(&draw(&state, &snapshot), "said");
    let answers = vec![(Target::Worker(HOSTILE.to_owned()), Answer::Failed(HOSTILE.to_owned()))];
    state.update(&snapshot, Event::Answered { action: Action::Drain, answers, last: true });
    assert_harmless(&draw(&state, &snapshot), "answered");
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

#[test]
fn figures_that_are_none_are_drawn_without_panic() {
    for (width, height) in [(160, 45), (80, 24), (60, 15), (300, 100)] {
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, f64::MAX] {
            let poisoned = |rows| {
                let mut snapshot = fixtures::busy(rows);
                let history = snapshot.history.as_mut().unwrap();
                history.rows[0].stats.mean = odd;
                history.rows[0].comparison.as_mut().unwrap().ratio = odd;
                let chosen = history.chosen.as_mut().unwrap();
                (chosen.histogram.from_s, chosen.chart.bucket_ms) = (odd, i64::MAX / 4);
                for bucket in &mut chosen.chart.buckets {
                    (bucket.mean, bucket.min, bucket.at) = (odd, odd, i64::MAX / 4);
                }
                let bootstraps = snapshot.bootstraps.as_mut().unwrap();
                bootstraps.per_second = odd as f32;
                bootstraps.history.values[3] = odd as f32;
                bootstraps.history.interval_ms = 0;
                snapshot.fleet.as_mut().unwrap().workers[0].doing.as_mut().unwrap().progress = Some(odd as f32);
                snapshot
            };
            for screen in ScreenKind::ALL {
                let (state, snapshot) = on(screen, width, height, poisoned);
                draw(&state, &snapshot);
            }
        }
    }
}
