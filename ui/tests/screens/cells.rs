//! One changed field changes exactly the cells that show it.

use cipherdeck_ui::{Snapshot, State, TaskState};
use ratatui::layout::Rect;

use crate::{at_work, draw};

/// The smallest rectangle around the cells that a change of the snapshot changes.
fn changed(change: impl Fn(&mut Snapshot)) -> Option<Rect> {
    let (state, snapshot) = at_work(160, 45);
    let mut other = snapshot.clone();
    change(&mut other);
    difference(&state, &snapshot, &other)
}

fn difference(state: &State, one: &Snapshot, other: &Snapshot) -> Option<Rect> {
    let (before, after) = (draw(state, one), draw(state, other));
    let cells = before.area.positions().filter(|at| before[*at] != after[*at]);
    cells.map(|at| Rect::new(at.x, at.y, 1, 1)).reduce(Rect::union)
}

fn row(snapshot: &mut Snapshot, index: usize) -> &mut cipherdeck_ui::Row {
    &mut snapshot.page.as_mut().unwrap().rows[index]
}

/// First line of the list on this screen.
const FIRST: u16 = 7;

#[test]
fn nothing_changed_draws_nothing() {
    assert_eq!(changed(|_| {}), None);
}

#[test]
fn progress_changes_its_bar_and_the_guess_only() {
    let area = changed(|snapshot| row(snapshot, 0).progress = Some(0.61)).unwrap();
    assert_eq!((area.y, area.height), (FIRST, 1));
    let (state, snapshot) = at_work(160, 45);
    let title = crate::lines(&draw(&state, &snapshot))[usize::from(FIRST) - 1].clone();
    let start = title.find("PROGRESS").unwrap() as u16;
    assert!(area.x >= start && area.right() <= start + 40, "{area:?}");
}

#[test]
fn a_new_count_changes_its_figure_and_its_tab() {
    let area = changed(|snapshot| snapshot.counts.queued += 1).unwrap();
    assert!(area.y >= 1 && area.bottom() <= 5, "{area:?}");
}

#[test]
fn a_state_changes_its_row_only() {
    for (index, state) in [(2, TaskState::Revoked), (6, TaskState::Completed)] {
        let area = changed(|snapshot| row(snapshot, index).state = state).unwrap();
        assert_eq!((area.y, area.height), (FIRST + index as u16, 1));
    }
}

#[test]
fn an_attempt_changes_one_cell() {
    let area = changed(|snapshot| row(snapshot, 0).attempt = 2).unwrap();
    assert_eq!((area.y, area.width, area.height), (FIRST, 1, 1));
}

#[test]
fn a_sample_changes_the_machine_panel_only() {
    let area = changed(|snapshot| {
        let machine = snapshot.machine.as_mut().unwrap();
        machine.cpu.push(0.9);
        machine.memory.push(0.1);
        machine.memory_used /= 2;
        machine.cores = vec![0.2, 0.9, 0.9, 0.9];
        machine.load = [9.0, 8.0, 7.0];
    })
    .unwrap();
    assert!(area.y >= 38 && area.bottom() <= 53, "{area:?}");
}

#[test]
fn a_second_changes_ages_only_and_none_when_nothing_waits_or_runs() {
    let (state, snapshot) = at_work(160, 45);
    let later = Snapshot { now: snapshot.now + 1_000, ..snapshot.clone() };
    let area = difference(&state, &snapshot, &later).unwrap();
    // The running task and the queued ones below a minute; not the one that has run for three minutes.
    assert_eq!((area.y, area.bottom()), (FIRST, FIRST + 6));

    let mut idle = snapshot.clone();
    let rows = &mut idle.page.as_mut().unwrap().rows;
    rows.retain(|row| row.state.is_terminal());
    idle.oldest = None;
    assert_eq!(state.next_change(&idle), None);
    let later = Snapshot { now: idle.now + 59_000, ..idle.clone() };
    assert_eq!(difference(&state, &idle, &later), None);
}

#[test]
fn the_next_change_comes_exactly_when_announced() {
    let (state, mut snapshot) = at_work(160, 45);
    for _ in 0..20 {
        let millis = state.next_change(&snapshot).unwrap();
        let before = Snapshot { now: snapshot.now + millis - 1, ..snapshot.clone() };
        let after = Snapshot { now: snapshot.now + millis, ..snapshot.clone() };
        assert_eq!(difference(&state, &snapshot, &before), None);
        assert!(difference(&state, &snapshot, &after).is_some());
        snapshot = after;
    }
}
