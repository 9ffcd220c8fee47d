//! One changed field of the snapshot changes exactly the cells that show it, on each screen.

use cipherdeck_ui::{
    ScreenKind, Snapshot, State,
    snapshot::{AuditRow, Fleet, Gpus, LogLine, Summary, Verdict},
};
use ratatui::layout::Rect;

use crate::{draw, fixtures, lines, on};

/// What a change of the snapshot changes: the smallest rectangle around it.
fn changed(state: &State, snapshot: &Snapshot, change: impl Fn(&mut Snapshot)) -> Option<Rect> {
    let mut other = snapshot.clone();
    change(&mut other);
    let (before, after) = (draw(state, snapshot), draw(state, &other));
    let cells = before.area.positions().filter(|at| before[*at] != after[*at]);
    cells.map(|at| Rect::new(at.x, at.y, 1, 1)).reduce(Rect::union)
}

/// Line and columns of a title, up to the next one.
fn column(state: &State, snapshot: &Snapshot, title: &str) -> (u16, u16, u16) {
    let shown = lines(&draw(state, snapshot));
    let line = shown.iter().position(|line| line.contains(title)).unwrap();
    let at = shown[line][..shown[line].find(title).unwrap()].chars().count() as u16;
    (line as u16, at, at + title.len() as u16)
}

fn fleet(snapshot: &mut Snapshot) -> &mut Fleet {
    snapshot.fleet.as_mut().unwrap()
}

#[test]
fn a_worker_s_progress_changes_its_bar_only() {
    let (state, snapshot) = on(ScreenKind::Workers, 160, 45, fixtures::busy);
    let (line, start, _) = column(&state, &snapshot, "PROGRESS");
    let area = changed(&state, &snapshot, |snapshot| {
        fleet(snapshot).workers[0].doing.as_mut().unwrap().progress = Some(0.61);
    });
    let area = area.unwrap();
    assert_eq!((area.y, area.height), (line + 2, 1), "kepler/0 stands below its node");
    assert!(area.x >= start && area.right() <= start + 30, "{area:?}");
}

#[test]
fn a_count_of_a_worker_changes_one_cell() {
    let (state, snapshot) = on(ScreenKind::Workers, 160, 45, fixtures::busy);
    let (line, _, end) = column(&state, &snapshot, "DONE");
    let area = changed(&state, &snapshot, |snapshot| fleet(snapshot).workers[0].done += 1);
    assert_eq!(area, Some(Rect::new(end - 1, line + 2, 1, 1)));
}

#[test]
fn a_gpu_s_temperature_changes_its_digits_only() {
    let (state, snapshot) = on(ScreenKind::Workers, 160, 45, fixtures::busy);
    let (line, start, _) = column(&state, &snapshot, "54 °C");
    let area = changed(&state, &snapshot, |snapshot| {
        if let Gpus::Found(gpus) = &mut snapshot.gpus {
            gpus[0].temperature_c = Some(65);
        }
    });
    assert_eq!(area, Some(Rect::new(start, line, 2, 1)));
}

#[test]
fn a_sample_of_the_gpu_changes_the_end_of_its_graph_until_the_graph_moves_on() {
    let (state, mut snapshot) = on(ScreenKind::Workers, 160, 45, fixtures::busy);
    let sample = |snapshot: &mut Snapshot| {
        if let Gpus::Found(gpus) = &mut snapshot.gpus {
            gpus[0].history.values.push(1.0);
            gpus[0].history.end += gpus[0].history.interval_ms;
        }
    };
    let mut moved = 0;
    for _ in 0..30 {
        let area = changed(&state, &snapshot, sample);
        assert!(area.is_none_or(|area| area.x > 80 && area.y > 30), "{area:?}");
        moved += usize::from(area.is_some_and(|area| area.width > 1));
        sample(&mut snapshot);
    }
    // 15 minutes over 156 dots: one for about three samples.
    assert!(moved <= 11, "{moved}");
}

#[test]
fn a_mean_of_the_history_changes_its_cell_and_what_is_said_of_its_row() {
    let (state, snapshot) = on(ScreenKind::Benchmarks, 160, 45, fixtures::busy);
    let row = |snapshot: &mut Snapshot, change: fn(&mut Summary)| {
        change(&mut snapshot.history.as_mut().unwrap().rows[3]);
    };
    let (line, _, end) = column(&state, &snapshot, "MEAN");
    let area = changed(&state, &snapshot, |snapshot| row(snapshot, |row| row.stats.mean = 99.9)).unwrap();
    assert_eq!((area.y, area.height, area.right() <= end), (line + 4, 1, true), "{area:?}");
    let (line, start, _) = column(&state, &snapshot, "NEWEST");
    let slower = |row: &mut Summary| row.comparison.as_mut().unwrap().verdict = Verdict::Slower;
    let area = changed(&state, &snapshot, |snapshot| row(snapshot, slower)).unwrap();
    assert_eq!((area.x, area.y, area.height), (start, line + 4, 1), "a sign, a word and a colour");
}

#[test]
fn a_bucket_changes_the_chart_only() {
    let (state, snapshot) = on(ScreenKind::Benchmarks, 160, 45, fixtures::busy);
    let area = changed(&state, &snapshot, |snapshot| {
        let chosen = snapshot.history.as_mut().unwrap().chosen.as_mut().unwrap();
        let low = chosen.chart.buckets.iter().map(|bucket| bucket.min).fold(f64::INFINITY, f64::min);
        chosen.chart.buckets.last_mut().unwrap().min = low;
    });
    assert!(area.unwrap().width <= 1, "one bucket is one column: {area:?}");
}

#[test]
fn a_log_line_changes_its_own_line_only() {
    let (state, snapshot) = on(ScreenKind::Logs, 160, 45, fixtures::busy);
    let line = |snapshot: &mut Snapshot, change: fn(&mut LogLine)| {
        change(&mut snapshot.logs.as_mut().unwrap().lines[4]);
    };
    let (title, start, _) = column(&state, &snapshot, "TEXT");
    let area = changed(&state, &snapshot, |snapshot| line(snapshot, |line| line.text = "x".repeat(150))).unwrap();
    assert_eq!((area.x, area.y, area.height), (start, title + 5, 1));
    let (title, start, _) = column(&state, &snapshot, "TIME");
    let area = changed(&state, &snapshot, |snapshot| line(snapshot, |line| line.at += 1_000)).unwrap();
    assert_eq!((area.y, area.height), (title + 5, 1));
    assert!(area.x >= start && area.right() <= start + 8);
}

#[test]
fn an_act_in_the_audit_log_changes_its_own_cell_only() {
    let (state, snapshot) = on(ScreenKind::Audit, 160, 45, fixtures::busy);
    let (title, start, _) = column(&state, &snapshot, "RESULT");
    let area = changed(&state, &snapshot, |snapshot| {
        let rows: &mut Vec<AuditRow> = &mut snapshot.audit.as_mut().unwrap().rows;
        "gone".clone_into(&mut rows[2].result);
    });
    assert_eq!(area, Some(Rect::new(start, title + 3, 1, 1)), "\"done\" and \"gone\" differ by a letter");
}

#[test]
fn on_a_screen_that_shows_no_ages_time_changes_nothing() {
    for screen in [ScreenKind::Benchmarks, ScreenKind::Logs, ScreenKind::Audit] {
        let (state, mut snapshot) = on(screen, 160, 45, fixtures::busy);
        snapshot.oldest = None;
        assert_eq!(state.next_change(&snapshot), None, "{screen:?}");
        assert_eq!(changed(&state, &snapshot, |snapshot| snapshot.now += 3_600_000), None, "{screen:?}");
    }
}

#[test]
fn the_workers_change_exactly_when_announced() {
    let (state, mut snapshot) = on(ScreenKind::Workers, 160, 45, fixtures::busy);
    // The machine's samples have an end of their own.
    for _ in 0..30 {
        let millis = state.next_change(&snapshot).unwrap();
        let at = |later: i64| move |snapshot: &mut Snapshot| snapshot.now += later;
        assert_eq!(changed(&state, &snapshot, at(millis - 1)), None);
        assert!(changed(&state, &snapshot, at(millis)).is_some());
        snapshot.now += millis;
    }
}
